"""Strings, lists and objects of a special shape, each checked by the function of its form. Pure."""

import re
from collections.abc import Callable, Mapping

from pydantic import JsonValue

from trainer.dataset_files import is_name

MAX_LAYERS = 16
MAX_UNITS = 8192
NET_ARCH_PARTS = ({"pi", "vf"}, {"pi", "qf"})
BUILT_IN_METRICS = ("final_reward", "success_rate", "episode_length", "oscillation")
DIRECTIONS = ("higher", "lower")
AGGREGATIONS = ("mean", "sum", "last", "max")
NOISE_KEYS = {
    "normal": frozenset({"kind", "sigma", "mean"}),
    "ornstein-uhlenbeck": frozenset({"kind", "sigma", "mean", "theta", "dt"}),
}
MAX_STAGES = 20
MAX_LIST = 64
MAX_RUNS = 100
STAGE_ENV_KEYS = frozenset({"id", "kwargs", "wrappers", "max_episode_steps", "randomize"})
UNTIL_KEYS = frozenset({"timesteps", "return_at_least", "success_at_least", "episodes"})
METRIC_KEYS = frozenset({"direction", "unit", "range", "info_key", "aggregation"})
_METRIC_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_RUN = re.compile(r"E-[1-9]\d{0,8}(?:/s\d{1,4}(?:\.\d{1,3})?)?")
_AUTO = re.compile(r"auto(?:_(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)?")

ALLOWED: Mapping[str, str] = {
    "net_arch": 'a list of layer sizes such as [64, 64], or {"pi": [64], "vf": [64]}',
    "frequency": 'or [2, "episode"]',
    "noise": '{"kind": "normal", "sigma": 0.1} or {"kind": "ornstein-uhlenbeck", "sigma": 0.1}',
    "sizes": "a list of whole numbers such as [84, 84]",
    "names": 'a list of names such as ["image", "direction"]',
    "ranges": 'ranges by parameter such as {"gravity": {"low": 8, "high": 12}}',
    "curriculum": (
        'stages such as [{"until": {"return_at_least": 200}, "env": {"kwargs": {"gravity": -5}}}]; '
        "until takes timesteps, return_at_least or success_at_least, and episodes"
    ),
    "code": "latest, a package that was pushed, or the beginning of a bundle's hash",
    "dataset": "a Minari id such as pendulum/medium-v0, or an HDF5 file of the datasets folder",
    "part": 'an object with "type" and its settings',
    "metric": 'a metric such as {"info_key": "fuel", "direction": "lower", "unit": "l"}',
    "runs": "a run such as E-12/s1, E-12 for one seed each, or several with commas between them",
    "sources": "what Signoff sets",
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
    if not isinstance(value, dict) or value.get("kind") not in tuple(NOISE_KEYS):
        return False
    if not value.keys() <= NOISE_KEYS[str(value["kind"])] or "sigma" not in value:
        return False
    positive = all(is_number(value[key]) and value[key] > 0 for key in ("theta", "dt") if key in value)  # type: ignore[operator]  # a number
    return positive and _numbers(value["sigma"], low=0) and _numbers(value.get("mean", 0.0))


def _numbers(value: JsonValue, low: float | None = None) -> bool:
    """A number, or a list of one for each action."""
    numbers = value if isinstance(value, list) else [value]
    return bool(numbers) and all(
        is_number(number) and (low is None or number >= low)  # type: ignore[operator]  # a number
        for number in numbers
    )


def _auto(value: JsonValue) -> bool:
    return isinstance(value, str) and bool(_AUTO.fullmatch(value))


def _code(value: JsonValue) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _runs(value: JsonValue) -> bool:
    names = value if isinstance(value, list) else [value]
    return 0 < len(names) <= MAX_RUNS and all(isinstance(name, str) and _names_runs(name) for name in names)


def _names_runs(text: str) -> bool:
    return all(_RUN.fullmatch(name.strip()) for name in text.split(","))


def _sources(value: JsonValue) -> bool:
    return isinstance(value, list) and len(value) <= MAX_RUNS and all(isinstance(one, dict) for one in value)


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


def _sizes(value: JsonValue) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= MAX_LIST
        and all(type(size) is int and size >= 0 for size in value)
    )


def _names(value: JsonValue) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= MAX_LIST
        and all(isinstance(name, str) and name for name in value)
    )


def _ranges(value: JsonValue) -> bool:
    """The shape alone; names are checked against the environment."""
    return isinstance(value, dict) and all(map(_between, value.values()))


def _between(value: JsonValue) -> bool:
    if not isinstance(value, dict) or not value.keys() <= {"low", "high", "log"}:
        return False
    match value.get("low"), value.get("high"), value.get("log", False):
        case (int() | float() as low, int() | float() as high, bool(log)):
            return is_number(low) and is_number(high) and low <= high and (not log or low > 0)
    return False


def _curriculum(value: JsonValue) -> bool:
    """The shape alone; what a stage changes is checked against the environment."""
    return isinstance(value, list) and len(value) <= MAX_STAGES and all(map(_stage, value))


def _stage(value: JsonValue) -> bool:
    match value:
        case {"until": dict(until), "env": dict(env), **rest}:
            return not rest and _until(until) and _stage_env(env)
    return False


def _until(value: dict[str, JsonValue]) -> bool:
    return (
        bool(value.keys() - {"episodes"})
        and value.keys() <= UNTIL_KEYS
        and all(_count(value.get(key, 1)) for key in ("timesteps", "episodes"))
        and _numbers(value.get("return_at_least", 0))
        and not isinstance(value.get("return_at_least"), list)
        and _share(value.get("success_at_least", 0))
    )


def _count(value: JsonValue) -> bool:
    return type(value) is int and value >= 1


def _share(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _stage_env(value: dict[str, JsonValue]) -> bool:
    return (
        bool(value)
        and value.keys() <= STAGE_ENV_KEYS
        and isinstance(value.get("id", ""), str)
        and isinstance(value.get("kwargs", {}), dict)
        and _wrappers(value.get("wrappers", []))
        and _ranges(value.get("randomize", {}))
        and _count(value.get("max_episode_steps", 1))
    )


_FORMS: Mapping[str, Callable[[JsonValue], bool]] = {
    "net_arch": _net_arch,
    "frequency": _frequency,
    "noise": _noise,
    "code": _code,
    "dataset": lambda value: isinstance(value, str) and is_name(value),
    "part": lambda value: isinstance(value, dict) and isinstance(value.get("type"), str),
    "metric": lambda value: _metric("", value),
    "runs": _runs,
    "sources": _sources,
    "auto": _auto,
    "pair": _pair,
    "wrappers": _wrappers,
    "metrics": _metrics,
    "sizes": _sizes,
    "names": _names,
    "ranges": _ranges,
    "curriculum": _curriculum,
}
