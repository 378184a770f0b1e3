"""How Slack would read a payload: every mark in its mrkdwn, and every element of rich text that is no text.

Written from Slack's formatting guide, not from our escapes. Where Slack's rules for the edges of a word are
not published, a mark counts already when it might be one.
"""

import re
from collections import Counter
from collections.abc import Iterator

_ENTITY = re.compile(r"<([^<>\n]*)>")
_EMOJI = re.compile(r":[a-z0-9_+'-]+:", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:[a-z]+://|mailto:|tel:)\S", re.IGNORECASE)
_SPANS = {
    "code": re.compile(r"`[^`\n]+`"),
    "bold": re.compile(r"(?<![A-Za-z0-9])\*(?! )[^*\n]+(?<! )\*"),
    "strike": re.compile(r"(?<![A-Za-z0-9])~(?! )[^~\n]+(?<! )~"),
    "italic": re.compile(r"(?<![A-Za-z0-9])_(?! )[^_\n]*(?:(?<=\w)_(?=\w)[^_\n]*)*(?<! )_(?![A-Za-z0-9])"),
}
_QUOTE = re.compile(r"^\s*(?:>|&gt;)", re.MULTILINE)
_MENTION = re.compile(r"@(?:here|channel|everyone)\b")
_PLAIN_ELEMENTS = frozenset({"text"})


def entities(text: str) -> list[str]:
    """What stands between angle brackets."""
    return _ENTITY.findall(text)


def marks(text: str, *, verbatim: bool) -> Counter[str]:
    """How many marks of each kind a mrkdwn text has."""
    found = Counter("entity" for _ in entities(text))
    rest = _ENTITY.sub("E", text)
    found["fence"] = rest.count("```")
    found["emoji"] = len(_EMOJI.findall(rest))
    found["quote"] = len(_QUOTE.findall(text))
    for name, pattern in _SPANS.items():
        found[name] = len(pattern.findall(rest))
    if not verbatim:
        found["address"] = len(_ADDRESS.findall(rest))
        found["mention"] = len(_MENTION.findall(rest))
    return found


def of_payload(value: object) -> Counter[str]:
    """All marks of blocks or of a view."""
    found: Counter[str] = Counter()
    for text in mrkdwn_of(value):
        found += marks(str(text["text"]), verbatim=text.get("verbatim") is True)
    for element in _inline(value):
        if element["type"] not in _PLAIN_ELEMENTS:
            found[f"rich {element['type']}"] += 1
        style = element.get("style")
        found += Counter(f"rich {name}" for name in style) if isinstance(style, dict) else Counter()
    for text in _objects(value):
        if text.get("type") == "plain_text" and text.get("emoji") is not False:
            found["emoji"] += len(_EMOJI.findall(str(text["text"])))
    return found


def mrkdwn_of(value: object) -> Iterator[dict[str, object]]:
    return (node for node in _objects(value) if node.get("type") == "mrkdwn")


def strings(value: object) -> Iterator[str]:
    """Every string of a payload."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def _inline(value: object) -> Iterator[dict[str, object]]:
    for node in _objects(value):
        if str(node.get("type")).startswith("rich_text_") and node["type"] != "rich_text_list":
            elements = node["elements"]
            assert isinstance(elements, list)
            yield from elements


def _objects(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)
