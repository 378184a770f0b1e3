"""Block elements: buttons, selects, pickers, inputs. Which of them may stand where is said in `blocks`."""

import re
from itertools import pairwise

from bot.playground import limits
from bot.playground.checks import rich_text
from bot.playground.checks.schema import (
    Check,
    Problems,
    array,
    boolean,
    enum,
    exactly_one_of,
    integer,
    record,
    string,
)
from bot.playground.checks.texts import (
    ACTION_ID,
    CHOICE_OPTION,
    CONFIRM,
    CONVERSATION_FILTER,
    CONVERSATION_ID,
    DATE,
    DECIMAL,
    DISPATCH_CONFIG,
    DISTINCT_VALUES,
    IMAGE_ELEMENT,
    OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    PLACEHOLDER,
    TIME,
    USER_ID,
    plain_text,
)

_TYPE: dict[str, Check] = {"type": string(), "action_id": ACTION_ID}
_COMMON: dict[str, Check] = {**_TYPE, "confirm": CONFIRM, "focus_on_load": boolean}
_SELECT: dict[str, Check] = {**_COMMON, "placeholder": PLACEHOLDER}
_MANY: dict[str, Check] = {**_SELECT, "max_selected_items": integer(1)}
_TYPED: dict[str, Check] = {
    **_TYPE,
    "focus_on_load": boolean,
    "placeholder": PLACEHOLDER,
    "dispatch_action_config": DISPATCH_CONFIG,
}
_OPTIONS: dict[str, Check] = {
    "options": array(OPTION, at_most=limits.SELECT_OPTIONS.number, at_least=1),
    "option_groups": array(OPTION_GROUP, at_most=limits.OPTION_GROUPS.number, at_least=1),
}
_ONE_LIST = exactly_one_of("options", "option_groups")


def _flat_options(element: dict[object, object]) -> list[object]:
    lists = [element.get("options")]
    groups = element.get("option_groups")
    if isinstance(groups, list):
        lists += [group.get("options") for group in groups if isinstance(group, dict)]
    return [option for options in lists if isinstance(options, list) for option in options]


def _initial_is_an_option(value: object, at: str, problems: Problems) -> None:
    """Slack wants an initial option that equals one of the options, text and all."""
    assert isinstance(value, dict)
    known = _flat_options(value)
    initial = value.get("initial_option")
    if initial is not None and initial not in known:
        problems.add(f"{at}/initial_option", "must match an option in options or option_groups")
    several = value.get("initial_options")
    for index, option in enumerate(several if isinstance(several, list) else ()):
        if option not in known:
            problems.add(f"{at}/initial_options/{index}", "must match an option in options or option_groups")


def _lengths_agree(value: object, at: str, problems: Problems) -> None:
    assert isinstance(value, dict)
    low, high, initial = value.get("min_length"), value.get("max_length"), value.get("initial_value")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        problems.add(at, "min_length must be less than or equal to max_length")
    if isinstance(high, int) and isinstance(initial, str) and len(initial) > high:
        problems.add(f"{at}/initial_value", f"must be less than {high + 1} characters")


def _numbers_agree(value: object, at: str, problems: Problems) -> None:
    """Smallest, first and largest number stand in this order; all are whole where decimals are not taken."""
    assert isinstance(value, dict)
    given = [(name, value.get(name)) for name in ("min_value", "initial_value", "max_value")]
    known = [(name, text) for name, text in given if isinstance(text, str) and _is_number(text)]
    for (low_name, low), (high_name, high) in pairwise(known):
        if float(low) > float(high):
            problems.add(at, f"{low_name} must be less than or equal to {high_name}")
    for name, text in known:
        if value.get("is_decimal_allowed") is False and "." in text:
            problems.add(f"{at}/{name}", "must be a whole number")


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


BUTTON = record(
    {
        **_TYPE,
        "text": plain_text(limits.BUTTON_TEXT),
        "value": string(at_most=limits.BUTTON_VALUE),
        "url": string(at_most=limits.BUTTON_URL),
        "style": enum("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(at_most=limits.BUTTON_LABEL),
        "visible_to_user_ids": array(USER_ID),
    },
    required=("text",),
)
_STATIC_SELECT = record(
    {**_SELECT, **_OPTIONS, "initial_option": OPTION}, also=(_ONE_LIST, _initial_is_an_option)
)
_MULTI_STATIC_SELECT = record(
    {**_MANY, **_OPTIONS, "initial_options": array(OPTION)}, also=(_ONE_LIST, _initial_is_an_option)
)
_EXTERNAL_SELECT = record({**_SELECT, "initial_option": OPTION, "min_query_length": integer(0)})
_MULTI_EXTERNAL_SELECT = record({**_MANY, "initial_options": array(OPTION), "min_query_length": integer(0)})
_CONVERSATIONS: dict[str, Check] = {
    "default_to_current_conversation": boolean,
    "filter": CONVERSATION_FILTER,
}
_CHOICES = array(CHOICE_OPTION, at_most=limits.CHOICES.number, at_least=1)
_PLAIN_TEXT_INPUT = record(
    {
        **_TYPED,
        "initial_value": string(),
        "multiline": boolean,
        "min_length": integer(0, limits.INPUT_LENGTH.number),
        "max_length": integer(1, limits.INPUT_LENGTH.number),
    },
    also=(_lengths_agree,),
)
_NUMBER_INPUT = record(
    {
        **_TYPED,
        "is_decimal_allowed": boolean,
        "initial_value": DECIMAL,
        "min_value": DECIMAL,
        "max_value": DECIMAL,
    },
    required=("is_decimal_allowed",),
    also=(_numbers_agree,),
)

ELEMENTS: dict[str, Check] = {
    "button": BUTTON,
    "image": IMAGE_ELEMENT,
    "static_select": _STATIC_SELECT,
    "multi_static_select": _MULTI_STATIC_SELECT,
    "external_select": _EXTERNAL_SELECT,
    "multi_external_select": _MULTI_EXTERNAL_SELECT,
    "users_select": record({**_SELECT, "initial_user": USER_ID}),
    "multi_users_select": record({**_MANY, "initial_users": array(USER_ID)}),
    "conversations_select": record(
        {
            **_SELECT,
            **_CONVERSATIONS,
            "initial_conversation": CONVERSATION_ID,
            "response_url_enabled": boolean,
        }
    ),
    "multi_conversations_select": record(
        {**_MANY, **_CONVERSATIONS, "initial_conversations": array(CONVERSATION_ID)}
    ),
    "channels_select": record(
        {**_SELECT, "initial_channel": CONVERSATION_ID, "response_url_enabled": boolean}
    ),
    "multi_channels_select": record({**_MANY, "initial_channels": array(CONVERSATION_ID)}),
    "overflow": record(
        {
            **_TYPE,
            "confirm": CONFIRM,
            "options": array(OVERFLOW_OPTION, at_most=limits.OVERFLOW_OPTIONS.number, at_least=1),
        },
        required=("options",),
    ),
    "radio_buttons": record(
        {**_COMMON, "options": _CHOICES, "initial_option": CHOICE_OPTION},
        required=("options",),
        also=(_initial_is_an_option, DISTINCT_VALUES),
    ),
    "checkboxes": record(
        {**_COMMON, "options": _CHOICES, "initial_options": array(CHOICE_OPTION, at_least=1)},
        required=("options",),
        also=(_initial_is_an_option, DISTINCT_VALUES),
    ),
    "datepicker": record({**_SELECT, "initial_date": DATE}),
    "timepicker": record({**_SELECT, "initial_time": TIME, "timezone": string()}),
    "datetimepicker": record({**_COMMON, "initial_date_time": integer(1_000_000_000, 9_999_999_999)}),
    "plain_text_input": _PLAIN_TEXT_INPUT,
    "email_text_input": record({**_TYPED, "initial_value": string()}),
    "url_text_input": record({**_TYPED, "initial_value": string()}),
    "number_input": _NUMBER_INPUT,
    "rich_text_input": record(
        {**_TYPED, "initial_value": rich_text.RICH_TEXT, "min_lines": integer(1), "max_lines": integer(1)}
    ),
    "file_input": record(
        {
            **_TYPE,
            "filetypes": array(string(), at_least=1),
            "max_files": integer(1, limits.FILE_INPUT_FILES.number),
        }
    ),
}

SECTION_ACCESSORIES = frozenset(ELEMENTS) - {
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
}
ACTIONS = SECTION_ACCESSORIES - {"image"}
INPUTS = frozenset(ELEMENTS) - {"button", "image", "overflow"}
"""Elements that an input block may hold."""


def only(names: frozenset[str]) -> dict[str, Check]:
    return {name: ELEMENTS[name] for name in sorted(names)}
