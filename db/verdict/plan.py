"""Before launch: what can never be judged is refused, what will not give a verdict is said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from db.errors import ExpectationError
from db.expectation.claims import (
    Claim,
    Comparison,
    CountOfSeeds,
    Equivalence,
    Expectation,
    MeanThreshold,
    Solves,
)
from db.expectation.echo import describe
from db.verdict import words
from db.verdict.difference import no_percentage, percentage_base, target_values
from db.verdict.distributions import sign_tail
from db.verdict.evidence import done, failed, labels
from db.verdict.outcomes import SeedOutcome
from db.verdict.ranks import smallest_p
from db.verdict.rules import ALPHA, FULL_RULES_FROM, MIN_SEEDS, MIN_SEEDS_MEAN
from db.verdict.samples import mean

_MOST_SEEDS = 100


@dataclass(frozen=True)
class Plan:
    """A contract before launch.

    `seeds` are planned for it; `comparators` holds what the compared experiments have so far;
    `alongside`: they are run again with the same number of seeds.
    """

    expectation: Expectation
    seeds: int
    guards: Expectation | None = None
    comparators: Mapping[int | None, Sequence[SeedOutcome]] = field(default_factory=dict)
    alongside: bool = False
    arms: int = 1
    total_timesteps: int | None = None

    @property
    def claims(self) -> tuple[Claim, ...]:
        return (*self.expectation.claims, *(self.guards.claims if self.guards else ()))

    @property
    def alpha(self) -> Fraction:
        """The error allowed to one part where it refutes: alpha / (arms * parts)."""
        return ALPHA / (self.arms * len(self.claims))

    def usable(self, claim: Comparison | Equivalence) -> tuple[float, ...]:
        """The comparator's values that there are already."""
        seeds = done(self.comparators.get(claim.other, ()))
        return tuple(s.metrics[claim.metric.name] for s in seeds if claim.metric.name in s.metrics)


def run_alongside_advised(comparator: Sequence[SeedOutcome], *, comparable: bool = True) -> bool:
    """True with fewer than 5 usable seeds or another fingerprint: the form preselects "run it alongside"."""
    return not comparable or len(done(comparator)) < FULL_RULES_FROM


def check_feasible(plan: Plan) -> None:
    """Raises ExpectationError, with the remedy, for claims that these seeds can never decide."""
    for claim in plan.claims:
        if isinstance(claim, CountOfSeeds):
            _check_count(claim, plan)
        elif plan.arms * len(plan.claims) > 1:
            _check_seeds(claim, plan)
        if isinstance(claim, Comparison | Equivalence) and claim.relative:
            _check_relative(claim, plan)


def _check_count(claim: CountOfSeeds, plan: Plan) -> None:
    if claim.of != plan.seeds:
        asked = describe(claim, plan.expectation)
        raise ExpectationError(
            f"`{asked}` is about {words.seeds(claim.of)}, the contract has {plan.seeds}: make them equal"
        )


def _check_seeds(claim: Claim, plan: Plan) -> None:
    needed = needed_seeds(claim, plan)
    if needed is None or plan.seeds >= needed:
        return
    why = f"{plan.arms} arms" if plan.arms > 1 else ""
    parts = f"{len(plan.claims)} parts" if len(plan.claims) > 1 else ""
    shared = " and ".join(part for part in (why, parts) if part)
    raise ExpectationError(
        f"`{describe(claim, plan.expectation)}` needs {needed} seeds where {shared} share the allowed error: "
        f"{words.seeds(plan.seeds)} can never decide it"
    )


def needed_seeds(claim: Claim, plan: Plan) -> int | None:
    """The smallest number of seeds that can decide a claim; None where the seeds at hand never can."""
    if isinstance(claim, MeanThreshold):
        return MIN_SEEDS_MEAN
    if isinstance(claim, CountOfSeeds):
        return claim.of
    if isinstance(claim, Comparison | Equivalence):
        fixed = None if plan.alongside else len(plan.usable(claim))
        sizes = range(MIN_SEEDS, _MOST_SEEDS)
        return next((n for n in sizes if smallest_p(n, n if fixed is None else fixed) <= plan.alpha), None)
    return next(n for n in range(1, _MOST_SEEDS) if sign_tail(n, n) <= plan.alpha)


def _check_relative(claim: Comparison | Equivalence, plan: Plan) -> None:
    values = plan.usable(claim)
    if len(values) < MIN_SEEDS:
        return
    name = plan.expectation.name_of(claim.other)
    base = percentage_base(values)
    if base is None:
        raise ExpectationError(f"`{describe(claim, plan.expectation)}`: {no_percentage(name)}")
    if isinstance(claim, Comparison) and claim.margin > 0:
        _check_reachable(claim, values, base, name)


def _check_reachable(claim: Comparison, values: Sequence[float], base: float, name: str) -> None:
    end = claim.metric.high if claim.up else claim.metric.low
    target = mean(target_values(claim, values, base))
    if end is None or (target < end if claim.up else target > end):
        return
    places = words.decimals([target, base, end])
    raise ExpectationError(
        f"{name} has {words.number(base, places)} already: {words.percent(claim.margin)} "
        f"{'more' if claim.up else 'less'} is {words.number(target, places)}, and {claim.metric.words} "
        f"ends at {words.number(end, places)}; ask for less, or for a threshold"
    )


def warnings(plan: Plan) -> tuple[str, ...]:
    """Sentences for the form: where no verdict is possible, and what would make one possible."""
    found: list[str] = []
    if plan.seeds < MIN_SEEDS:
        found.append(f"no verdict from fewer than {MIN_SEEDS} seeds")
    for claim in plan.claims:
        found += _claim_warnings(claim, plan)
    return tuple(dict.fromkeys(found))


def _claim_warnings(claim: Claim, plan: Plan) -> Iterator[str]:
    asked = describe(claim, plan.expectation)
    needed = needed_seeds(claim, plan)
    comparing = isinstance(claim, Comparison | Equivalence)
    if not comparing and needed is not None and MIN_SEEDS <= plan.seeds < needed:
        yield f"`{asked}`: {plan.seeds} seeds give no verdict, {needed} can"
    if isinstance(claim, MeanThreshold):
        yield f"`{asked}` assumes no rare failures; without `mean` it is judged by the median run"
    if isinstance(claim, Solves) and plan.total_timesteps and claim.within_steps > plan.total_timesteps:
        yield f"`{asked}`: a run ends after {plan.total_timesteps} steps"
    if isinstance(claim, Comparison | Equivalence) and not plan.alongside:
        yield from _comparator_warnings(claim, plan)
    if _against_the_metric(claim):
        yield f"`{asked}`: of this metric {_better(claim)} is better, and the claim asks for the opposite"


def _comparator_warnings(claim: Comparison | Equivalence, plan: Plan) -> Iterator[str]:
    name = plan.expectation.name_of(claim.other)
    seeds = plan.comparators.get(claim.other, ())
    have = len(plan.usable(claim))
    broken = failed(seeds)
    if broken:
        yield f"{labels(broken)} of {name} failed, so that nothing can be compared with it: run it alongside"
    elif have < MIN_SEEDS:
        usable = words.seeds(have)
        yield f"{name} has {usable} with {claim.metric.words}: no verdict unless it is run alongside"
    elif have < FULL_RULES_FROM:
        yield f"{name} has {words.seeds(have)}, fewer than {FULL_RULES_FROM}: better run it alongside"


def _against_the_metric(claim: Claim) -> bool:
    inner = claim.claim if isinstance(claim, CountOfSeeds) else claim
    if isinstance(inner, Solves | Equivalence):
        return False
    if isinstance(inner, Comparison):
        return inner.margin >= 0 and inner.up != inner.metric.higher_is_better
    return inner.bound.up != inner.metric.higher_is_better


def _better(claim: Claim) -> str:
    inner = claim.claim if isinstance(claim, CountOfSeeds) else claim
    return "" if isinstance(inner, Solves) else inner.metric.direction
