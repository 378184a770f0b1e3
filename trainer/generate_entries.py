"""Catalogue entries of single arguments, read from signatures and docstrings."""

import inspect
import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from stable_baselines3.common.noise import ActionNoise

from trainer import catalogue_rules as rules
from trainer.environment_rules import NAME_FORMS, SIZE_FORMS

Entry = dict[str, Any]


def arguments(kind: type[Any], skipped: Mapping[str, str]) -> list[inspect.Parameter]:
    """The named arguments of a class's constructor, without `skipped`."""
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = inspect.signature(kind.__init__).parameters.values()
    return [p for p in parameters if p.kind in named and p.name not in skipped]


def entry_of(parameter: inspect.Parameter, folder: str, docs: Mapping[str, str]) -> Entry:
    """What the catalogue says of one argument; its path is `folder.name`."""
    name = parameter.name
    value_types = _types(parameter)
    default = _json_default(parameter.default, value_types)
    entry: Entry = {"path": f"{folder}.{name}", "types": value_types, "default": default}
    entry |= bounds(name)
    if choices := _choices(parameter.annotation):
        entry["choices"] = choices
    if form := _form(name, value_types):
        entry["form"] = form
    if parameter.default is inspect.Parameter.empty:
        entry["required"] = True
    return entry | ({"doc": docs[name]} if name in docs else {})


def bounds(name: str) -> Entry:
    """The range that the rules give to a name."""
    low, high = rules.RANGES.get(name, (None, None))
    entry: Entry = {key: bound for key, bound in (("minimum", low), ("maximum", high)) if bound is not None}
    if name in rules.EXCLUSIVE_MINIMUM:
        entry["exclusive_minimum"] = True
    if name in rules.EXCLUSIVE_MAXIMUM:
        entry["exclusive_maximum"] = True
    return entry


def param_docs(docstring: str) -> dict[str, str]:
    """The `:param name:` lines of a docstring, each on one line."""
    found = re.findall(r":param (\w+):(.*?)(?=\n\s*:|\Z)", docstring, flags=re.DOTALL)
    return {name: " ".join(text.split()) for name, text in found}


def first_paragraph(kind: type[Any]) -> str:
    return " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())


def _form(name: str, value_types: list[str]) -> str | None:
    if name in rules.FORMS and set(value_types) - {"float", "int", "null"}:
        return rules.FORMS[name]
    if "list" not in value_types:
        return None
    if name in SIZE_FORMS:
        return "sizes"
    return "names" if name in NAME_FORMS else "pair"


def _choices(annotation: object) -> list[str]:
    found = re.fullmatch(r"Literal\[(.*)\]", annotation) if isinstance(annotation, str) else None
    return re.findall(r"'([^']*)'", found[1]) if found else []


def _types(parameter: inspect.Parameter) -> list[str]:
    """Names of the JSON types that an argument takes, from its annotation, else from its default."""
    annotation = parameter.annotation
    if typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if annotation is inspect.Parameter.empty:
        annotation = float if type(parameter.default) is int else type(parameter.default)
    if isinstance(annotation, str):
        names = {name for part in re.split(r" \| (?![^\[]*\])", annotation) for name in _named(part)}
    else:
        members = typing.get_args(annotation) if _is_union(annotation) else (annotation,)
        names = {name for member in members for name in _type_names(member)}
    order = ("float", "int", "bool", "string", "schedule", "list", "object", "null")
    return [name for name in order if name in names]


def _named(annotation: str) -> Iterable[str]:
    """The JSON types of one part of an annotation that is kept as text."""
    simple = {"int": "int", "float": "float", "bool": "bool", "str": "string", "None": "null"}
    if annotation in simple:
        return (simple[annotation],)
    if annotation.startswith("Literal"):
        return ("string",)
    if annotation.startswith(("tuple", "Sequence", "list")):
        return ("list",)
    return ("float",)  # arrays, numpy's numbers, values without bounds


def _is_union(annotation: object) -> bool:
    return isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union


def _type_names(annotation: Any) -> tuple[str, ...]:
    simple = {float: "float", int: "int", bool: "bool", str: "string", type(None): "null"}
    if annotation in simple:
        return (simple[annotation],)
    origin = typing.get_origin(annotation)
    if origin is type:
        return ("string",)
    if origin in (list, tuple, Sequence):
        return ("list",)
    if origin is dict or annotation is ActionNoise:
        return ("object",)
    return ("schedule",)


def _json_default(default: Any, value_types: list[str]) -> Any:
    if default is inspect.Parameter.empty or isinstance(default, type):
        return None
    if isinstance(default, tuple):
        return [bound if np.isfinite(bound) else None for bound in default]
    return float(default) if "float" in value_types and type(default) is int else default
