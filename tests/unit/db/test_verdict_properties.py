"""What must hold for any seeds whatever."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from db.expectation import (
    Bound,
    Claim,
    Comparison,
    CountOfSeeds,
    Equivalence,
    Expectation,
    MeanThreshold,
    Threshold,
)
from db.verdict import Outcome, SeedOutcome, Verdict, card_lines, judge
from tests.unit.db.verdict_cases import METRICS, seeds_of

ENERGY = METRICS["energy"]
SUPPORTED, REFUTED, INCONCLUSIVE = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.INCONCLUSIVE
MIRRORED = {SUPPORTED: REFUTED, REFUTED: SUPPORTED, INCONCLUSIVE: INCONCLUSIVE}
ORDER = {REFUTED: 0, INCONCLUSIVE: 1, SUPPORTED: 2}

VALUES = st.one_of(st.integers(-50, 50).map(float), st.integers(-3, 3).map(float))
SAMPLES = st.lists(VALUES, min_size=3, max_size=10)
MARGINS = st.sampled_from([0.0, 1.0, 5.0, -5.0])
BOUNDS = st.sampled_from(Bound)


def outcome_of(claim: Claim, child: list[float], parent: list[float]) -> Outcome:
    child_seeds = seeds_of(child, "energy")
    return judge(Expectation("", (claim,)), None, child_seeds, {None: seeds_of(parent, "energy")}).outcome


@given(SAMPLES, SAMPLES, MARGINS, st.booleans())
def test_a_comparison_is_refuted_where_its_opposite_is_supported(
    child: list[float], parent: list[float], margin: float, up: bool
) -> None:
    claim = Comparison(ENERGY, up, margin)
    opposite = Comparison(ENERGY, not up, -margin)

    assert outcome_of(claim, child, parent) is MIRRORED[outcome_of(opposite, child, parent)]


@given(SAMPLES, SAMPLES, st.sampled_from([0.0, 0.1, -0.1]), st.booleans())
def test_turning_all_signs_and_the_claim_changes_nothing(
    child: list[float], parent: list[float], share: float, up: bool
) -> None:
    turned = outcome_of(
        Comparison(ENERGY, not up, share, share != 0), [-v for v in child], [-v for v in parent]
    )

    assert outcome_of(Comparison(ENERGY, up, share, share != 0), child, parent) is turned


@given(SAMPLES, VALUES, st.sampled_from([(Bound.ABOVE, Bound.AT_MOST), (Bound.AT_LEAST, Bound.BELOW)]))
def test_a_threshold_is_refuted_where_its_opposite_is_supported(
    child: list[float], value: float, bounds: tuple[Bound, Bound]
) -> None:
    one, other = (outcome_of(Threshold(ENERGY, bound, value), child, []) for bound in bounds)

    assert one is MIRRORED[other]


@given(SAMPLES, VALUES)
def test_a_mean_is_refuted_where_its_opposite_is_supported(child: list[float], value: float) -> None:
    above = outcome_of(MeanThreshold(ENERGY, Bound.ABOVE, value), child, [])

    assert above is MIRRORED[outcome_of(MeanThreshold(ENERGY, Bound.BELOW, value), child, [])]


@given(SAMPLES, SAMPLES, st.integers(0, 9), st.integers(1, 60))
def test_the_rank_test_and_the_sign_rule_never_lose_by_a_better_seed(
    child: list[float], parent: list[float], place: int, more: int
) -> None:
    better = list(child)
    better[place % len(child)] += more

    for bound in (Bound.ABOVE, Bound.AT_LEAST):
        claim = Threshold(ENERGY, bound, 0)
        assert ORDER[outcome_of(claim, better, parent)] >= ORDER[outcome_of(claim, child, parent)]


@given(SAMPLES, SAMPLES, st.integers(1, 60))
def test_a_shift_of_every_seed_never_makes_a_comparison_worse(
    child: list[float], parent: list[float], shift: int
) -> None:
    claim = Comparison(ENERGY, up=True)

    assert (
        ORDER[outcome_of(claim, [v + shift for v in child], parent)]
        >= ORDER[outcome_of(claim, child, parent)]
    )


@given(SAMPLES, SAMPLES, MARGINS)
def test_a_weaker_claim_is_supported_where_a_stronger_one_is(
    child: list[float], parent: list[float], margin: float
) -> None:
    strong = outcome_of(Comparison(ENERGY, up=True, margin=margin), child, parent)
    weak = outcome_of(Comparison(ENERGY, up=True, margin=margin - 3), child, parent)

    assert ORDER[weak] >= ORDER[strong]


@given(SAMPLES, SAMPLES, st.sampled_from([1.0, 5.0, 20.0]))
def test_the_same_within_is_both_directions(child: list[float], parent: list[float], margin: float) -> None:
    claim = Equivalence(ENERGY, margin)
    parts = {outcome_of(direction, child, parent) for direction in claim.directions}

    expected = REFUTED if REFUTED in parts else SUPPORTED if parts == {SUPPORTED} else INCONCLUSIVE
    assert outcome_of(claim, child, parent) is expected


@given(SAMPLES, SAMPLES, st.booleans())
def test_a_failed_seed_never_supports_or_refutes_a_comparison(
    child: list[float], parent: list[float], ours: bool
) -> None:
    failed = SeedOutcome("s99", 99, "failed")
    child_seeds, parent_seeds = seeds_of(child, "energy"), seeds_of(parent, "energy")
    (child_seeds if ours else parent_seeds).append(failed)
    claims: tuple[Claim, ...] = (Comparison(ENERGY, up=True), Equivalence(ENERGY, 5.0))

    for claim in claims:
        verdict = judge(Expectation("", (claim,)), None, child_seeds, {None: parent_seeds})
        assert verdict.outcome is INCONCLUSIVE


@given(SAMPLES, st.integers(0, 9), VALUES)
def test_a_failed_seed_never_helps_a_threshold(child: list[float], place: int, value: float) -> None:
    claim = Expectation("", (Threshold(ENERGY, Bound.ABOVE, value),))
    all_done = seeds_of(child, "energy")
    with_failure = list(all_done)
    with_failure[place % len(child)] = SeedOutcome("sx", 1 + place % len(child), "failed")

    before, after = judge(claim, None, all_done, {}).outcome, judge(claim, None, with_failure, {}).outcome

    assert ORDER[after] <= ORDER[before]


FLOATS = st.floats(allow_nan=True, allow_infinity=True)
STATES = st.sampled_from(["done", "failed", "stopped", "missing"])
OUTCOMES = st.builds(
    lambda index, state, values: SeedOutcome(f"s{index}", index, state, values if state == "done" else {}),
    st.integers(1, 50),
    STATES,
    st.dictionaries(st.sampled_from(["energy", "final_reward"]), FLOATS),
)
SEED_LISTS = st.lists(OUTCOMES, max_size=11, unique_by=lambda seed: seed.label)
FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)
CLAIMS = st.one_of(
    st.builds(Threshold, st.just(ENERGY), BOUNDS, FINITE),
    st.builds(MeanThreshold, st.just(ENERGY), BOUNDS, FINITE),
    st.builds(Comparison, st.just(ENERGY), st.booleans(), FINITE, st.booleans()),
    st.builds(Equivalence, st.just(ENERGY), FINITE.map(abs), st.booleans()),
    st.builds(
        CountOfSeeds, st.integers(1, 5), st.just(5), st.builds(Threshold, st.just(ENERGY), BOUNDS, FINITE)
    ),
)


@settings(max_examples=300)
@given(st.lists(CLAIMS, min_size=1, max_size=3), SEED_LISTS, SEED_LISTS, st.integers(1, 6))
def test_no_seeds_whatever_raise_or_break_the_json(
    claims: list[Claim], child: list[SeedOutcome], parent: list[SeedOutcome], arms: int
) -> None:
    verdict = judge(Expectation("", tuple(claims)), None, child, {None: parent}, arms=arms)

    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json(), allow_nan=False))) == verdict
    assert card_lines(verdict)
    assert 0 <= verdict.failure_limit <= 1
