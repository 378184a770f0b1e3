"""Strings, lists and objects of a special shape, each checked by the function of its form. Pure."""

import re
from collections.abc import Callable, Mapping

from pydantic import JsonValue

MAX_LAYERS = 16
MAX_UNITS = 8192
NET_ARCH_PARTS = ({"pi", "vf"}, {"pi", "qf"})
BUILT_IN_METRICS = ("final_reward", "success_rate", "episode_length", "oscillation")
DIRECTIONS = ("higher", "lower")
AGGREGATIONS = ("mean", "sum", "last", "max")
METRIC_KEYS = frozenset({"direction", "unit", "range", "info_key", "aggregation"})
_METRIC_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_AUTO = re.compile(r"auto(?:_(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)?")

ALLOWED: Mapping[str, str] = {
    "net_arch": 'a list of layer sizes such as [64, 64], or {"pi": [64], "vf": [64]}',
    "frequency": 'or [2, "episode"]',
    "noise": '{"kind": "normal", "sigma": 0.1} or {"kind": "ornstein-uhlenbeck", "sigma": 0.1}',
    "auto": '"auto", or "auto_0.1" to start at 0.1',
    "pair": "a list of two numbers, low then high, such as [0.7, 2.0]",
    "wrappers": 'a list such as [{"name": "time_limit", "kwargs": {"max_episode_steps": 200}}]',
    "metrics": 'metrics by name, each with "direction", "unit" and "range"; own ones with "info_key"',
}


def is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def fits(form: str, value: JsonValue) -> bool:
    """Whether `value` has the shape called `form`."""
    return _FORMS[form](value)


def _net_arch(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return value.keys() in NET_ARCH_PARTS and all(map(_layers, value.values()))
    return _layers(value)


def _layers(value: JsonValue) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MAX_LAYERS
        and all(type(units) is int and 1 <= units <= MAX_UNITS for units in value)
    )


def _frequency(value: JsonValue) -> bool:
    match value:
        case [int(count), "step" | "episode"]:
            return type(count) is int and count >= 1
    return False


def _noise(value: JsonValue) -> bool:
    match value:
        case {"kind": "normal" | "ornstein-uhlenbeck", "sigma": int() | float() as sigma, **rest}:
            return is_number(sigma) and sigma > 0 and not rest
    return False


def _auto(value: JsonValue) -> bool:
    return isinstance(value, str) and bool(_AUTO.fullmatch(value))


def _pair(value: JsonValue) -> bool:
    match value:
        case [int() | float() as low, int() | float() as high]:
            return is_number(low) and is_number(high) and low < high
    return False


def _metrics(value: JsonValue) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(_METRIC_NAME.fullmatch(name) and _metric(name, metric) for name, metric in value.items())
    )


def _metric(name: str, value: JsonValue) -> bool:
    if not isinstance(value, dict) or not value.keys() <= METRIC_KEYS:
        return False
    if name not in BUILT_IN_METRICS and not value.get("info_key"):
        return False
    aggregation = value.get("aggregation", "mean")
    return (
        value.get("direction") in DIRECTIONS
        and isinstance(value.get("unit"), str)
        and _range(value.get("range"))
        and isinstance(value.get("info_key", ""), str)
        and aggregation in AGGREGATIONS
    )


def _range(value: JsonValue) -> bool:
    match value:
        case [low, high]:
            ends = [end for end in (low, high) if end is not None]
            numbers = [end for end in ends if isinstance(end, int | float) and not isinstance(end, bool)]
            return len(numbers) == len(ends) and (len(ends) < len([low, high]) or numbers[0] < numbers[1])
    return False


def _wrappers(value: JsonValue) -> bool:
    """The shape alone; names and arguments are checked against the catalogue."""
    return isinstance(value, list) and all(
        isinstance(item, dict)
        and item.keys() <= {"name", "kwargs"}
        and isinstance(item.get("name"), str)
        and isinstance(item.get("kwargs", {}), dict)
        for item in value
    )


_FORMS: Mapping[str, Callable[[JsonValue], bool]] = {
    "net_arch": _net_arch,
    "frequency": _frequency,
    "noise": _noise,
    "auto": _auto,
    "pair": _pair,
    "wrappers": _wrappers,
    "metrics": _metrics,
}
