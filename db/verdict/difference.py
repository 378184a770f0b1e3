"""Claims about the difference to a comparator: Welch's interval and the exact rank test together."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from db.expectation.claims import Comparison, Equivalence
from db.expectation.echo import describe
from db.expectation.numbers import exact_number, percent_number
from db.verdict import words
from db.verdict.evidence import Evidence, done, failed, labels
from db.verdict.outcomes import ClaimVerdict, Outcome, SeedOutcome
from db.verdict.ranks import probability_of_improvement
from db.verdict.rules import FULL_RULES_FROM, MIN_SEEDS, Difference, Levels, both_directions, difference_rule
from db.verdict.samples import PROFILE_FROM, mean, mean_estimate, profiles, welch

_TWO = 2


@dataclass(frozen=True)
class _Sides:
    """The values of one metric on both sides, in the order of the seeds."""

    child: tuple[float, ...]
    comparator: tuple[float, ...]
    name: str


def _values(seeds: Sequence[SeedOutcome], metric: str) -> tuple[float, ...]:
    return tuple(s.metrics[metric] for s in done(seeds) if metric in s.metrics)


def percentage_base(values: Sequence[float]) -> float | None:
    """The comparator's mean, of which percentages are taken; None where its 95 % interval contains 0."""
    if len(values) < _TWO:
        return None
    estimate = mean_estimate(values)
    low, high = estimate.interval(0.95)
    return None if low <= 0 <= high else estimate.value


def target_values(claim: Comparison, comparator: Sequence[float], base: float) -> list[float]:
    """The comparator's values as c * value + delta; a relative margin moves by that share of its size."""
    toward = claim.margin if claim.up else -claim.margin
    if not claim.relative:
        return [value + toward for value in comparator]
    factor = 1 + toward if base > 0 else 1 - toward
    return [factor * value for value in comparator]


def judge_difference(claim: Comparison | Equivalence, evidence: Evidence) -> ClaimVerdict:
    """Supported or refuted only where Welch's limit and the rank test agree, and where no seed failed."""
    other = evidence.other(claim.other)
    name = evidence.expectation.name_of(claim.other)
    sides = _Sides(_values(evidence.child, claim.metric.name), _values(other, claim.metric.name), name)
    outcome = Outcome.INCONCLUSIVE
    tests: tuple[Difference, ...] = ()
    reason = evidence.blocked or _why_undecidable(claim, evidence, sides)
    decidable = reason is None
    if reason is None:
        outcome, tests = _decide(claim, sides, evidence.levels)
        reason = _reason(outcome, tests, sides, evidence.levels)
    asked = describe(claim, evidence.expectation)
    got = _got(sides)
    difference, between = _plain_difference(sides, evidence.levels.interval)
    return ClaimVerdict(
        asked=asked,
        outcome=outcome,
        got=got,
        reason=reason,
        short=_short(claim, sides),
        difference=difference,
        interval=between,
        needs_more_seeds=evidence.more_seeds() if decidable and outcome is Outcome.INCONCLUSIVE else None,
        numbers=_numbers(claim, sides, tests),
    )


def _decide(
    claim: Comparison | Equivalence, sides: _Sides, levels: Levels
) -> tuple[Outcome, tuple[Difference, ...]]:
    base = (percentage_base(sides.comparator) if claim.relative else None) or 0.0
    directions = claim.directions if isinstance(claim, Equivalence) else (claim,)
    tests = tuple(
        difference_rule(sides.child, target_values(one, sides.comparator, base), up=one.up, levels=levels)
        for one in directions
    )
    if len(tests) == 1:
        return tests[0].outcome, tests
    return both_directions(tests[0].outcome, tests[1].outcome), tests


def _why_undecidable(claim: Comparison | Equivalence, evidence: Evidence, sides: _Sides) -> str | None:
    """Why nothing can be compared, in the order in which people can do something about it."""
    if evidence.incomparable:
        return f"cannot be compared with {sides.name}: {evidence.incomparable}"
    return _why_unusable(claim, evidence, sides.name) or _why_too_few(claim, evidence, sides)


def _why_unusable(claim: Comparison | Equivalence, evidence: Evidence, name: str) -> str | None:
    other = evidence.other(claim.other)
    broken = [*failed(evidence.child), *failed(other)]
    if broken:
        return f"{labels(broken)} failed: a comparison of means is inconclusive with a failed seed"
    stopped = [s for s in other if s.state == "stopped"]
    if stopped:
        return f"{labels(stopped)} of {name} was stopped: run {name} alongside"
    return None


def _why_too_few(claim: Comparison | Equivalence, evidence: Evidence, sides: _Sides) -> str | None:
    if len(sides.child) < len(done(evidence.child)):
        return f"not every seed measured {claim.metric.words}"
    if len(sides.comparator) < MIN_SEEDS:
        have = words.seeds(len(sides.comparator))
        return f"{sides.name} has {have} with {claim.metric.words}, {MIN_SEEDS} are needed: run it alongside"
    if claim.relative and percentage_base(sides.comparator) is None:
        return no_percentage(sides.name)
    return None


def no_percentage(name: str) -> str:
    """What is said where the comparator's mean may be 0."""
    return (
        f"the 95 % interval of {name}'s mean contains 0, so no percentage of it: give an absolute difference"
    )


def _reason(outcome: Outcome, tests: Sequence[Difference], sides: _Sides, levels: Levels) -> str:
    """Which test decided, or which did not agree."""
    level = f"{levels.interval * 100:.3g} %"
    if outcome is Outcome.SUPPORTED:
        p = max(float(test.p_met) for test in tests)
        return f"the {level} limit lies beyond what was asked, and the rank test agrees ({words.p_value(p)})"
    if outcome is Outcome.REFUTED:
        p = min(float(test.p_missed) for test in tests)
        level = f"{levels.refuting_interval * 100:.3g} %"
        return (
            f"the {level} limit lies short of what was asked, and the rank test agrees ({words.p_value(p)})"
        )
    if len(sides.child) < FULL_RULES_FROM:
        return f"with {words.seeds(len(sides.child))} only full separation decides: inconclusive"
    open_test = next(test for test in tests if test.outcome is not Outcome.SUPPORTED)
    half = open_test.estimate.half_width(levels.interval)
    if open_test.estimate.value - half <= 0 <= open_test.estimate.value + half:
        return f"what was asked lies inside the {level} interval: inconclusive"
    p = float(min(open_test.p_met, open_test.p_missed))
    return f"the {level} interval and the rank test ({words.p_value(p)}) do not agree: inconclusive"


def _places(sides: _Sides) -> int:
    return words.decimals([*sides.child, *sides.comparator])


def _means(sides: _Sides) -> str:
    places = _places(sides)
    ours = words.number(mean(sides.child), places) if sides.child else "no value"
    theirs = words.number(mean(sides.comparator), places) if sides.comparator else "no value"
    return f"{ours} vs {theirs}"


def _got(sides: _Sides) -> str:
    base = percentage_base(sides.comparator)
    if not sides.child or base is None:
        return _means(sides)
    change = (mean(sides.child) - base) / abs(base)
    sign = "+" if change > 0 else ""
    return f"{_means(sides)} ({sign}{words.percent(change)})"


def _plain_difference(sides: _Sides, level: float) -> tuple[str | None, tuple[float, float] | None]:
    if not sides.child or not sides.comparator:
        return None, None
    places = _places(sides)
    if min(len(sides.child), len(sides.comparator)) < _TWO:
        return words.signed(mean(sides.child) - mean(sides.comparator), places), None
    estimate = welch(sides.child, sides.comparator)
    low, high = estimate.interval(level)
    return f"{words.signed(estimate.value, places)}, {words.interval(low, high, places, level)}", (low, high)


def _short(claim: Comparison | Equivalence, sides: _Sides) -> str:
    """The guard's line: "Reward 489 vs 492: within 15"."""
    title = "Reward" if claim.metric.name == "final_reward" else claim.metric.words.capitalize()
    size = percent_number(abs(claim.margin)) if claim.relative else exact_number(abs(claim.margin))
    if isinstance(claim, Equivalence) or claim.margin < 0:
        return f"{title} {_means(sides)}: within {size}"
    way = "above" if claim.up else "below"
    return f"{title} {_means(sides)}: {f'{size} ' if claim.margin else ''}{way}"


def _numbers(
    claim: Comparison | Equivalence, sides: _Sides, tests: Sequence[Difference]
) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {"n": len(sides.child), "m": len(sides.comparator)}
    if tests:
        found["tests"] = [
            {
                "theta": test.estimate.value,
                "se": test.estimate.se,
                "df": test.estimate.df,
                "p_met": float(test.p_met),
                "p_missed": float(test.p_missed),
                "outcome": test.outcome.value,
            }
            for test in tests
        ]
    if tests and len(sides.child) >= PROFILE_FROM:
        up = claim.metric.higher_is_better
        pair = (sides.child, sides.comparator) if up else (sides.comparator, sides.child)
        found["probability_of_improvement"] = probability_of_improvement(*pair)
    return found | (_profiles(claim, sides) if tests else {})


def _profiles(claim: Comparison | Equivalence, sides: _Sides) -> dict[str, JsonValue]:
    up = claim.metric.higher_is_better
    return profiles(child=sides.child, comparator=sides.comparator, higher_is_better=up)
