"""The catalogue with what a code bundle adds to it, and which bundle a text of changes names. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from pydantic import JsonValue

from db.config.entries import read_entries
from db.config.problems import OverrideProblems
from db.errors import CodeRefused
from trainer.catalogue import Catalogue, catalogue_from_json
from trainer.contract import JsonObject

KEY = "code"
_T = TypeVar("_T")
_NOTHING = frozenset({"", "none", "null", "default", "unset"})
_OWN_FOLDERS = ("reward.", "eval.metrics.", "program.")


def extend(catalogue: Catalogue, described: JsonObject) -> Catalogue:
    """The catalogue with a bundle's environments, algorithms and parameters. What was there stays as it is.

    :raises CodeRefused: where `described` is not what a trainer writes.
    """
    try:
        own = catalogue_from_json({**described, "wrappers": {}})
        for path, parameter in own.common.items():
            if parameter.path != path or not path.startswith(_OWN_FOLDERS):
                raise CodeRefused(f"a bundle may not declare the parameter {path!r}")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CodeRefused(f"what the trainer found in the bundle cannot be read: {error!r}") from error
    common = _joined(own.common, catalogue.common)
    algo = common["algo"]
    names: tuple[JsonValue, ...] = tuple(name for name in own.algorithms if name not in algo.choices)
    common["algo"] = replace(algo, choices=(*algo.choices, *names))
    return replace(
        catalogue,
        algorithms=MappingProxyType(_joined(own.algorithms, catalogue.algorithms)),
        environments=MappingProxyType(_joined(own.environments, catalogue.environments)),
        common=MappingProxyType(common),
    )


def allow(catalogue: Catalogue, patterns: Sequence[str]) -> Catalogue:
    """The catalogue with environments that nothing is known of but patterns of their ids."""
    common = dict(catalogue.common)
    for path in ("env.id", "eval.env.id"):
        common[path] = replace(common[path], patterns=tuple(patterns))
    return replace(catalogue, common=MappingProxyType(common))


def code_named(text: str, config: JsonObject) -> str | None:
    """The bundle that changes over a config ask for, as they spell it; None where there is none."""
    inherited = config.get(KEY)
    named = inherited if isinstance(inherited, str) else None
    try:
        entries = read_entries(text) if text.strip() else ()
    except OverrideProblems:
        return named
    for entry in entries:
        if entry.key == KEY:
            spelled = entry.typed if entry.typed is not None else entry.value
            wanted = spelled.strip("\"'` ").lower() if isinstance(spelled, str) else ""
            return None if wanted in _NOTHING else wanted
    return named


def _joined(own: Mapping[str, _T], known: Mapping[str, _T]) -> dict[str, _T]:
    return {**own, **known}
