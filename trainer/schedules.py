"""Hyperparameters that change over the training, written as data."""

import math
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from trainer.errors import BadSpec

SCHEDULED = frozenset({"learning_rate", "clip_range", "clip_range_vf", "delta_std"})
KINDS = ("linear", "constant", "cosine", "exponential")
_KEYS = frozenset({"schedule", "start", "end", "end_fraction"})

Kind = Literal["linear", "constant", "cosine", "exponential"]


@dataclass(frozen=True)
class Schedule:
    """A value as a function of the training left, from 1 at the start to 0 at the end.

    It goes from `start` to `end` within the first `end_fraction` of the training and stays there.
    """

    kind: Kind
    start: float
    end: float
    end_fraction: float = 1.0

    def __call__(self, progress_remaining: float) -> float:
        if self.kind == "linear" and self.end_fraction == 1.0:
            return self.end + (self.start - self.end) * progress_remaining
        left = max(0.0, 1.0 - (1.0 - progress_remaining) / self.end_fraction)
        match self.kind:
            case "linear":
                return self.end + (self.start - self.end) * left
            case "cosine":
                return self.end + (self.start - self.end) * (1.0 - math.cos(math.pi * left)) / 2
            case "exponential":
                return float(self.end * (self.start / self.end) ** left)
            case "constant":
                return self.start


def parse_schedule(name: str, value: dict[str, JsonValue]) -> Schedule:
    """The schedule of `{"schedule": "linear", "start": 0.001}`; `end` is 0 unless given.

    :raises BadSpec: where the hyperparameter cannot follow one, or the data is not a schedule.
    """
    if name not in SCHEDULED:
        raise BadSpec(f"hyperparams.{name} cannot follow a schedule; give one value.")
    kind = value.get("schedule")
    if kind not in KINDS:
        raise BadSpec(
            f"hyperparams.{name}.schedule must be {', '.join(KINDS[:-1])} or {KINDS[-1]}; it is {kind!r}."
        )
    unknown = sorted(set(value) - _KEYS)
    if unknown:
        raise BadSpec(
            f"hyperparams.{name}.{unknown[0]} is not part of a schedule (start, end, end_fraction)."
        )
    start = _number(name, "start", value.get("start"))
    if kind == "constant":
        return Schedule("constant", start, start)
    end = _number(name, "end", value.get("end", 0.0))
    fraction = _number(name, "end_fraction", value.get("end_fraction", 1.0))
    if not 0 < fraction <= 1:
        raise BadSpec(f"hyperparams.{name}.end_fraction must be above 0 and at most 1; it is {fraction}.")
    if kind == "exponential" and (start == 0 or end == 0):
        raise BadSpec(f"hyperparams.{name}: an exponential schedule needs start and end above 0.")
    return Schedule(kind, start, end, fraction)  # type: ignore[arg-type]  # one of KINDS


def _number(name: str, key: str, value: JsonValue) -> float:
    usable = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not usable or not math.isfinite(number := float(value)) or number < 0:  # type: ignore[arg-type]  # usable
        raise BadSpec(f"hyperparams.{name}.{key} must be a number of at least 0; it is {value!r}.")
    return number
