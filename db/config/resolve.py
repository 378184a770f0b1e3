"""Inheritance: a child stores its overrides alone; its config is the whole lineage merged. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import JsonValue

from db.config.bounds import check_object
from db.config.canonical import same
from trainer.contract import JsonObject

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One experiment of a lineage. `key` is "E-3"; the root's delta is its whole config."""

    key: str
    delta: JsonObject


@dataclass(frozen=True)
class Resolved:
    """`provenance` says of each leaf path which experiment set it."""

    config: JsonObject
    provenance: Mapping[Path, str]


@dataclass(frozen=True)
class _Leaf:
    value: JsonValue
    key: str


_Tree: TypeAlias = "dict[str, _Tree] | _Leaf | None"


def merge(base: JsonObject, delta: JsonObject) -> JsonObject:
    """`base` with `delta` over it: objects merge, `null` deletes, lists and scalars replace.

    :raises ConfigError: where either is deeper, larger or stranger than `db.config.bounds` allows.
    """
    return resolve((Step("base", base), Step("delta", delta))).config


def resolve(lineage: Sequence[Step]) -> Resolved:
    """The config of the last step, and who set each leaf. Root first.

    :raises ConfigError: where a delta or the result is out of bounds.
    """
    tree: dict[str, _Tree] = {}
    for step in lineage:
        check_object(step.delta)
        _merge_into(tree, {name: _tagged(value, step.key) for name, value in step.delta.items()})
    config = {name: _value(node) for name, node in tree.items()}
    check_object(config)
    return Resolved(config, dict(_provenance(tree, ())))


def leaves(value: JsonValue, path: Path = ()) -> Iterator[tuple[Path, JsonValue]]:
    """Each value that is not an object, with its path. An empty object has none."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, (*path, name))
    else:
        yield path, value


def value_at(config: JsonValue, path: Path) -> JsonValue:
    """The value at `path`; None where there is none, which means the same: not set."""
    for name in path:
        if not isinstance(config, dict) or name not in config:
            return None
        config = config[name]
    return config


def delta_at(path: Path, value: JsonValue) -> JsonObject:
    """The delta that sets (or, with None, deletes) one path."""
    for name in reversed(path):
        value = {name: value}
    assert isinstance(value, dict)
    return value


def delta_between(a: JsonObject, b: JsonObject) -> JsonObject:
    """The smallest delta with `merge(a, delta) == b`, for a `b` without nulls."""
    delta: JsonObject = {name: None for name in a if name not in b}
    for name, after in b.items():
        before = a.get(name)
        if isinstance(before, dict) and isinstance(after, dict):
            if inner := delta_between(before, after):
                delta[name] = inner
        elif name not in a or not same(before, after):
            delta[name] = after
    return delta


def _tagged(value: JsonValue, key: str) -> _Tree:
    if isinstance(value, dict):
        return {name: _tagged(item, key) for name, item in value.items()}
    return None if value is None else _Leaf(value, key)


def _merge_into(base: dict[str, _Tree], delta: dict[str, _Tree]) -> None:
    for name, node in delta.items():
        if node is None:
            base.pop(name, None)
        elif isinstance(node, dict):
            below = base.get(name)
            if not isinstance(below, dict):
                below = base[name] = {}
            _merge_into(below, node)
        else:
            base[name] = node


def _value(node: _Tree) -> JsonValue:
    if isinstance(node, dict):
        return {name: _value(item) for name, item in node.items()}
    return node.value if node else None


def _provenance(node: _Tree, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(node, dict):
        for name, item in node.items():
            yield from _provenance(item, (*path, name))
    elif node:
        yield path, node.key
