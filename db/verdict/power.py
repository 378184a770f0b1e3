"""The power hint: what a number of seeds can show, before anything is launched."""

import math
from collections.abc import Mapping, Sequence

from db.expectation.claims import Claim, Comparison, Equivalence, Expectation, Solves, Threshold
from db.verdict import words
from db.verdict.distributions import pass_probability, sign_tail, t_quantile
from db.verdict.rules import ALPHA, MIN_SEEDS
from db.verdict.samples import usable_value, variance

POWER = 0.8
DETECTABLE = {3: 3.5, 4: 2.9, 5: 2.1, 6: 1.85, 7: 1.65, 8: 1.55, 9: 1.4, 10: 1.35}
"""Detectable difference at 80 % power, n against n, in standard deviations: simulated, normal data."""

_LARGEST_SIMULATED = max(DETECTABLE)


def detectable_difference(n: int, m: int) -> float | None:
    """The difference, in standard deviations, that n against m seeds show with 80 % power; None below 3."""
    if min(n, m) < MIN_SEEDS:
        return None
    even = 2 / (1 / n + 1 / m)
    if even > _LARGEST_SIMULATED:
        df = n + m - 2
        return (t_quantile(1 - float(ALPHA) / 2, df) + t_quantile(POWER, df)) * math.sqrt(1 / n + 1 / m)
    below = math.floor(even)
    above = min(below + 1, _LARGEST_SIMULATED)
    return DETECTABLE[below] + (even - below) * (DETECTABLE[above] - DETECTABLE[below])


def pooled_deviation(groups: Sequence[Sequence[float]]) -> float | None:
    """The standard deviation between seeds, pooled over experiments; None where no group has two values."""
    usable = [[value for value in group if usable_value(value)] for group in groups]
    usable = [group for group in usable if len(group) > 1]
    if not usable:
        return None
    squares = math.fsum(variance(group) * (len(group) - 1) for group in usable)
    return math.sqrt(squares / sum(len(group) - 1 for group in usable))


def power_hint(
    expectation: Expectation,
    seeds: int,
    comparator_seeds: int,
    history: Mapping[str, Sequence[Sequence[float]]],
) -> tuple[str, ...]:
    """One sentence for each claim: how much these seeds can show.

    `history` holds, by metric name, the final values of each experiment of the lineage.
    """
    said = (_hint(claim, seeds, comparator_seeds, history) for claim in expectation.claims)
    return tuple(dict.fromkeys(sentence for sentence in said if sentence))


def _hint(
    claim: Claim, seeds: int, comparator_seeds: int, history: Mapping[str, Sequence[Sequence[float]]]
) -> str | None:
    if isinstance(claim, Threshold | Solves):
        return threshold_hint(seeds)
    if isinstance(claim, Comparison | Equivalence):
        groups = history.get(claim.metric.name, ())
        return _difference_hint(claim.metric.words, seeds, comparator_seeds, groups)
    return None


def threshold_hint(seeds: int) -> str | None:
    """With which chance each seed has to meet a threshold, for 80 % power; None below 5 seeds."""
    needed = next((k for k in range(seeds + 1) if sign_tail(k, seeds) <= ALPHA), None)
    if needed is None:
        return None
    chance = pass_probability(needed, seeds, POWER)
    return (
        f"{needed} of {seeds} seeds have to meet it: at 80 % power if each does with probability {chance:.2f}"
    )


def _difference_hint(metric: str, n: int, m: int, groups: Sequence[Sequence[float]]) -> str | None:
    in_deviations = detectable_difference(n, m)
    if in_deviations is None:
        return None
    said = f"{n} against {m} seeds show a difference of about {in_deviations:.3g} s with 80 % power"
    deviation = pooled_deviation(groups)
    if not deviation:
        return f"{said} (s: spread between seeds)"
    size = in_deviations * deviation
    places = words.decimals([size])
    spread = words.number(deviation, places)
    return f"{said}: {words.number(size, places)} in {metric} (rough: s = {spread} so far)"
