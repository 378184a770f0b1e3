"""Slack's limits in one place, and the cuts that keep us inside them. Pure.

Every number is a count of characters unless it says otherwise; where Slack's documentation and
what it does differ, the smaller one stands here.
"""

BLOCKS_IN_MESSAGE = 50
BLOCKS_IN_VIEW = 100
TEXT_OF_EDIT = 4_000
TEXT_OF_BLOCKS = 10_000
"""All block text of a message together; Slack was seen to refuse 11,341."""
SECTION = 3_000
SECTION_FIELDS = 10
SECTION_FIELD = 2_000
HEADER = 150
CONTEXT_ELEMENTS = 10
CONTEXT = 2_000
ACTIONS = 25
BLOCK_ID = 255
ACTION_ID = 255
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
OPTION_TEXT = 75
OPTION_VALUE = 150
OPTIONS = 100
OVERFLOW_OPTIONS = 5
CHECKBOXES = 10
PLACEHOLDER = 150
LABEL = 2_000
INPUT = 3_000
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
ALT_TEXT = 2_000
URL = 3_000
VIEW_TITLE = 24
VIEW_BUTTON = 24
METADATA = 3_000
VIEW_BYTES = 250_000

ELLIPSIS = "…"


def head(text: str, limit: int) -> str:
    """The beginning of the text, at most `limit` characters, with an ellipsis where it was cut."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rstrip() + ELLIPSIS


def tail(text: str, limit: int) -> str:
    """The end of the text, at most `limit` characters, with an ellipsis where it was cut."""
    if len(text) <= limit:
        return text
    return ELLIPSIS + text[len(text) - limit + 1 :].lstrip()


def head_and_tail(text: str, limit: int) -> str:
    """Beginning and end, two thirds and one third; between them how many characters are missing."""
    if len(text) <= limit:
        return text
    mark = f" … ({len(text) - limit:,} more characters) … "
    room = limit - len(mark)
    first = room * 2 // 3
    return text[:first] + mark + text[len(text) - (room - first) :]


def escaped_head(text: str, limit: int) -> str:
    """`head` for text that is already escaped: never cuts an entity such as `&amp;` in two.

    An underscore at the cut goes, too: at the edge of a word it would format.
    """
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    ampersand = cut.rfind("&")
    if ampersand >= 0 and ";" not in cut[ampersand:]:
        cut = cut[:ampersand]
    return cut.rstrip(" \n_") + ELLIPSIS


def lines_within(lines: list[str], limit: int) -> tuple[list[str], int]:
    """The first lines that fit into `limit` characters, and how many were left out."""
    used = 0
    for index, text in enumerate(lines):
        used += len(text) + 1
        if used > limit:
            return lines[:index], len(lines) - index
    return lines, 0
