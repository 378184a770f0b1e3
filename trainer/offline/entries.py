"""Catalogue entries of the offline algorithms, read from d3rlpy's configs. For `trainer.generate`."""

import dataclasses
import re
import typing
from typing import Any

from trainer.generate_entries import Entry
from trainer.offline.arguments import config_class, fields_of, part_of, parts
from trainer.offline.library import load
from trainer.offline.rules import ABOVE, CONTINUOUS_ALONE, DOCS, NONE, OFFLINE, bounds_of

_NAMES = {float: "float", int: "int", bool: "bool"}
_SPOKEN = {"Box": "continuous", "Discrete": "discrete"}


def offline_algorithms() -> dict[str, Entry]:
    """What the catalogue says of each offline algorithm."""
    return {name: _algorithm(name) for name in OFFLINE}


def _algorithm(name: str) -> Entry:
    kind, library = OFFLINE[name], load(OFFLINE[name].title)
    found: dict[str, dict[str, Entry]] = {}
    for actions in kind.configs:
        for key, entry in _parameters(config_class(library, name, actions)).items():
            found.setdefault(key, {})[actions] = entry
    return {
        "title": kind.title,
        "package": "d3rlpy",
        "action_spaces": list(kind.configs),
        "policies": ["MlpPolicy"],
        "needs_dataset": True,
        "parameters": {key: _merged(variants, len(kind.configs)) for key, variants in found.items()},
    }


def _merged(variants: dict[str, Entry], kinds: int) -> Entry:
    """One entry for all action spaces; where defaults differ it has none, and says them."""
    first = next(iter(variants.values()))
    if kinds > 1 and first["path"].rpartition(".")[2] in CONTINUOUS_ALONE:
        return {**first, "action_spaces": ["Box"]}
    if len(variants) < kinds:
        return {**first, "action_spaces": list(variants)}
    if all(one["default"] == first["default"] for one in variants.values()):
        return first
    said = ", ".join(f"{one['default']} for {_SPOKEN[actions]} actions" for actions, one in variants.items())
    doc = f"{first['doc'].rstrip('.')}; by default {said}."
    return {**first, "default": None, "types": [*first["types"], "null"], "doc": doc}


def _parameters(config: Any) -> dict[str, Entry]:
    docs = _docs(config)
    return {
        name: {
            "path": f"hyperparams.{name}",
            **_typed(name, field, annotation),
            "doc": DOCS.get(name, docs.get(name, "")),
        }
        for name, (field, annotation) in fields_of(config).items()
    }


def _typed(name: str, field: "dataclasses.Field[Any]", annotation: Any) -> Entry:
    base = part_of(annotation)
    if base is not None:
        none = [NONE] if type(None) in typing.get_args(annotation) else []
        choices = [*parts(base), *none]
        return {"types": ["object", "null"], "default": None, "form": "part", "choices": choices}
    entry: Entry = {"types": [_NAMES[annotation]], "default": field.default}
    allowed = bounds_of(name)
    if allowed is not None:
        entry |= {"minimum": allowed[0], "maximum": allowed[1]}
        entry |= {"exclusive_minimum": True} if name in ABOVE else {}
    return entry


def _docs(config: Any) -> dict[str, str]:
    """The lines of a docstring's `Args`, each on one line."""
    text = (config.__doc__ or "").partition("Args:")[2]
    found = re.findall(r"^ {8}(\w+) \(.*?\):(.*?)(?=^ {8}\w|\Z)", text, flags=re.DOTALL | re.MULTILINE)
    return {name: " ".join(said.split()) for name, said in found}
