"""Attachments: the coloured bar with blocks in it, and the older fields that Slack still takes."""

from bot.playground import limits
from bot.playground.checks.schema import (
    Check,
    Problems,
    anything,
    array,
    boolean,
    enum,
    integer,
    record,
    string,
)

_TEXTS = (
    *("fallback", "pretext", "text", "title", "footer", "callback_id", "attachment_type"),
    *("author_id", "author_name", "author_subname", "service_name"),
)
_ADDRESSES = (
    *("title_link", "image_url", "thumb_url", "footer_icon", "author_link", "author_icon"),
    *("service_icon", "service_url", "from_url", "original_url", "app_unfurl_url"),
)
_COLORS = ("good", "warning", "danger")


def _color(value: object, at: str, problems: Problems) -> None:
    if value not in _COLORS:
        string(pattern="^#?[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$")(value, at, problems)


def _time(value: object, at: str, problems: Problems) -> None:
    """Unix seconds, as a number or as a message's ts."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number:
        string(pattern=r"^\d+(\.\d+)?$")(value, at, problems)


_FIELD = record({"title": string(), "value": string(), "short": boolean})
_FIELDS: dict[str, Check] = {
    **dict.fromkeys(_TEXTS, string()),
    **dict.fromkeys(_ADDRESSES, string(at_most=limits.BUTTON_URL)),
    "color": _color,
    "fields": array(_FIELD),
    "mrkdwn_in": array(enum("pretext", "text", "fields", "title", "footer")),
    "ts": _time,
    "id": integer(1),
    "blocks": anything,  # checked with the message's own
    "preview": anything,  # how chat.unfurl looks in the composer
    "actions": anything,  # from before Block Kit
    "hide_color": boolean,
    "is_app_unfurl": boolean,
}
ATTACHMENT = record(_FIELDS)
