"""What a package declares of an argument: `Annotated[float, Ge(0), Le(10), "what it does"]`.

Ranges are those of the package `annotated-types` (`Ge`, `Gt`, `Le`, `Lt`, `Interval`), or anything
else with such attributes; a text is the meaning.
"""

import inspect
import typing
from collections.abc import Callable
from typing import Any

Entry = dict[str, Any]

_SIMPLE = {float: "float", int: "int", bool: "bool", str: "string"}


_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def constructor_parameters(kind: type[Any]) -> dict[str, inspect.Parameter]:
    """The named arguments of a constructor, and of those to which its `**kwargs` go on."""
    found: dict[str, inspect.Parameter] = {}
    for base in kind.__mro__:
        if "__init__" not in vars(base):
            continue
        parameters = inspect.signature(vars(base)["__init__"]).parameters.values()
        for one in parameters:
            if one.kind in _NAMED:
                found.setdefault(one.name, one)
        if not any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters):
            break
    return found


def annotations_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of a function's arguments; those that cannot be evaluated are left out."""
    try:
        return typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError, SyntaxError):
        return {}


def declared(annotation: Any) -> Entry:
    """Range, choices and meaning, as the catalogue has them."""
    entry: Entry = {}
    if typing.get_origin(annotation) is typing.Annotated:
        base, *said = typing.get_args(annotation)
        for one in said:
            if isinstance(one, str):
                entry["doc"] = " ".join(one.split())
            else:
                entry |= _range(one)
        return entry | declared(base)
    if typing.get_origin(annotation) is typing.Literal:
        entry["choices"] = list(typing.get_args(annotation))
    return entry


def type_name(annotation: Any, default: Any) -> str | None:
    """float, int, bool or string, from the annotation, else from the default; None for anything else."""
    if typing.get_origin(annotation) is typing.Annotated:
        return type_name(typing.get_args(annotation)[0], default)
    if typing.get_origin(annotation) is typing.Literal:
        return type_name(type(typing.get_args(annotation)[0]), default)
    known = type(default) if annotation is inspect.Parameter.empty else annotation
    return _SIMPLE.get(known)


def _range(bound: object) -> Entry:
    entry: Entry = {}
    for name, key, exclusive in (
        ("ge", "minimum", ""),
        ("gt", "minimum", "exclusive_minimum"),
        ("le", "maximum", ""),
        ("lt", "maximum", "exclusive_maximum"),
    ):
        value = getattr(bound, name, None)
        if isinstance(value, int | float):
            entry[key] = value
            if exclusive:
                entry[exclusive] = True
    return entry
