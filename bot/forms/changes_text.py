"""A delta as the text that would produce it, for a form that is opened again. Pure."""

import json
import re
from collections.abc import Iterator

from pydantic import JsonValue

from trainer.contract import JsonObject

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_AS_A_WHOLE = "schedule"


def to_text(delta: JsonObject) -> str:
    """One `key = value` a line; a JSON object where a key could not stand in such a line."""
    if not _is_plain(delta):
        return json.dumps(delta, ensure_ascii=False, indent=1)
    return "\n".join(
        f"{path} = {json.dumps(value, ensure_ascii=False)}" for path, value in _leaves(delta, "")
    )


def _is_plain(node: JsonValue) -> bool:
    if not isinstance(node, dict):
        return True
    return all(_PLAIN_KEY.fullmatch(key) and _is_plain(value) for key, value in node.items())


def _leaves(node: JsonObject, path: str) -> Iterator[tuple[str, JsonValue]]:
    for key, value in node.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, dict) and value and _AS_A_WHOLE not in value:
            yield from _leaves(value, here)
        else:
            yield here, value
