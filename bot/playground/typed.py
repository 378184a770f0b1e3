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

_MENTION = r"<(?P<sign>[@#])(?P<id>[A-Z][A-Z0-9]+)(?:\|[^<>]*)?>"
_LINK = r"(?P<link>https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]}])"
_NAMED = r":(?P<emoji>[a-z0-9_+-]+):"
_WITH_MENTIONS = re.compile(f"{_MENTION}|{_LINK}|{_NAMED}")
_LITERAL = re.compile(f"{_LINK}|{_NAMED}")
_NAMES = {"@": ("user", "user_id"), "#": ("channel", "channel_id")}


def rich_text(text: str, *, exists: Callable[[str], bool] | None) -> Json:
    """The rich_text block of a typed text.

    With `exists`, `<@U…>` and `<#C…>` of people and channels that exist are mentions; without it they are
    text like any other. Addresses become links, and known `:names:` emoji.
    """
    section: Json = {"type": "rich_text_section", "elements": list(_elements(text, exists))}
    return {"type": "rich_text", "elements": [section]}


def escaped(block: Json) -> str:
    """The `text` of a message that says what a rich_text block says, with Slack's escapes."""
    return "".join(_as_text(element) for section in block["elements"] for element in section["elements"])


def _elements(text: str, exists: Callable[[str], bool] | None) -> Iterator[Json]:
    pattern = _LITERAL if exists is None else _WITH_MENTIONS
    known = [(found, element) for found in pattern.finditer(text) if (element := _special(found, exists))]
    ends = [0, *(found.end() for found, _ in known)]
    starts = [*(found.start() for found, _ in known), len(text)]
    for index, (begin, end) in enumerate(zip(ends, starts, strict=True)):
        if begin < end:
            yield {"type": "text", "text": text[begin:end]}
        if index < len(known):
            yield known[index][1]


def _special(found: re.Match[str], exists: Callable[[str], bool] | None) -> Json | None:
    """The element that a match stands for; None leaves it as text."""
    parts = found.groupdict()
    if parts["link"]:
        return {"type": "link", "url": parts["link"]}
    if parts["emoji"]:
        code = EMOJI.get(parts["emoji"])
        return None if code is None else {"type": "emoji", "name": parts["emoji"], "unicode": code}
    if exists is None or not exists(parts["id"]):
        return None
    kind, name = _NAMES[parts["sign"]]
    return {"type": kind, name: parts["id"]}


def _as_text(element: Json) -> str:
    kind = element["type"]
    if kind == "user":
        return f"<@{element['user_id']}>"
    if kind == "channel":
        return f"<#{element['channel_id']}>"
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
