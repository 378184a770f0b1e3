"""Slack messages as text for a terminal. Pure: JSON in, rich text out."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

Json = Mapping[str, Any]
Names = Mapping[str, str]

_LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_MARKS = re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])|(?<!\w)_([^_\n]+)_(?!\w)|`([^`\n]+)`")
_DATE = re.compile(r"!date\^(\d+)\^")
_BEFORE, _AFTER = "🟥", "🟩"


def card(message: Json, names: Names, note: str = "") -> RenderableType:
    """A message as a panel: who said it, its blocks, its files. `names` maps user ids to names."""
    parts: list[RenderableType] = [
        block for raw in message.get("blocks") or [] for block in _block(raw, names)
    ]
    if not parts:
        parts = [mrkdwn(str(message.get("text") or ""), names)]
    parts += [_file(file) for file in message.get("files") or []]
    title = speaker(message, names)
    style = "cyan" if message.get("thread_ts") in (None, message.get("ts")) else "blue"
    return Panel(Group(*parts), title=f"{title}{note}", title_align="left", border_style=style)


def speaker(message: Json, names: Names) -> str:
    """Who wrote the message."""
    return names.get(str(message.get("user")), str(message.get("user") or "Signoff"))


def plain(message: Json, names: Names) -> str:
    """The same as lines of text, for a pipe and for looking something up."""
    return "\n".join(_lines(message, names))


def mrkdwn(text: str, names: Names) -> Text:
    """Slack's mrkdwn: bold, italic, code, links, mentions and dates."""
    shown = _LINK.sub(lambda match: _reference(match, names), text)
    drawn = Text()
    position = 0
    for match in _MARKS.finditer(shown):
        drawn.append(_unescape(shown[position : match.start()]))
        bold, italic, code = match.groups()
        drawn.append(_unescape(bold or italic or code), "bold" if bold else "italic" if italic else "cyan")
        position = match.end()
    drawn.append(_unescape(shown[position:]))
    return drawn


def _lines(message: Json, names: Names) -> Iterator[str]:
    blocks = message.get("blocks") or []
    for raw in blocks:
        for part in _block(raw, names):
            yield from part.plain.splitlines()
    if not blocks:
        yield from mrkdwn(str(message.get("text") or ""), names).plain.splitlines()
    for file in message.get("files") or []:
        yield _file(file).plain


def _block(raw: Json, names: Names) -> list[Text]:
    draw = _BLOCKS.get(str(raw.get("type")))
    return draw(raw, names) if draw else [Text(f"[{raw.get('type')}]", "dim")]


def _section(raw: Json, names: Names) -> list[Text]:
    texts = [raw["text"]] if raw.get("text") else []
    return [mrkdwn(str(item["text"]), names) for item in (*texts, *raw.get("fields", []))]


def _header(raw: Json, _names: Names) -> list[Text]:
    return [Text(str(raw["text"]["text"]), "bold")]


def _context(raw: Json, names: Names) -> list[Text]:
    drawn = [mrkdwn(str(item.get("text") or item.get("alt_text") or ""), names) for item in raw["elements"]]
    for text in drawn:
        text.stylize("dim")
    return drawn


def _image(raw: Json, _names: Names) -> list[Text]:
    file_id = (raw.get("slack_file") or {}).get("id", "")
    return [Text.assemble(("🖼  ", ""), (str(raw.get("alt_text", "")), "italic"), (f"  ({file_id})", "dim"))]


def _actions(raw: Json, _names: Names) -> list[Text]:
    words = [
        str(element["text"]["text"]) if element.get("text") else "⋯"
        for element in raw["elements"]
        if element.get("type") in {"button", "overflow"}
    ]
    return [Text("  ".join(f"[{word}]" for word in words), "bold magenta")]


def _divider(_raw: Json, _names: Names) -> list[Text]:
    return [Text("─" * 20, "dim")]


def _rich(raw: Json, names: Names) -> list[Text]:
    return [_rich_part(part, names) for part in raw["elements"]]


def _rich_part(part: Json, names: Names) -> Text:
    if part["type"] == "rich_text_list":
        return Text("\n").join(Text("• ").append_text(_rich_part(item, names)) for item in part["elements"])
    drawn = Text().join(_rich_element(element, names) for element in part["elements"])
    if part["type"] == "rich_text_preformatted":
        return Text("\n").join(_diff_line(line) for line in drawn.plain.splitlines())
    return drawn


def _rich_element(element: Json, names: Names) -> Text:
    if element["type"] == "user":
        return Text(f"@{names.get(element['user_id'], element['user_id'])}", "bold")
    if element["type"] == "link":
        return Text(str(element.get("text") or element["url"]), "underline")
    style = element.get("style") or {}
    return Text(
        str(element.get("text") or element.get("name") or ""),
        " ".join(name for name, on in (("bold", style.get("bold")), ("italic", style.get("italic"))) if on),
    )


def _diff_line(line: str) -> Text:
    style = "red" if line.startswith(_BEFORE) else "green" if line.startswith(_AFTER) else ""
    return Text(f"    {line}", style)


def _file(file: Json) -> Text:
    return Text(f"📎 {file.get('title') or file.get('name')} ({file.get('id')})", "cyan")


def _reference(match: re.Match[str], names: Names) -> str:
    target, label = match[1], match[2]
    date = _DATE.match(target)
    if date:
        return f"{datetime.fromtimestamp(int(date[1]), UTC).astimezone():%H:%M}"
    if target.startswith("@"):
        return f"@{names.get(target[1:], target[1:])}"
    return label or target


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


_BLOCKS: Mapping[str, Callable[[Json, Names], list[Text]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "image": _image,
    "actions": _actions,
    "divider": _divider,
    "rich_text": _rich,
}
