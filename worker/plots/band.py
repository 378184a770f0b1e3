"""The mean of several curves and the band around it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from db.verdict.distributions import t_quantile
from worker.series import Series

Floats: TypeAlias = NDArray[np.float64]

POINTS = 80
INTERVAL_FROM = 5
_LEVEL = 0.975


@dataclass(frozen=True)
class Band:
    """`mean`, `low` and `high` over `steps`, from `n` curves; `words` says what the band is."""

    steps: Floats
    mean: Floats
    low: Floats
    high: Floats
    n: int
    words: str


def thinned(series: Series) -> tuple[Floats, Floats]:
    """At most `POINTS` points: each the mean of the points that fall together."""
    steps, values = np.asarray(series.steps), np.asarray(series.values)
    if len(steps) <= POINTS:
        return steps, values
    edges = np.linspace(0, len(steps), POINTS + 1).astype(int)[:-1]
    counts = np.diff(np.append(edges, len(steps)))
    return np.add.reduceat(steps, edges) / counts, np.add.reduceat(values, edges) / counts


def band_of(curves: Sequence[Series]) -> Band | None:
    """Over the steps that all curves cover; None for fewer than two curves, or where those share no stretch.

    Below five curves from the smallest to the largest value, else the 95 % t interval of the mean.
    """
    drawn = [thinned(series) for series in curves if len(series) > 0]
    if len(drawn) <= 1:
        return None
    first, last = max(steps[0] for steps, _ in drawn), min(steps[-1] for steps, _ in drawn)
    every = np.unique(np.concatenate([steps for steps, _ in drawn]))
    grid = every[(every >= first) & (every <= last)]
    if len(grid) > POINTS:
        grid = np.linspace(first, last, POINTS)
    if len(grid) <= 1:
        return None
    values = np.vstack([np.interp(grid, steps, heights) for steps, heights in drawn])
    return _band(grid, values)


def _band(grid: Floats, values: Floats) -> Band:
    n = len(values)
    centre = values.mean(axis=0)
    if n < INTERVAL_FROM:
        return Band(grid, centre, values.min(axis=0), values.max(axis=0), n, f"min to max of {n} seeds")
    half = t_quantile(_LEVEL, n - 1) * values.std(axis=0, ddof=1) / math.sqrt(n)
    return Band(grid, centre, centre - half, centre + half, n, "95 % interval of the mean")
