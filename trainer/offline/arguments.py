"""d3rlpy's config of an algorithm from a config's `hyperparams`, which are data.

Parts such as encoders and optimizers are objects whose `type` is d3rlpy's name of the class:
`{"type": "vector", "hidden_units": [64, 64]}`.
"""

import dataclasses
import typing
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
from gymnasium import spaces
from pydantic import JsonValue

from trainer.argument_checks import check_type, unknown
from trainer.errors import BadSpec, SpaceMismatch, sentence
from trainer.offline.rules import ABOVE, LEFT_OUT, NONE, OFFLINE, bounds_of


def config_class(library: ModuleType, algo: str, actions: str) -> Any:
    """d3rlpy's class of the config for an algorithm and a class of action spaces."""
    return getattr(library.algos, OFFLINE[algo].configs[actions])


def config_of(
    library: ModuleType, algo: str, hyperparams: Mapping[str, JsonValue], actions: spaces.Space[Any]
) -> Any:
    """d3rlpy's config. A value that is left out, or null, is the default.

    Where no action scaler is given, actions within other bounds than -1 to 1 are scaled from their bounds,
    because d3rlpy's policies act within -1 to 1.

    :raises BadSpec: naming the first argument that is unknown, or of a wrong type or range.
    :raises SpaceMismatch: for continuous actions without bounds.
    """
    kind = type(actions).__name__
    known, title = config_class(library, algo, kind), OFFLINE[algo].title
    refusal = f"{title} with {_SPOKEN[kind]} actions has no hyperparameter"
    arguments = _arguments(known, hyperparams, "hyperparams", refusal)
    if isinstance(actions, spaces.Box) and "action_scaler" not in arguments:
        arguments["action_scaler"] = _from_bounds(library, title, actions)
    return known(**arguments)


_SPOKEN = {"Box": "continuous", "Discrete": "discrete"}


def fields_of(kind: Any) -> dict[str, tuple["dataclasses.Field[Any]", Any]]:
    """The fields of one of d3rlpy's configs with their types."""
    hints = typing.get_type_hints(kind)
    return {field.name: (field, hints[field.name]) for field in dataclasses.fields(kind)}


def part_of(annotation: Any) -> Any | None:
    """The base class of the parts that an argument takes (encoders, ...); None for plain values."""
    from d3rlpy.serializable_config import DynamicConfig  # noqa: PLC0415 - an optional extra

    for one in (annotation, *typing.get_args(annotation)):
        if isinstance(one, type) and issubclass(one, DynamicConfig):
            return one
    return None


def parts(base: Any) -> dict[str, Any]:
    """The classes of parts by the names that d3rlpy gives them."""
    found, left = {}, list(base.__subclasses__())
    while left:
        one = left.pop()
        left += one.__subclasses__()
        found[one.get_type()] = one
    return {name: kind for name, kind in sorted(found.items()) if name not in LEFT_OUT}


def _arguments(kind: Any, values: Mapping[str, JsonValue], path: str, refusal: str) -> dict[str, Any]:
    fields = fields_of(kind)
    arguments = {}
    for name, value in values.items():
        if name not in fields:
            raise unknown(refusal, name, fields)
        if value is not None:
            arguments[name] = _argument(f"{path}.{name}", value, fields[name][1])
    return arguments


def _argument(path: str, value: JsonValue, annotation: Any) -> Any:
    base = part_of(annotation)
    if base is not None:
        return _part(path, value, base, optional=type(None) in typing.get_args(annotation))
    if _takes_array(annotation) and isinstance(value, list):
        return _array(path, value)
    if typing.get_origin(annotation) is tuple and isinstance(value, list):
        value = tuple(value)  # type: ignore[assignment]  # JSON has no tuples
    check_type(path, value, annotation)
    _check_range(path, value)
    return value


def _part(path: str, value: JsonValue, base: Any, *, optional: bool) -> Any:
    known = parts(base)
    names = [*known, NONE] if optional else list(known)
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(value, dict) or kind not in names:
        raise BadSpec(f'{path} must be an object with "type", one of {", ".join(names)}; it is {value!r}.')
    if kind == NONE:
        return None
    settings = {key: item for key, item in value.items() if key != "type"}
    arguments = _arguments(known[str(kind)], settings, path, f"{path} of type {kind} has no key")
    try:
        return known[str(kind)](**arguments)
    except (TypeError, ValueError, AssertionError) as error:
        raise BadSpec(f"{path} cannot be made: {sentence(error)}") from error


def _takes_array(annotation: Any) -> bool:
    members = (annotation, *typing.get_args(annotation))
    return any(typing.get_origin(one) is np.ndarray for one in members)


def _array(path: str, value: list[JsonValue]) -> Any:
    array = np.array([one if isinstance(one, int | float) else np.nan for one in value], dtype=np.float32)
    if not np.isfinite(array).all():
        raise BadSpec(f"{path} must be a list of numbers; it is {value!r}.")
    return array


def _check_range(path: str, value: JsonValue) -> None:
    name = path.rpartition(".")[2]
    allowed = bounds_of(name)
    if allowed is None or not isinstance(value, int | float):
        return
    low, high = allowed
    above = name in ABOVE
    if not low <= value <= high or (above and value == low):
        least = "above" if above else "at least"
        raise BadSpec(f"{path} must be {least} {low:g} and at most {high:g}; it is {value}.")


def _from_bounds(library: ModuleType, title: str, actions: spaces.Box) -> Any:
    low, high = actions.low, actions.high
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise SpaceMismatch(
            f"{title} needs bounded actions; the environment's have none. Use the wrapper rescale_action."
        )
    if (low == -1).all() and (high == 1).all():
        return None
    return library.preprocessing.MinMaxActionScaler(minimum=low, maximum=high)
