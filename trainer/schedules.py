"""Hyperparameters that change over the training, written as data."""

import math
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from trainer.errors import BadSpec

SCHEDULED = frozenset({"learning_rate", "clip_range", "clip_range_vf"})
_KINDS = ("linear", "constant")


@dataclass(frozen=True)
class Schedule:
    """A value as a function of the training left, from 1 at the start to 0 at the end."""

    kind: Literal["linear", "constant"]
    start: float
    end: float

    def __call__(self, progress_remaining: float) -> float:
        return self.end + (self.start - self.end) * progress_remaining


def parse_schedule(name: str, value: dict[str, JsonValue]) -> Schedule:
    """The schedule of `{"schedule": "linear", "start": 0.001, "end": 0.0}`.

    :raises BadSpec: where the hyperparameter cannot follow one, or the data is not a schedule.
    """
    if name not in SCHEDULED:
        raise BadSpec(f"hyperparams.{name} cannot follow a schedule; give one value.")
    kind = value.get("schedule")
    if kind not in _KINDS:
        raise BadSpec(f"hyperparams.{name}.schedule must be linear or constant; it is {kind!r}.")
    unknown = sorted(set(value) - {"schedule", "start", "end"})
    if unknown:
        raise BadSpec(f"hyperparams.{name}.{unknown[0]} is not part of a schedule (start, end).")
    start = _number(name, "start", value.get("start"))
    if kind == "constant":
        return Schedule("constant", start, start)
    return Schedule("linear", start, _number(name, "end", value.get("end")))


def _number(name: str, key: str, value: JsonValue) -> float:
    usable = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not usable or not math.isfinite(number := float(value)) or number < 0:  # type: ignore[arg-type]  # usable
        raise BadSpec(f"hyperparams.{name}.{key} must be a number of at least 0; it is {value!r}.")
    return number
