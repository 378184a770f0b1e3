"""The decision rules over numbers alone: no names, no words. Error rates: `bench/verdict_errors.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from db.verdict.distributions import sign_tail
from db.verdict.outcomes import Outcome
from db.verdict.ranks import mann_whitney_greater, smallest_p
from db.verdict.samples import Estimate, mean_estimate, settle, welch

ALPHA = Fraction(1, 20)
MIN_SEEDS = 3
MIN_SEEDS_MEAN = 5
FULL_RULES_FROM = 5
LOOKS = (5, 10)


@dataclass(frozen=True)
class Levels:
    """The error allowed in one direction.

    A sweep of K arms has alpha / K; a part of `A and B` is supported at alpha (all parts must be)
    and refuted at alpha / parts (one is enough).
    """

    support: Fraction = ALPHA
    refute: Fraction = ALPHA

    @classmethod
    def of(cls, arms: int, parts: int) -> "Levels":
        return cls(ALPHA / arms, ALPHA / (arms * parts))

    @property
    def interval(self) -> float:
        """The two-sided level of the interval that must lie beyond the claim: 0.95 for one arm."""
        return float(1 - self.support)

    @property
    def refuting_interval(self) -> float:
        return float(1 - self.refute)


def _decide(*, supported: bool, refuted: bool) -> Outcome:
    if supported:
        return Outcome.SUPPORTED
    return Outcome.REFUTED if refuted else Outcome.INCONCLUSIVE


def sign_rule(met: int, n: int, levels: Levels) -> Outcome:
    """The exact sign test over seeds: 5 of 5, 7 of 8 or 9 of 10 at alpha 0.05, and its mirror image."""
    return _decide(
        supported=sign_tail(met, n) <= levels.support, refuted=sign_tail(n - met, n) <= levels.refute
    )


def seeds_to_decide(met: int, n: int, levels: Levels) -> tuple[int, Outcome] | None:
    """How many more seeds, all with the better-placed answer, would decide the sign rule at a coming look."""
    for look in (look for look in LOOKS if look > n):
        more = look - n
        if met >= n - met and sign_tail(met + more, look) <= levels.support:
            return more, Outcome.SUPPORTED
        if met <= n - met and sign_tail(n - met + more, look) <= levels.refute:
            return more, Outcome.REFUTED
    return None


def mean_rule(values: Sequence[float], threshold: float, *, up: bool, levels: Levels) -> Outcome:
    """The t interval of the mean lies beyond the threshold. Below five values, or with s = 0: nothing."""
    estimate = mean_estimate([settle(value) for value in values])
    if len(values) < MIN_SEEDS_MEAN or estimate.se == 0:
        return Outcome.INCONCLUSIVE
    beyond = estimate.value - threshold if up else threshold - estimate.value
    return _decide(
        supported=beyond - estimate.half_width(levels.interval) > 0,
        refuted=beyond + estimate.half_width(levels.refuting_interval) < 0,
    )


@dataclass(frozen=True)
class Difference:
    """theta = child - (c * comparator + delta), turned so that positive is what the claim says."""

    outcome: Outcome
    estimate: Estimate
    p_met: Fraction
    p_missed: Fraction


def difference_rule(
    child: Sequence[float], target: Sequence[float], *, up: bool, levels: Levels
) -> Difference:
    """Welch's limit and the exact Mann-Whitney test together, and the mirror image of both.

    `target` is c * comparator + delta, value by value. Needs three values on either side; below
    five of the child's, only full separation decides.
    """
    a, b = [settle(value) for value in child], [settle(value) for value in target]
    if not up:
        a, b = [-value for value in a], [-value for value in b]
    estimate = welch(a, b)
    p_met, p_missed = mann_whitney_greater(a, b), mann_whitney_greater(b, a)
    few = len(a) < FULL_RULES_FROM
    enough = min(len(a), len(b)) >= MIN_SEEDS
    limit = smallest_p(len(a), len(b))
    lower = estimate.value - estimate.half_width(levels.interval)
    upper = estimate.value + estimate.half_width(levels.refuting_interval)
    outcome = _decide(
        supported=enough and lower > 0 and p_met <= (min(limit, levels.support) if few else levels.support),
        refuted=enough and upper < 0 and p_missed <= (min(limit, levels.refute) if few else levels.refute),
    )
    return Difference(outcome, estimate, p_met, p_missed)


def both_directions(above: Outcome, below: Outcome) -> Outcome:
    """Two one-sided tests: supported iff both are, refuted iff either is refuted."""
    return every_part((above, below))


def every_part(outcomes: Sequence[Outcome]) -> Outcome:
    """`A and B`: refuted if any part is, supported iff every part is."""
    if Outcome.REFUTED in outcomes:
        return Outcome.REFUTED
    return Outcome.SUPPORTED if set(outcomes) == {Outcome.SUPPORTED} else Outcome.INCONCLUSIVE


def next_look(n: int) -> int | None:
    """The number of seeds at the next allowed look after `n`: 5, then 10, then none."""
    return next((look for look in LOOKS if look > n), None)


def is_look(planned: int, approved: int) -> bool:
    """True where a verdict may be given: at the approved number of seeds, later only at 5 and 10."""
    return planned == approved or (planned > approved and planned in LOOKS)
