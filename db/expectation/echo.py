"""Claims in words: short for the cards (and readable again), in full for the form's echo."""

from db.expectation.claims import (
    Bound,
    Claim,
    Comparison,
    CountOfSeeds,
    Equivalence,
    Expectation,
    MeanThreshold,
    Solves,
    Threshold,
)
from db.expectation.numbers import MINUS, exact_number, percent_number, steps_number

_VERBS = {
    Bound.ABOVE: "exceeds",
    Bound.AT_LEAST: "is at least",
    Bound.BELOW: "is below",
    Bound.AT_MOST: "is at most",
}
SOLVE_EPISODES = 100


def describe(claim: Claim, expectation: Expectation) -> str:
    """A claim in the grammar's own words, as "oscillation falls 20 % vs E-12"; it reads back unchanged."""
    match claim:
        case Threshold():
            return f"{claim.metric.words} {claim.bound} {exact_number(claim.value)}"
        case MeanThreshold():
            return f"mean {claim.metric.words} {claim.bound} {exact_number(claim.value)}"
        case Solves():
            return (
                f"solves at {exact_number(claim.threshold)} within {steps_number(claim.within_steps)} steps"
            )
        case CountOfSeeds():
            return f"in {claim.needed} of {claim.of} seeds {describe(claim.claim, expectation)}"
        case Equivalence():
            name = expectation.name_of(claim.other)
            return f"{claim.metric.words} same as {name} within {_size(claim)}"
        case Comparison():
            return _comparison(claim, expectation.name_of(claim.other))


def _size(claim: Comparison | Equivalence) -> str:
    size = abs(claim.margin)
    return percent_number(size) if claim.relative else exact_number(size)


def _comparison(claim: Comparison, name: str) -> str:
    words = claim.metric.words
    if claim.margin < 0 and claim.up == claim.metric.higher_is_better:
        return f"{words} no worse than {name} by {_size(claim)}"
    if claim.relative and claim.margin > 0:
        return f"{words} {'rises' if claim.up else 'falls'} {_size(claim)} vs {name}"
    bound = ">" if claim.up else "<"
    if claim.margin == 0:
        return f"{words} {bound} {name}"
    sign = "+" if claim.up == (claim.margin > 0) else MINUS
    return f"{words} {bound} {name} {sign} {_size(claim)}"


def echo(expectation: Expectation, seeds: int, n_eval_episodes: int | None = None) -> str:
    """As understood: "the median run's final reward exceeds 500, fixed evaluation, 5 seeds"."""
    claims = ", and ".join(explain(claim, expectation) for claim in expectation.claims)
    episodes = f" of {n_eval_episodes} episodes each" if n_eval_episodes else ""
    return f"{claims}, fixed evaluation, {seeds} seed{'' if seeds == 1 else 's'}{episodes}"


def explain(claim: Claim, expectation: Expectation) -> str:
    """A claim as it will be judged, in full."""
    match claim:
        case Threshold():
            return f"the median run's {claim.metric.words} {_VERBS[claim.bound]} {exact_number(claim.value)}"
        case MeanThreshold():
            beyond = f"{_VERBS[claim.bound]} {exact_number(claim.value)}"
            return f"the mean {claim.metric.words} over runs {beyond} (assumes no rare failures)"
        case Solves():
            return (
                f"the median run reaches {exact_number(claim.threshold)} "
                f"within {claim.within_steps:,} steps, confirmed on {SOLVE_EPISODES} fresh episodes"
            )
        case CountOfSeeds():
            inner = (
                explain(claim.claim, expectation)
                .replace("the median run's ", "")
                .replace("the median run ", "it ")
            )
            return f"in at least {claim.needed} of {claim.of} seeds {inner} (count of seeds only)"
        case Equivalence():
            name = expectation.name_of(claim.other)
            return f"the mean {claim.metric.words} is within {_size(claim)} of {name}'s, in both directions"
        case Comparison():
            return _explain_comparison(claim, expectation.name_of(claim.other))


def _explain_comparison(claim: Comparison, name: str) -> str:
    side, wrong = ("above", "below") if claim.up else ("below", "above")
    words = f"the mean {claim.metric.words} is"
    if claim.margin == 0:
        return f"{words} {side} {name}'s"
    if claim.margin < 0:
        return f"{words} no more than {_size(claim)} {wrong} {name}'s"
    return f"{words} more than {_size(claim)} {side} {name}'s"
