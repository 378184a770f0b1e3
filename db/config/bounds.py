"""How large a config may be, so that a hostile one is refused before anything walks it twice. Pure."""

import math
import re

from pydantic import JsonValue

from db.errors import ConfigError
from trainer.contract import JsonObject

MAX_TEXT_BYTES = 64 * 1024
MAX_DEPTH = 16
MAX_NODES = 10_000
MAX_STRING_BYTES = 4 * 1024
MAX_INTEGER = 2**63 - 1

# Control characters, lone surrogates, line separators and direction overrides (they disguise a diff).
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def check_bounds(value: JsonValue) -> None:
    """Walks without recursion, and stops at the first thing that is out of bounds.

    :raises ConfigError: it names the bound and what was met.
    """
    nodes = 0
    stack: list[tuple[JsonValue, int]] = [(value, 0)]
    while stack:
        node, depth = stack.pop()
        nodes += 1
        children = _children(node)
        if nodes + len(stack) + len(children) > MAX_NODES:
            raise ConfigError(f"more than {MAX_NODES:,} values in one config; make it smaller")
        if children and depth >= MAX_DEPTH:
            raise ConfigError(f"nested deeper than {MAX_DEPTH} levels; make it flatter")
        stack.extend((child, depth + 1) for child in children)


def check_object(value: JsonValue) -> JsonObject:
    """`value` itself when it is an object within the bounds.

    :raises ConfigError: otherwise.
    """
    if not isinstance(value, dict):
        raise ConfigError("a config is a JSON object: {...}")
    check_bounds(value)
    return value


def check_string(text: str) -> None:
    """:raises ConfigError: on control characters and on more than 4 KB."""
    if len(text) > MAX_STRING_BYTES or len(text.encode("utf-8", "replace")) > MAX_STRING_BYTES:
        raise ConfigError(f"a text of more than {MAX_STRING_BYTES:,} bytes; make it shorter")
    if found := _CONTROL.search(text):
        raise ConfigError(f"the control character U+{ord(found[0]):04X}; remove it")


def _children(node: JsonValue) -> list[JsonValue]:
    if isinstance(node, dict):
        for key in node if len(node) <= MAX_NODES else ():
            check_string(key)
        return list(node.values())
    if isinstance(node, list):
        return node
    _check_scalar(node)
    return []


def _check_scalar(value: JsonValue) -> None:
    if isinstance(value, str):
        check_string(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{value} is not a number that can be used; write a finite one")
    elif isinstance(value, int) and not -MAX_INTEGER - 1 <= value <= MAX_INTEGER:
        raise ConfigError("a whole number beyond 2^63; write a smaller one")
