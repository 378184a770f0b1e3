"""Claims about seeds one by one: thresholds, solving, counts. And the mean over a threshold."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from pydantic import JsonValue

from db.expectation.claims import CountOfSeeds, MeanThreshold, Solves, Threshold
from db.expectation.echo import describe
from db.expectation.numbers import exact_number, steps_number
from db.verdict import words
from db.verdict.distributions import clopper_pearson, sign_tail
from db.verdict.evidence import Evidence, counted, done, failed, labels
from db.verdict.outcomes import ClaimVerdict, Outcome, SeedOutcome
from db.verdict.rules import MIN_SEEDS_MEAN, mean_rule, seeds_to_decide, sign_rule
from db.verdict.samples import mean_estimate, median, profiles, settle


@dataclass(frozen=True)
class _Tally:
    """Which seeds meet a claim. `unmeasured` are done seeds that say nothing about it."""

    met: int
    n: int
    unmeasured: tuple[SeedOutcome, ...]
    values: tuple[float, ...]


def _tally(claim: Threshold | Solves, child: Sequence[SeedOutcome]) -> _Tally:
    seeds = counted(child)
    measured = done(seeds)
    if isinstance(claim, Threshold):
        name = claim.metric.name
        values = [settle(s.metrics[name]) for s in measured if name in s.metrics]
        met = sum(claim.bound.met(value, settle(claim.value)) for value in values)
        unmeasured = tuple(s for s in measured if name not in s.metrics)
    else:
        key = (claim.threshold, claim.within_steps)
        crossings = [s.solved[key] for s in measured if key in s.solved]
        values = [float(steps) for steps in crossings if steps is not None and steps <= claim.within_steps]
        met = len(values)
        unmeasured = tuple(s for s in measured if key not in s.solved)
    return _Tally(met, len(seeds), unmeasured, tuple(values))


def _got(claim: Threshold | Solves, tally: _Tally) -> str:
    if tally.n == 0:
        return "no seed that could be judged"
    met = f"{tally.met} of {words.seeds(tally.n)}"
    if isinstance(claim, Solves):
        at = f", median {steps_number(int(median_low(tally.values)))} steps" if tally.values else ""
        return f"solved in {met}{at}"
    if not tally.values:
        return f"met in {met}"
    places = words.decimals(tally.values, apart_from=claim.value)
    of = f" of {len(tally.values)} done seeds" if len(tally.values) < tally.n else ""
    return f"median{of} {words.number(median(tally.values), places)}, met in {met}"


def judge_sign(claim: Threshold | Solves, evidence: Evidence) -> ClaimVerdict:
    """The median claim: the exact sign test over seeds. A failed seed counts as not met."""
    tally = _tally(claim, evidence.child)
    outcome = sign_rule(tally.met, tally.n, evidence.levels)
    more, reason = None, _sign_reason(tally, outcome)
    if tally.unmeasured:
        outcome, reason = Outcome.INCONCLUSIVE, f"{labels(tally.unmeasured)} did not measure it"
    elif outcome is Outcome.INCONCLUSIVE:
        more, reason = _what_would_decide(tally, evidence)
    if evidence.blocked:
        outcome, more, reason = Outcome.INCONCLUSIVE, None, evidence.blocked
    asked = describe(claim, evidence.expectation)
    return ClaimVerdict(
        asked=asked,
        outcome=outcome,
        got=_got(claim, tally),
        reason=reason,
        short=f"{asked[:1].upper()}{asked[1:]}: {tally.met} of {tally.n}",
        needs_more_seeds=more,
        numbers={"met": tally.met, "n": tally.n, **_tails(tally, evidence), **_profiles(claim, tally)},
    )


def _profiles(claim: Threshold | Solves, tally: _Tally) -> dict[str, JsonValue]:
    """Of all seeds that count, those that failed too; nothing where one did not measure it."""
    if not isinstance(claim, Threshold) or tally.unmeasured:
        return {}
    up = claim.metric.higher_is_better
    return profiles(child=tally.values, higher_is_better=up, failed=tally.n - len(tally.values))


def _tails(tally: _Tally, evidence: Evidence) -> dict[str, JsonValue]:
    return {
        "p_met": float(sign_tail(tally.met, tally.n)),
        "p_missed": float(sign_tail(tally.n - tally.met, tally.n)),
        "alpha_support": float(evidence.levels.support),
        "alpha_refute": float(evidence.levels.refute),
    }


def _sign_reason(tally: _Tally, outcome: Outcome) -> str:
    refuted = outcome is Outcome.REFUTED
    p = float(sign_tail(tally.n - tally.met if refuted else tally.met, tally.n))
    return f"met in {tally.met} of {tally.n}: sign test {words.p_value(p)}"


def _what_would_decide(tally: _Tally, evidence: Evidence) -> tuple[int | None, str]:
    said = f"met in {tally.met} of {tally.n}: inconclusive"
    way = seeds_to_decide(tally.met, tally.n, evidence.levels)
    if way is None:
        return None, f"{said}; no number of seeds at the looks of 5 and 10 would decide it"
    more, outcome = way
    verb = "meet" if outcome is Outcome.SUPPORTED else "miss"
    return more, f"{said}; {more} more seeds that {verb} it would make it {outcome}"


def judge_count(claim: CountOfSeeds, evidence: Evidence) -> ClaimVerdict:
    """A count of the first `of` seeds: met or not met, with the exact interval of the share."""
    seeds = counted(evidence.child)[: claim.of]
    tally = _tally(claim.claim, seeds)
    asked = describe(claim, evidence.expectation)
    outcome = Outcome.SUPPORTED if tally.met >= claim.needed else Outcome.REFUTED
    reason = "count of seeds only"
    low, high = clopper_pearson(tally.met, tally.n) if tally.n else (0.0, 1.0)
    if tally.unmeasured:
        outcome, reason = Outcome.INCONCLUSIVE, f"{labels(tally.unmeasured)} did not measure it"
    if tally.n < claim.of:
        outcome, reason = Outcome.INCONCLUSIVE, f"{tally.n} of the {claim.of} seeds have a result"
    if evidence.blocked:
        outcome, reason = Outcome.INCONCLUSIVE, evidence.blocked
    share = f"95 % [{words.number(low * 100, 0)} %, {words.number(high * 100, 0)} %]"
    return ClaimVerdict(
        asked=asked,
        outcome=outcome,
        got=f"{tally.met} of {words.seeds(tally.n)}, {share}, count of seeds only",
        reason=reason,
        short=f"{asked[:1].upper()}{asked[1:]}: {tally.met} of {tally.n}",
        interval=(low, high),
        numbers={
            "met": tally.met,
            "n": tally.n,
            "needed": claim.needed,
            "share_low": low,
            "share_high": high,
        },
    )


def judge_mean(claim: MeanThreshold, evidence: Evidence) -> ClaimVerdict:
    """The t interval of the mean; assumes no rare failures, and says so."""
    child = evidence.child
    values = [settle(s.metrics[claim.metric.name]) for s in done(child) if claim.metric.name in s.metrics]
    outcome, reason = Outcome.INCONCLUSIVE, _why_no_mean(claim, child, values)
    if reason is None:
        outcome = mean_rule(values, claim.value, up=claim.bound.up, levels=evidence.levels)
        beyond = "lies beyond" if outcome is not Outcome.INCONCLUSIVE else "contains"
        level = f"{evidence.levels.interval * 100:.3g} %"
        reason = (
            f"the {level} interval of the mean {beyond} {exact_number(claim.value)}; assumes no rare failures"
        )
    if evidence.blocked:
        outcome, reason = Outcome.INCONCLUSIVE, evidence.blocked
    got, between = _mean_words(claim, values, evidence.levels.interval)
    asked = describe(claim, evidence.expectation)
    return ClaimVerdict(
        asked=asked,
        outcome=outcome,
        got=got,
        reason=reason,
        short=f"{asked[:1].upper()}{asked[1:]}: {got}",
        interval=between,
        needs_more_seeds=_more_for_mean(outcome, evidence),
        numbers={
            "n": len(values),
            "level": evidence.levels.interval,
            **profiles(child=values, higher_is_better=claim.metric.higher_is_better),
        },
    )


def _more_for_mean(outcome: Outcome, evidence: Evidence) -> int | None:
    decidable = outcome is Outcome.INCONCLUSIVE and not evidence.blocked and not failed(evidence.child)
    return evidence.more_seeds() if decidable else None


def _why_no_mean(claim: MeanThreshold, child: Sequence[SeedOutcome], values: Sequence[float]) -> str | None:
    broken = failed(child)
    unmeasured = [s for s in done(child) if claim.metric.name not in s.metrics]
    if broken:
        return f"{labels(broken)} failed: a mean over runs is inconclusive with a failed seed"
    if unmeasured:
        return f"{labels(unmeasured)} did not measure it"
    if len(values) < MIN_SEEDS_MEAN:
        return f"a claim about the mean needs {MIN_SEEDS_MEAN} seeds"
    if min(values) == max(values):
        return "all seeds are equal, so the spread is unknown: inconclusive"
    return None


def _mean_words(
    claim: MeanThreshold, values: Sequence[float], level: float
) -> tuple[str, tuple[float, float] | None]:
    if not values:
        return "no values", None
    places = words.decimals(values, apart_from=claim.value)
    if len(values) == 1:
        return f"mean {words.number(values[0], places)} of 1 seed", None
    estimate = mean_estimate(values)
    low, high = estimate.interval(level)
    return f"mean {words.number(estimate.value, places)}, {words.interval(low, high, places, level)}", (
        low,
        high,
    )
