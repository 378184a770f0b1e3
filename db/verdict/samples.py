"""Means, their t intervals and Welch's interval of a difference."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from db.verdict.distributions import t_quantile

LARGEST = 1e100
_DIGITS = 12


def usable_value(value: float | None) -> bool:
    """False for NaN, infinities and values of a size that no return has: such a seed has failed."""
    return value is not None and math.isfinite(value) and abs(value) <= LARGEST


def settle(value: float) -> float:
    """The value to 12 significant digits, so that rounding in the last bits cannot break a tie."""
    return float(f"{value:.{_DIGITS}g}") + 0.0


def mean(values: Sequence[float]) -> float:
    """The mean of at least one value; exactly the value where all are equal."""
    return values[0] if min(values) == max(values) else math.fsum(values) / len(values)


def variance(values: Sequence[float]) -> float:
    """The unbiased variance of at least two values; exactly 0 where all are equal."""
    if min(values) == max(values):
        return 0.0
    centre = mean(values)
    return math.fsum((value - centre) ** 2 for value in values) / (len(values) - 1)


@dataclass(frozen=True)
class Estimate:
    """An estimate with its standard error and degrees of freedom. With `se` 0 its limits are itself."""

    value: float
    se: float
    df: float

    def half_width(self, level: float) -> float:
        """Half the width of the two-sided interval at `level`, such as 0.95."""
        return t_quantile((1 + level) / 2, self.df) * self.se if self.se > 0 else 0.0

    def interval(self, level: float) -> tuple[float, float]:
        half = self.half_width(level)
        return self.value - half, self.value + half


def mean_estimate(values: Sequence[float]) -> Estimate:
    """The mean of at least two runs, with s/sqrt(n) and n - 1 degrees of freedom."""
    n = len(values)
    return Estimate(mean(values), math.sqrt(variance(values) / n), n - 1)


def welch(x: Sequence[float], y: Sequence[float]) -> Estimate:
    """mean(x) - mean(y) with unequal variances, Welch-Satterthwaite degrees of freedom."""
    n, m = len(x), len(y)
    share_x, share_y = variance(x) / n, variance(y) / m
    squared = share_x + share_y
    difference = settle(mean(x)) - settle(mean(y))
    if abs(difference) <= 1e-12 * max(abs(mean(x)), abs(mean(y))):
        difference = 0.0
    if squared == 0:
        return Estimate(difference, 0.0, n + m - 2)
    weight_x, weight_y = share_x / squared, share_y / squared
    df = 1 / (weight_x**2 / (n - 1) + weight_y**2 / (m - 1))
    return Estimate(difference, math.sqrt(squared), df)


def median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


PROFILE_FROM = 10


def profiles(
    *,
    child: Sequence[float],
    comparator: Sequence[float] | None = None,
    higher_is_better: bool = True,
    failed: int = 0,
) -> dict[str, JsonValue]:
    """The performance profile of each side (Agarwal et al. 2021), as JSON; see `profile`.

    Empty below ten child runs: fewer say too little. `failed` counts the child's failed seeds.
    """
    if len(child) + failed < PROFILE_FROM:
        return {}
    sides = {"child": profile(child, higher_is_better=higher_is_better, failed=failed)}
    if comparator is not None:
        sides["comparator"] = profile(comparator, higher_is_better=higher_is_better)
    return {"profile": {name: [list(step) for step in steps] for name, steps in sides.items()}}


def profile(
    values: Sequence[float], *, higher_is_better: bool, failed: int = 0
) -> tuple[tuple[float, float], ...]:
    """For each value met, the share of runs that are at least as good; one that failed never is."""
    sign = 1 if higher_is_better else -1
    runs = len(values) + failed
    return tuple(
        (tau, sum(sign * value >= sign * tau for value in values) / runs) for tau in sorted(set(values))
    )
