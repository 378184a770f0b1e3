"""What a person puts into an element: from the short form of a control call to Slack's `state`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.playground.checks.blocks import placed_elements
from bot.playground.errors import PersonError
from bot.playground.records import Json

_OPTION_LISTS = frozenset({"static_select", "radio_buttons", "overflow", "external_select"})
_MULTI_OPTIONS = frozenset({"multi_static_select", "checkboxes", "multi_external_select"})
_TEXTS = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})
_PATTERNS = {
    "selected_date": r"^\d{4}-\d{2}-\d{2}$",
    "selected_time": r"^\d{2}:\d{2}$",
}
# element type -> (name in the state, name of the initial value in the element)
_NAMES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(_OPTION_LISTS, ("selected_option", "initial_option")),
    **dict.fromkeys(_MULTI_OPTIONS, ("selected_options", "initial_options")),
    **dict.fromkeys(_TEXTS, ("value", "initial_value")),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", "initial_files"),
}
_LISTS = frozenset(name for name, _ in _NAMES.values() if name.endswith("s"))


@dataclass(frozen=True)
class Choices:
    """What a person can choose from: ids that exist, and options that the app offered for this element.

    `conversation_kind` is `public`, `private`, `im` or `mpim`, or None for what the person does not see;
    `has_bot` says of an id whether it is a bot or a direct message with one.
    """

    person_exists: Callable[[str], bool]
    conversation_kind: Callable[[str], str | None]
    has_bot: Callable[[str], bool]
    offered: list[Json]


def keeps_state(element: Json) -> bool:
    return element.get("type") in _NAMES and element["type"] != "overflow"


def initial(element: Json, *, here: str | None) -> Json:
    """The element's value before anybody touched it; `here` is the conversation the form was opened from."""
    kind = element["type"]
    name, initial_name = _NAMES[kind]
    value = element.get(initial_name)
    if value is None and element.get("default_to_current_conversation") and here is not None:
        value = [here] if name in _LISTS else here
    if value is None and name in _LISTS:
        value = []
    return {"type": kind, name: value}


def entered(element: Json, given: Json, choices: Choices) -> Json:
    """The value of `element` after a person entered `given`; PersonError when the client would not let them.

    `given` holds the state's own name (`value`, `selected_option`, ...) or just `value`, which then stands
    for an option's value, an id, a date, or a list of them.
    """
    kind = element["type"]
    if kind not in _NAMES:
        raise PersonError("not_an_input", f"a {kind} takes no value")
    name, _ = _NAMES[kind]
    value = given.get(name, given.get("value"))
    if name in ("selected_option", "selected_options"):
        return {"type": kind, name: _chosen(element, value, choices, several=name == "selected_options")}
    if name == "value":
        return {"type": kind, name: None if value in (None, "") else str(value)}
    _check_ids(element, name, value, choices)
    pattern = _PATTERNS.get(name)
    if pattern is not None and value is not None and not re.search(pattern, str(value)):
        raise PersonError("invalid_value", f"{value!r} is no {name.removeprefix('selected_')}")
    return {"type": kind, name: value}


def options_of(element: Json) -> list[Json]:
    options = list(element.get("options", ()))
    for group in element.get("option_groups", ()):
        options += group["options"]
    return options


def _chosen(element: Json, value: object, choices: Choices, *, several: bool) -> object:
    known = {option["value"]: option for option in [*options_of(element), *choices.offered]}
    for name in ("initial_option", "initial_options"):
        before = element.get(name) or []
        known |= {option["value"]: option for option in ([before] if isinstance(before, dict) else before)}

    def pick(one: object) -> Json:
        wanted = one.get("value") if isinstance(one, dict) else one
        if wanted not in known:
            shown = ", ".join(repr(name) for name in list(known)[:20]) or "none"
            raise PersonError("no_such_option", f"{wanted!r} is not among the options: {shown}")
        return dict(known[str(wanted)])

    if several:
        return [pick(one) for one in (value if isinstance(value, list) else [value])] if value else []
    return None if value is None else pick(value)


def _check_ids(element: Json, name: str, value: object, choices: Choices) -> None:
    can_choose: Callable[[str], bool] | None = {
        "user": choices.person_exists,
        "conversation": lambda one: _passes(element.get("filter") or {}, one, choices),
        "channel": lambda one: choices.conversation_kind(one) == "public",
    }.get(name.removeprefix("selected_").removesuffix("s"))
    if can_choose is None or value is None:
        return
    for one in value if isinstance(value, list) else [value]:
        if not can_choose(str(one)):
            raise PersonError(
                "no_such_choice", f"{one!r} cannot be chosen in a {name.removeprefix('selected_')} list"
            )


def _passes(wanted: Json, one: str, choices: Choices) -> bool:
    """Whether a conversation is in the list of a conversations_select with this `filter`."""
    kind = choices.conversation_kind(one)
    if kind is None or kind not in wanted.get("include", (kind,)):
        return False
    return not (wanted.get("exclude_bot_users") and choices.has_bot(one))


def is_empty(value: Json | None) -> bool:
    return value is None or not any(item for name, item in value.items() if name != "type")


def refusal(element: Json, value: Json | None, *, optional: bool) -> str | None:
    """Why Slack's client would not submit this input, or None."""
    if is_empty(value):
        return None if optional else "Please complete this required field."
    assert value is not None
    text = value.get("value")
    if not isinstance(text, str):
        return None
    return (
        _number_refusal(element, text) if element["type"] == "number_input" else _text_refusal(element, text)
    )


def _text_refusal(element: Json, text: str) -> str | None:
    if len(text) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    if len(text) > element.get("max_length", 3000):
        return f"Please enter at most {element.get('max_length', 3000)} characters."
    if element["type"] == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        return "Please enter a valid email address."
    if element["type"] == "url_text_input" and not re.match(r"https?://\S+$", text):
        return "Please enter a valid URL."
    return None


def _number_refusal(element: Json, text: str) -> str | None:
    shape = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if not re.fullmatch(shape, text):
        return (
            "Please enter a number." if element.get("is_decimal_allowed") else "Please enter a whole number."
        )
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and float(text) < float(low):
        return f"Please enter a number no smaller than {low}."
    if high is not None and float(text) > float(high):
        return f"Please enter a number no larger than {high}."
    return None


def initial_state(blocks: list[Json], *, here: str | None) -> dict[str, Json]:
    """The state of untouched blocks: block_id -> action_id -> value."""
    state: dict[str, Json] = {}
    for outer in blocks:
        for block, element in placed_elements(outer):
            if keeps_state(element):
                state.setdefault(block["block_id"], {})[element["action_id"]] = initial(element, here=here)
    return state


def carried_over(old: dict[str, Json], new: dict[str, Json]) -> dict[str, Json]:
    """The state after an update: what was typed stays where block_id, action_id and type are the same."""
    return {
        block_id: {
            action_id: (
                old[block_id][action_id]
                if old.get(block_id, {}).get(action_id, {}).get("type") == value["type"]
                else value
            )
            for action_id, value in elements.items()
        }
        for block_id, elements in new.items()
    }
