"""What a person types into the composer, as Slack keeps it: escaped text, and rich text beside it."""

import re
from collections.abc import Callable, Iterator
from html import escape

from bot.playground.records import Json

EMOJI = {
    "+1": "1f44d",
    "-1": "1f44e",
    "tada": "1f389",
    "eyes": "1f440",
    "rocket": "1f680",
    "white_check_mark": "2705",
    "x": "274c",
    "warning": "26a0-fe0f",
    "heart": "2764-fe0f",
    "fire": "1f525",
    "thinking_face": "1f914",
    "joy": "1f602",
    "slightly_smiling_face": "1f642",
    "pray": "1f64f",
    "clap": "1f44f",
    "raised_hands": "1f64c",
    "wave": "1f44b",
    "bulb": "1f4a1",
    "chart_with_upwards_trend": "1f4c8",
    "chart_with_downwards_trend": "1f4c9",
    "hourglass_flowing_sand": "23f3",
    "question": "2753",
    "100": "1f4af",
    "robot_face": "1f916",
}
"""Emoji that are known by their names, with their code points."""

_MENTION = re.compile(r"<(?P<sign>@|#|!subteam\^)(?P<id>[A-Z][A-Z0-9]+)(?:\|[^<>]*)?>")
_SPECIAL = re.compile(r"(?P<link>https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]}])|:(?P<emoji>[a-z0-9_+-]+):")
_NAMES = {
    "@": ("user", "user_id"),
    "#": ("channel", "channel_id"),
    "!subteam^": ("usergroup", "usergroup_id"),
}


def rich_text(text: str, *, exists: Callable[[str], bool] | None) -> Json:
    """The rich_text block of a typed text.

    Without `exists` the text is taken letter for letter. With it the text is escaped as Slack escapes, and
    `<@U…>`, `<#C…>` and `<!subteam^S…>` of what exists are mentions. Addresses become links, known
    `:names:` emoji.
    """
    elements = list(_plain(text) if exists is None else _with_mentions(text, exists))
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def escaped(block: Json) -> str:
    """The `text` of a message that says what a rich_text block says, with Slack's escapes."""
    return "".join(_as_text(element) for section in block["elements"] for element in section["elements"])


def _unescape(text: str) -> str:
    """Slack's three escapes and no other: `&copy;` stays as it is."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _with_mentions(text: str, exists: Callable[[str], bool]) -> Iterator[Json]:
    end = 0
    for found in _MENTION.finditer(text):
        if not exists(found["id"]):
            continue
        yield from _plain(_unescape(text[end : found.start()]))
        kind, name = _NAMES[found["sign"]]
        yield {"type": kind, name: found["id"]}
        end = found.end()
    yield from _plain(_unescape(text[end:]))


def _plain(text: str) -> Iterator[Json]:
    end = 0
    for found in _SPECIAL.finditer(text):
        code = EMOJI.get(found["emoji"] or "")
        if code is None and not found["link"]:
            continue
        if end < found.start():
            yield {"type": "text", "text": text[end : found.start()]}
        if found["link"]:
            yield {"type": "link", "url": found["link"]}
        else:
            yield {"type": "emoji", "name": found["emoji"], "unicode": code}
        end = found.end()
    if end < len(text):
        yield {"type": "text", "text": text[end:]}


def _as_text(element: Json) -> str:
    kind = element["type"]
    for sign, (mention, name) in _NAMES.items():
        if kind == mention:
            return f"<{sign}{element[name]}>"
    if kind == "link":
        return f"<{escape(element['url'], quote=False)}>"
    return f":{element['name']}:" if kind == "emoji" else escape(element["text"], quote=False)


def links(blocks: list[Json]) -> list[str]:
    """The addresses that typed text links to, each once, in order."""
    found = (
        element["url"]
        for block in blocks
        if block.get("type") == "rich_text"
        for section in block["elements"]
        for element in section.get("elements", ())
        if element.get("type") == "link"
    )
    return list(dict.fromkeys(found))
