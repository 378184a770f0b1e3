"""Which types the checks know, at any depth: blocks, elements, cells, charts, parts of rich text."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.playground.checks.blocks import HOME_BLOCK, MESSAGE_BLOCK, MODAL_BLOCK

Json = dict[str, Any]


def known_types() -> set[str]:
    """Every name that a `by_type` check accepts, found by walking the checks from the three surfaces down."""
    found: set[str] = set()
    seen: set[int] = set()
    waiting: list[object] = [MESSAGE_BLOCK, MODAL_BLOCK, HOME_BLOCK]
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, (tuple, list, frozenset)):
            waiting += value
        elif callable(value):
            for name, inner in _closed_over(value):
                if name == "shapes" and isinstance(inner, Mapping):
                    found |= set(inner)
                waiting.append(inner)
    return found


def _closed_over(function: Callable[..., object]) -> Iterator[tuple[str, object]]:
    names = getattr(getattr(function, "__code__", None), "co_freevars", ())
    for name, cell in zip(names, getattr(function, "__closure__", None) or (), strict=False):
        yield name, cell.cell_contents


def types_in(value: object) -> set[str]:
    """Every `type` named anywhere in a JSON value."""
    if isinstance(value, dict):
        own = {value["type"]} if isinstance(value.get("type"), str) else set()
        return own.union(*map(types_in, value.values()))
    if isinstance(value, list):
        return set().union(*map(types_in, value))
    return set()
