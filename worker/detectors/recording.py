"""What a run wrote, as detectors look at it, and the few statistics that their rules share. Pure."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from worker.series import Series

Floats: TypeAlias = NDArray[np.float64]

BLOCKS = 20


@dataclass(frozen=True)
class Recording:
    """One run. `training` and `evaluations` are the columns of its tables, `final` its final metrics.

    `best` is the best return that its yardstick knows, None where returns have no bound. `nan_at` is
    the step at which the run ended with NaN, None where it did not. `own_reward`: it was trained in
    another environment than the yardstick's, whose returns may mean something else.
    """

    seed: str
    total_timesteps: int
    training: Mapping[str, Series] = field(default_factory=dict)
    evaluations: Mapping[str, Series] = field(default_factory=dict)
    final: Mapping[str, float] = field(default_factory=dict)
    best: float | None = None
    nan_at: int | None = None
    own_reward: bool = True

    @property
    def returns(self) -> Series:
        """The training episodes' returns; the evaluations' where there are none."""
        own = self.training.get("reward", Series())
        return own if len(own) > 0 else self.evaluations.get("final_reward", Series())

    @property
    def solved(self) -> bool:
        """Whether the final policy is as good as the yardstick can tell: nearly every episode succeeds,
        or its return reaches 98 % of the best there is.
        """
        if self.final.get("success_rate", 0.0) >= _SOLVED_RATE:
            return True
        reward = self.final.get("final_reward")
        return reward is not None and self.is_best(reward)

    def is_best(self, value: float) -> bool:
        """Whether a return lies within 2 % of the best known one."""
        return self.best is not None and value >= self.best - _NEAR_BEST * max(abs(self.best), 1.0)


_SOLVED_RATE, _NEAR_BEST = 0.95, 0.02


@dataclass(frozen=True)
class Blocks:
    """A series cut into windows of equal numbers of steps; windows without a row are left out.

    `starts` and `ends` are steps, `means` the mean of each window's rows, `errors` its standard error as far
    as the spread of all windows' rows tells.
    """

    starts: Floats
    ends: Floats
    means: Floats
    medians: Floats
    errors: Floats

    def __len__(self) -> int:
        return len(self.means)


def blocks(series: Series, count: int = BLOCKS) -> Blocks:
    """`series` in at most `count` windows from its first to its last step."""
    steps, values = np.asarray(series.steps), np.asarray(series.values)
    if len(steps) == 0:
        none = np.zeros(0)
        return Blocks(none, none, none, none, none)
    edges = np.linspace(0.0, steps[-1], count + 1)
    place = np.clip(np.searchsorted(edges, steps, side="left") - 1, 0, count - 1)
    used = np.unique(place)
    cut = np.searchsorted(place, used)
    groups = np.split(values, cut[1:])
    spread = np.array([group.std() for group in groups])
    sizes = np.array([len(group) for group in groups])
    typical = float(np.median(spread[sizes > 1])) if (sizes > 1).any() else 0.0
    return Blocks(
        starts=edges[used],
        ends=edges[used + 1],
        means=np.array([group.mean() for group in groups]),
        medians=np.array([np.median(group) for group in groups]),
        errors=np.maximum(spread, typical) / np.sqrt(sizes),
    )


def stretches(held: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """First and last index of each stretch of true values."""
    start: int | None = None
    for i, value in enumerate([*held.tolist(), False]):
        if value and start is None:
            start = i
        elif not value and start is not None:
            yield start, i - 1
            start = None


def until(end: float, recording: Recording) -> int | None:
    """Where a finding ends; None where that is the end of the run (the last twentieth counts as it)."""
    last = max((s.steps[-1] for s in recording.training.values() if len(s) > 0), default=0.0)
    return None if end >= last * (1 - 1 / BLOCKS) else int(end)


def numbers(**values: float) -> dict[str, float]:
    """Measurements to keep with a finding: finite ones, with 6 digits."""
    return {name: float(f"{value:.6g}") for name, value in values.items() if math.isfinite(value)}
