"""From seeds to a verdict: each claim by its rule, then all of them together."""

from collections.abc import Iterator, Mapping, Sequence

from db.expectation.claims import (
    FINAL_REWARD,
    Claim,
    Comparison,
    CountOfSeeds,
    Equivalence,
    Expectation,
    MeanThreshold,
    MetricInfo,
    Solves,
)
from db.verdict import words
from db.verdict.difference import judge_difference
from db.verdict.distributions import failure_limit
from db.verdict.evidence import Evidence, counted, done, failed, why_blocked
from db.verdict.outcomes import ClaimVerdict, Outcome, SeedLine, SeedOutcome, Verdict
from db.verdict.rules import Levels, every_part
from db.verdict.samples import usable_value
from db.verdict.threshold import judge_count, judge_mean, judge_sign


def judge(
    expectation: Expectation,
    guards: Expectation | None,
    child: Sequence[SeedOutcome],
    comparators: Mapping[int | None, Sequence[SeedOutcome]],
    *,
    approved_seeds: int | None = None,
    arms: int = 1,
    incomparable: str | None = None,
    stopped_by: str | None = None,
) -> Verdict:
    """The verdict over `child`, one outcome for each planned seed (the run of it that counts).

    `comparators` holds the seeds of each experiment in `expectation.comparators` and the guards'.
    `approved_seeds` is the number first signed (None: the seeds at hand), `arms` the arms of a
    sweep, `incomparable` why the comparator's results cannot be compared (another root, another
    fingerprint), `stopped_by` who or which rule stopped it. Never raises for finite values.
    """
    claims = expectation.claims
    guard_claims = guards.claims if guards else ()
    levels = Levels.of(arms, len(claims) + len(guard_claims))
    evidence = Evidence(
        expectation,
        tuple(child),
        comparators,
        levels,
        blocked=why_blocked(child, approved_seeds=approved_seeds or len(child), stopped_by=stopped_by),
        more_would_help=len(counted(child)) == len(child) and not stopped_by,
        incomparable=incomparable,
    )
    judged = tuple(_judge_claim(claim, evidence) for claim in claims)
    guarded = tuple(_judge_claim(claim, evidence) for claim in guard_claims)
    outcome = every_part([one.outcome for one in (*judged, *guarded)])
    broken = failed(child)
    return Verdict(
        outcome=outcome,
        claims=judged,
        guards=guarded,
        seeds=tuple(_line(seed) for seed in child),
        seeds_done=len(done(child)),
        seeds_failed=len(broken),
        seeds_planned=len(child),
        comparators=_comparator_seeds((*claims, *guard_claims), evidence),
        headline_metric=_headline_metric(claims[0]).name,
        worst_seed=_worst(claims[0], child),
        failure_limit=failure_limit(len(broken), len(counted(child))),
        n_episodes=min((s.n_episodes for s in done(child)), default=0),
        notes=(*_notes(claims, outcome, arms, child), *_improvement(claims, judged, expectation)),
        needs_more_seeds=_needs_more(outcome, (*judged, *guarded), evidence),
    )


def _judge_claim(claim: Claim, evidence: Evidence) -> ClaimVerdict:
    if isinstance(claim, Comparison | Equivalence):
        return judge_difference(claim, evidence)
    if isinstance(claim, MeanThreshold):
        return judge_mean(claim, evidence)
    if isinstance(claim, CountOfSeeds):
        return judge_count(claim, evidence)
    return judge_sign(claim, evidence)


def _needs_more(outcome: Outcome, parts: Sequence[ClaimVerdict], evidence: Evidence) -> int | None:
    """How many more seeds might decide it; None where it is decided or no more seeds can."""
    if outcome is not Outcome.INCONCLUSIVE:
        return None
    if evidence.blocked:
        return evidence.more_seeds() if evidence.more_would_help else None
    open_parts = [part.needs_more_seeds for part in parts if part.outcome is Outcome.INCONCLUSIVE]
    needs = [need for need in open_parts if need is not None]
    return max(needs) if needs and len(needs) == len(open_parts) else None


def _line(seed: SeedOutcome) -> SeedLine:
    broken = bool(failed([seed]))
    values = {} if seed.state != "done" else {k: v for k, v in seed.metrics.items() if usable_value(v)}
    crossings = tuple((threshold, within, steps) for (threshold, within), steps in seed.solved.items())
    return SeedLine(seed.label, "failed" if broken else seed.state, values, crossings)


def _comparator_seeds(claims: Sequence[Claim], evidence: Evidence) -> dict[str, int]:
    others = (claim.other for claim in claims if isinstance(claim, Comparison | Equivalence))
    return {evidence.expectation.name_of(other): len(done(evidence.other(other))) for other in others}


def _headline_metric(claim: Claim) -> MetricInfo:
    inner = claim.claim if isinstance(claim, CountOfSeeds) else claim
    return MetricInfo(FINAL_REWARD) if isinstance(inner, Solves) else inner.metric


def _worst(claim: Claim, child: Sequence[SeedOutcome]) -> str | None:
    metric = _headline_metric(claim)
    broken = failed(child)
    if broken:
        return broken[0].label
    measured = [(s.metrics[metric.name], s.label) for s in done(child) if metric.name in s.metrics]
    if not measured:
        return None
    return (min(measured) if metric.higher_is_better else max(measured))[1]


def _improvement(
    claims: Sequence[Claim], judged: Sequence[ClaimVerdict], expectation: Expectation
) -> Iterator[str]:
    """How often a seed beats one of the comparator's, from ten seeds on."""
    for claim, verdict in zip(claims, judged, strict=True):
        share = verdict.numbers.get("probability_of_improvement")
        if isinstance(claim, Comparison | Equivalence) and isinstance(share, float):
            name = expectation.name_of(claim.other)
            yield f"{claim.metric.words}: probability of improvement over {name} {words.percent(share)}"


def _notes(claims: Sequence[Claim], outcome: Outcome, arms: int, child: Sequence[SeedOutcome]) -> list[str]:
    notes = []
    if any(isinstance(claim, MeanThreshold) for claim in claims):
        notes.append("assumes no rare failures")
    if any(isinstance(claim, CountOfSeeds) for claim in claims):
        notes.append("count of seeds only")
    if arms > 1 and outcome is Outcome.SUPPORTED:
        notes.append(f"best of {arms} arms: a candidate until fresh seeds confirm it")
    broken = failed(child)
    if broken:
        total = words.seeds(len(counted(child)))
        notes.append(f"{len(broken)} of {total} failed and count as not met")
    return notes
