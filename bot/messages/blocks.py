"""Builders of the Block Kit blocks that we use, each inside its limit. Pure.

Text given to `rich_*` builders needs no escaping: Slack parses nothing there. Text given to
`section` and `context` is mrkdwn, so what people typed must have gone through `escape` before.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from bot.messages import budget
from bot.messages.escape import plain
from bot.messages.message import Block


def section(mrkdwn: str, *, block_id: str | None = None, accessory: Block | None = None) -> Block:
    block: Block = {
        "type": "section",
        "text": _mrkdwn(budget.escaped_head(mrkdwn, budget.SECTION) or " "),
    }
    if accessory is not None:
        block["accessory"] = accessory
    return _named(block, block_id)


def context(*mrkdwn: str, block_id: str | None = None) -> Block:
    """Small grey text. Empty parts are left out; Slack refuses a context without any."""
    parts = [text for text in mrkdwn if text.strip()] or ["·"]
    elements: list[JsonValue] = [_mrkdwn(budget.escaped_head(text, budget.CONTEXT)) for text in parts]
    return _named({"type": "context", "elements": elements[: budget.CONTEXT_ELEMENTS]}, block_id)


def actions(elements: Sequence[Block], *, block_id: str | None = None) -> Block:
    return _named({"type": "actions", "elements": list(elements[: budget.ACTIONS])}, block_id)


def header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": budget.head(text, budget.HEADER)}}


def divider() -> Block:
    return {"type": "divider"}


def image(file_id: str, alt: str) -> Block:
    """A picture that was uploaded before and is shared by this message alone."""
    return {
        "type": "image",
        "slack_file": {"id": file_id},
        "alt_text": budget.head(plain(alt), budget.ALT_TEXT) or "Plot",
    }


def rich(*parts: Block, block_id: str | None = None) -> Block:
    """A rich_text block of sections, preformatted parts and quotes."""
    return _named({"type": "rich_text", "elements": list(parts)}, block_id)


def rich_line(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def rich_lines(lines: Sequence[Sequence[Block]]) -> Block:
    """One section with a line break between the lines: Slack joins neighbouring sections."""
    elements: list[JsonValue] = []
    for index, line in enumerate(lines):
        if index:
            elements.append(words("\n"))
        elements.extend(line)
    return {"type": "rich_text_section", "elements": elements}


def quote(text: str) -> Block:
    return {"type": "rich_text_quote", "elements": [words(text)]}


def preformatted(text: str) -> Block:
    return {"type": "rich_text_preformatted", "elements": [words(text)]}


def words(text: str, *, bold: bool = False, italic: bool = False, code: bool = False) -> Block:
    """A rich_text text element; never empty, because Slack refuses that."""
    element: Block = {"type": "text", "text": plain(text) or " "}
    style: dict[str, JsonValue] = {
        name: True for name, on in (("bold", bold), ("italic", italic), ("code", code)) if on
    }
    if style:
        element["style"] = style
    return element


def user(user_id: str) -> Block:
    """A mention; it notifies the person when the message is posted."""
    return {"type": "user", "user_id": user_id}


def link(url: str, text: str) -> Block:
    return {"type": "link", "url": url, "text": plain(text)}


def _mrkdwn(text: str) -> Block:
    """Verbatim: Slack follows our marks, and makes no links of addresses, channel names or @names."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _named(block: Block, block_id: str | None) -> Block:
    if block_id is not None:
        block["block_id"] = budget.head(block_id, budget.BLOCK_ID)
    return block
