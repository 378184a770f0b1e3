"""What changed between two configs, as typed changes that can be applied. Pure."""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TypeAlias

from pydantic import JsonValue

from db.config.canonical import same
from db.config.resolve import Path, leaves
from db.errors import ConfigError
from trainer.contract import JsonObject


class Missing(Enum):
    """The type of `MISSING`: no value at all, which is not the same as null."""

    MISSING = "MISSING"


MISSING = Missing.MISSING
Side: TypeAlias = JsonValue | Missing


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    TYPE_CHANGED = "type changed"


@dataclass(frozen=True)
class Change:
    """`before` is MISSING where the path was added, `after` where it was removed."""

    path: Path
    kind: ChangeKind
    before: Side
    after: Side

    @property
    def dotted(self) -> str:
        return ".".join(self.path)


def diff(a: JsonObject, b: JsonObject) -> tuple[Change, ...]:
    """The changes that turn `a` into `b`, by path. An added or removed object is one change."""
    return tuple(sorted(_changes(a, b, ()), key=lambda change: change.path))


def apply(a: JsonObject, changes: Iterable[Change]) -> JsonObject:
    """`apply(a, diff(a, b)) == b`. `a` is left as it is.

    :raises ConfigError: where `a` is not what the changes were made from.
    """
    config = copy.deepcopy(a)
    for change in changes:
        folder = _folder(config, change)
        name = change.path[-1]
        present: Side = folder.get(name, MISSING)
        if not _same_side(present, change.before):
            raise ConfigError(f"{change.dotted} is not what it was when the diff was made")
        if change.after is MISSING:
            del folder[name]
        else:
            folder[name] = copy.deepcopy(change.after)
    return config


def flat(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The same changes leaf by leaf, for showing: an added object becomes one change per leaf."""
    return tuple(part for change in changes for part in _parts(change))


def _changes(a: JsonObject, b: JsonObject, path: Path) -> Iterator[Change]:
    for name in a.keys() | b.keys():
        here = (*path, name)
        before: Side = a.get(name, MISSING)
        after: Side = b.get(name, MISSING)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _changes(before, after, here)
        elif not _same_side(before, after):
            yield Change(here, _kind(before, after), before, after)


def _kind(before: Side, after: Side) -> ChangeKind:
    if before is MISSING:
        return ChangeKind.ADDED
    if after is MISSING:
        return ChangeKind.REMOVED
    return ChangeKind.CHANGED if type(before) is type(after) else ChangeKind.TYPE_CHANGED


def _same_side(a: Side, b: Side) -> bool:
    if isinstance(a, Missing) or isinstance(b, Missing):
        return a is b
    return same(a, b)


def _folder(config: JsonObject, change: Change) -> JsonObject:
    folder = config
    for name in change.path[:-1]:
        below = folder.get(name)
        if not isinstance(below, dict):
            raise ConfigError(f"{change.dotted} has no {name} to stand in")
        folder = below
    return folder


def _parts(change: Change) -> Iterator[Change]:
    if isinstance(change.before, dict) and change.after is MISSING:
        for path, value in leaves(change.before, change.path):
            yield Change(path, change.kind, value, MISSING)
    elif isinstance(change.after, dict) and change.before is MISSING and "schedule" not in change.after:
        for path, value in leaves(change.after, change.path):
            yield Change(path, change.kind, MISSING, value)
    else:
        yield change
