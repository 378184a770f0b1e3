"""The rules of `db.verdict` over thousands of replications at once, and the naive rules beside them.

Outcomes are arrays of 1 (supported), -1 (refuted) and 0 (inconclusive), one for each replication.
The sign test's and the rank test's p values come from `db.verdict` itself, once for each distinct
case; Welch's interval is repeated here with numpy. `bench.verdict_errors` holds all of it against
`db.verdict.judge`.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bench.verdict_distributions import Floats
from db.verdict import Outcome
from db.verdict.ranks import mann_whitney_greater, smallest_p
from db.verdict.rules import FULL_RULES_FROM, MIN_SEEDS_MEAN, Levels, sign_rule

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

LEVELS = Levels()
LEVEL = 0.95
CODES = {Outcome.SUPPORTED: 1, Outcome.REFUTED: -1, Outcome.INCONCLUSIVE: 0}


def codes(supported: Bools, refuted: Bools) -> Ints:
    """1 where supported, -1 where refuted, 0 elsewhere."""
    return supported.astype(np.int64) - refuted.astype(np.int64)


def sign_outcomes(met: Bools) -> Ints:
    """The sign rule for rows of seeds that met the claim or did not."""
    n = met.shape[1]
    decided = np.array([CODES[sign_rule(k, n, LEVELS)] for k in range(n + 1)])
    outcomes: Ints = decided[met.sum(axis=1)]
    return outcomes


def _limits(estimate: Floats, se: Floats, df: Floats | float) -> tuple[Floats, Floats]:
    half = np.where(se > 0, stats.t.ppf((1 + LEVEL) / 2, df) * se, 0.0)
    return estimate - half, estimate + half


def mean_limits(values: Floats) -> tuple[Floats, Floats]:
    """The t interval of the mean of each row."""
    n = values.shape[1]
    return _limits(values.mean(axis=1), values.std(axis=1, ddof=1) / np.sqrt(n), n - 1)


def mean_outcomes(values: Floats, threshold: float) -> Ints:
    """The rule for `mean ... > threshold`."""
    low, high = mean_limits(values)
    decidable = (values.min(axis=1) < values.max(axis=1)) & (values.shape[1] >= MIN_SEEDS_MEAN)
    return codes(decidable & (low > threshold), decidable & (high < threshold))


def welch_limits(child: Floats, target: Floats) -> tuple[Floats, Floats]:
    n, m = child.shape[1], target.shape[1]
    a, b = child.var(axis=1, ddof=1) / n, target.var(axis=1, ddof=1) / m
    squared = a + b
    spread = np.maximum(squared, 1e-300)
    df = 1 / np.maximum((a / spread) ** 2 / (n - 1) + (b / spread) ** 2 / (m - 1), 1e-12)
    return _limits(child.mean(axis=1) - target.mean(axis=1), np.sqrt(squared), df)


def rank_tests(child: Floats, target: Floats) -> tuple[Bools, Bools]:
    """Where the exact rank test allows "greater" and "less", fully separated below five seeds."""
    n, m = child.shape[1], target.shape[1]
    ranks = np.rint(2 * stats.rankdata(np.hstack([child, target]), axis=1)).astype(int)
    keys = np.hstack([np.sort(ranks, axis=1), ranks[:, :n].sum(axis=1, keepdims=True)])
    _, first, which = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    bound = min(LEVELS.support, smallest_p(n, m)) if n < FULL_RULES_FROM else LEVELS.support
    greater = np.array([mann_whitney_greater(*_pair(ranks[i], n)) <= bound for i in first])
    less = np.array([mann_whitney_greater(*reversed(_pair(ranks[i], n))) <= bound for i in first])
    which = which.reshape(-1)
    return greater[which], less[which]


def _pair(ranks: Ints, n: int) -> tuple[list[float], list[float]]:
    return [float(r) for r in ranks[:n]], [float(r) for r in ranks[n:]]


def difference_outcomes(child: Floats, target: Floats) -> Ints:
    """The rule for `> parent`: Welch's limit and the rank test together."""
    low, high = welch_limits(child, target)
    greater, less = rank_tests(child, target)
    return codes((low > 0) & greater, (high < 0) & less)


def rank_outcomes(child: Floats, target: Floats) -> Ints:
    """Mann-Whitney alone, which is not our rule."""
    return codes(*rank_tests(child, target))


def constant_outcomes(child: Floats, target: Floats) -> Ints:
    """The comparator's mean taken for a constant, which is not our rule."""
    low, high = mean_limits(child)
    centre = target.mean(axis=1)
    return codes(low > centre, high < centre)


def bootstrap_outcomes(
    rng: np.random.Generator, values: Floats, threshold: float, *, interquartile: bool
) -> Ints:
    """A percentile bootstrap of the mean or the interquartile mean, which is not our rule."""
    n, resamples = values.shape[1], 1000
    cut = n // 4 if interquartile else 0
    low, high = np.empty(len(values)), np.empty(len(values))
    for i, row in enumerate(values):
        drawn = np.sort(row[rng.integers(0, n, (resamples, n))], axis=1)
        low[i], high[i] = np.quantile(drawn[:, cut : n - cut].mean(axis=1), [0.025, 0.975])
    return codes(low > threshold, high < threshold)
