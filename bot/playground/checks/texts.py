"""Composition objects: text, options, confirmation dialogs, dispatch configs, slack files."""

import re
from collections.abc import Callable
from datetime import date, time

from bot.playground import limits
from bot.playground.checks.schema import (
    Check,
    Problems,
    array,
    at_least_one_of,
    boolean,
    by_type,
    enum,
    exactly_one_of,
    integer,
    record,
    string,
)
from bot.playground.limits import Limit


def plain_text(at_most: Limit, *, at_least: int = 1) -> Check:
    return by_type({"plain_text": _plain(at_most, at_least)})


def any_text(at_most: Limit, *, at_least: int = 1) -> Check:
    return by_type({"plain_text": _plain(at_most, at_least), "mrkdwn": _mrkdwn(at_most, at_least)})


def _plain(at_most: Limit, at_least: int) -> Check:
    text = string(at_most=at_most, at_least=at_least)
    return record({"type": string(), "text": text, "emoji": boolean}, required=("text",))


def _mrkdwn(at_most: Limit, at_least: int) -> Check:
    text = string(at_most=at_most, at_least=at_least)
    return record({"type": string(), "text": text, "verbatim": boolean}, required=("text",))


def _readable(read: Callable[[str], object], pattern: str, what: str) -> Check:
    """A string of this shape that `read` can make sense of."""

    def check(value: object, at: str, problems: Problems) -> None:
        if not isinstance(value, str) or not re.search(pattern, value):
            string(pattern=pattern)(value, at, problems)
            return
        try:
            read(value)
        except ValueError:
            problems.add(at, f"must be {what}")

    return check


BLOCK_ID = string(at_most=limits.BLOCK_ID, at_least=1)
ACTION_ID = string(at_most=limits.ACTION_ID, at_least=1)
PLACEHOLDER = plain_text(limits.PLACEHOLDER)
DATE = _readable(date.fromisoformat, r"^\d{4}-\d{2}-\d{2}$", "a date")
TIME = _readable(time.fromisoformat, r"^\d{2}:\d{2}$", "a time of day")
DECIMAL = string(pattern=r"^-?\d+(\.\d+)?$")
USER_ID = string(pattern=r"^[UW][A-Z0-9]+$")
CONVERSATION_ID = string(pattern=r"^[CGDUW][A-Z0-9]+$")

CONFIRM = record(
    {
        "title": plain_text(limits.CONFIRM_TITLE),
        "text": any_text(limits.CONFIRM_TEXT),
        "confirm": plain_text(limits.CONFIRM_BUTTON),
        "deny": plain_text(limits.CONFIRM_BUTTON),
        "style": enum("primary", "danger"),
    },
    required=("title", "text", "confirm", "deny"),
)

DISPATCH_CONFIG = record(
    {"trigger_actions_on": array(enum("on_enter_pressed", "on_character_entered"), at_least=1, at_most=2)},
    required=("trigger_actions_on",),
)

CONVERSATION_FILTER = record(
    {
        "include": array(enum("im", "mpim", "private", "public"), at_least=1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    also=(at_least_one_of("include", "exclude_external_shared_channels", "exclude_bot_users"),),
)


def _option(text: Check, *, url: bool = False) -> Check:
    fields = {
        "text": text,
        "value": string(at_most=limits.OPTION_VALUE, at_least=1),
        "description": any_text(limits.OPTION_DESCRIPTION),
    }
    if url:
        fields["url"] = string(at_most=limits.BUTTON_URL)
    return record(fields, required=("text", "value"))


OPTION = _option(plain_text(limits.OPTION_TEXT))
CHOICE_OPTION = _option(any_text(limits.OPTION_TEXT))  # radio buttons and checkboxes take mrkdwn too
OVERFLOW_OPTION = _option(plain_text(limits.OPTION_TEXT), url=True)


def _distinct_values(value: object, at: str, problems: Problems) -> None:
    assert isinstance(value, dict)
    options = value.get("options")
    if not isinstance(options, list):
        return
    values = [option.get("value") for option in options if isinstance(option, dict)]
    if len(set(map(str, values))) < len(values):
        problems.add(f"{at}/options", "Input contains duplicate items")


DISTINCT_VALUES = _distinct_values

OPTION_GROUP = record(
    {
        "label": plain_text(limits.OPTION_GROUP_LABEL),
        "options": array(OPTION, at_most=limits.SELECT_OPTIONS.number),
    },
    required=("label", "options"),
)


def _file_is_ready(value: object, at: str, problems: Problems) -> None:
    assert isinstance(value, dict)
    file_id = value.get("id") or str(value.get("url", "")).rsplit("/", 1)[-1]
    if isinstance(file_id, str) and not problems.facts.image_is_ready(file_id):
        problems.add(at, "invalid slack file")


SLACK_FILE = record({"id": string(), "url": string()}, also=(exactly_one_of("id", "url"), _file_is_ready))

IMAGE_FIELDS: dict[str, Check] = {
    "type": string(),
    "image_url": string(at_most=limits.IMAGE_URL, at_least=1, pattern="^https?://"),
    "slack_file": SLACK_FILE,
    "alt_text": string(at_most=limits.IMAGE_ALT),
    "image_width": integer(),
    "image_height": integer(),
    "image_bytes": integer(),
}
IMAGE_ELEMENT = record(
    IMAGE_FIELDS, required=("alt_text",), also=(exactly_one_of("image_url", "slack_file"),)
)
