import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import ExpectationError
from db.expectation import (
    Bound,
    Claim,
    Comparison,
    CountOfSeeds,
    Equivalence,
    Expectation,
    MeanThreshold,
    Solves,
    Threshold,
    describe,
    echo,
    parse_expectation,
)
from tests.unit.db.verdict_cases import METRICS

ENERGY = METRICS["energy"]
SHARES = st.integers(1, 9_990).map(lambda per_mille: per_mille / 10_000)
AMOUNTS = st.floats(min_value=1e-6, max_value=1e6)
OTHERS = st.one_of(st.none(), st.integers(1, 999_999))


@pytest.mark.parametrize(
    ("text", "echoed"),
    [
        ("final reward > 450", "the median run's final reward exceeds 450, fixed evaluation, 5 seeds"),
        ("oscillation <= 0.15", "the median run's oscillation is at most 0.15, fixed evaluation, 5 seeds"),
        (
            "mean final reward > 450",
            "the mean final reward over runs exceeds 450 (assumes no rare failures), fixed evaluation",
        ),
        ("> parent", "the mean final reward is above E-7's, fixed evaluation, 5 seeds"),
        ("> E-12 + 20", "the mean final reward is more than 20 above E-12's, fixed evaluation, 5 seeds"),
        (
            "oscillation falls by 20% vs E-12",
            "the mean oscillation is more than 20 % below E-12's, fixed evaluation, 5 seeds",
        ),
        (
            "no worse than parent by 15",
            "the mean final reward is no more than 15 below E-7's, fixed evaluation, 5 seeds",
        ),
        (
            "same as parent within 15",
            "the mean final reward is within 15 of E-7's, in both directions, fixed evaluation, 5 seeds",
        ),
        (
            "same as parent within 5 %",
            "the mean final reward is within 5 % of E-7's, in both directions, fixed evaluation, 5 seeds",
        ),
        (
            "solves at 475 within 50k steps",
            "the median run reaches 475 within 50,000 steps, confirmed on 100 fresh episodes, fixed",
        ),
        (
            "in 4 of 5 seeds final reward > 450",
            "in at least 4 of 5 seeds final reward exceeds 450 (count of seeds only), fixed evaluation",
        ),
        (
            "final reward > 450 and oscillation < 0.2",
            "the median run's final reward exceeds 450, and the median run's oscillation is below 0.2, fixed",
        ),
    ],
)
def test_a_claim_is_echoed_as_understood(text: str, echoed: str) -> None:
    assert echo(parse_expectation(text, METRICS, parent_key="E-7"), 5).startswith(echoed)


def test_the_echo_is_the_one_people_know() -> None:
    expectation = Expectation("", (Threshold(METRICS["final_reward"], Bound.ABOVE, 500),))

    assert echo(expectation, 5) == "the median run's final reward exceeds 500, fixed evaluation, 5 seeds"
    assert echo(expectation, 5, 100).endswith("fixed evaluation, 5 seeds of 100 episodes each")
    assert echo(expectation, 1).endswith(", 1 seed")


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ("oscillation falls by 20% vs E-12", "oscillation falls 20 % vs E-12"),
        ("improves by 10% over parent", "final reward rises 10 % vs E-7"),
        ("Final reward at least 450", "final reward >= 450"),
        ("oscillation < parent + 0.05", "oscillation no worse than E-7 by 0.05"),
        ("final reward < parent - 5", "final reward < E-7 − 5"),  # noqa: RUF001 - the true minus
        ("final reward < parent + 5", "final reward < E-7 + 5"),
        ("solves at 475 in 50000 steps", "solves at 475 within 50k steps"),
    ],
)
def test_the_card_asks_in_the_grammars_own_words(text: str, described: str) -> None:
    expectation = parse_expectation(text, METRICS, parent_key="E-7")

    assert describe(expectation.claims[0], expectation) == described


def thresholds() -> st.SearchStrategy[Threshold]:
    return st.builds(Threshold, st.just(ENERGY), st.sampled_from(Bound), st.floats(-1e14, 1e14))


def comparisons() -> st.SearchStrategy[Comparison]:
    margins = st.one_of(
        st.tuples(SHARES, st.just(True)),
        st.tuples(SHARES.map(lambda share: -share), st.just(True)),
        st.tuples(AMOUNTS, st.just(False)),
        st.tuples(AMOUNTS.map(lambda amount: -amount), st.just(False)),
        st.just((0.0, False)),
    )
    return st.builds(
        lambda up, margin, other: Comparison(ENERGY, up, margin[0], margin[1], other),
        st.booleans(),
        margins,
        OTHERS,
    )


def claims() -> st.SearchStrategy[Claim]:
    solves = st.builds(Solves, st.integers(0, 500).map(float), st.integers(1, 10**9))
    return st.one_of(
        thresholds(),
        thresholds().map(lambda t: MeanThreshold(t.metric, t.bound, t.value)),
        comparisons(),
        st.builds(Equivalence, st.just(ENERGY), AMOUNTS, st.just(False), OTHERS),
        st.builds(Equivalence, st.just(ENERGY), SHARES, st.just(True), OTHERS),
        solves.filter(lambda s: s.threshold > 0),
        st.builds(
            lambda counts, claim: CountOfSeeds(min(counts), max(counts), claim),
            st.tuples(st.integers(1, 99), st.integers(1, 99)),
            thresholds(),
        ),
    )


@given(st.lists(claims(), min_size=1, max_size=3, unique=True))
def test_what_the_card_asks_reads_back_as_the_same_claims(asked: list[Claim]) -> None:
    expectation = Expectation("", tuple(asked))
    text = " and ".join(describe(claim, expectation) for claim in asked)

    assert parse_expectation(text, METRICS).claims == tuple(asked)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        expectation = parse_expectation(text, METRICS)
    except ExpectationError:
        return
    assert echo(expectation, 5)


WORDS = [
    "final reward",
    ">",
    "<",
    "improves",
    "by",
    "10%",
    "over",
    "parent",
    "e-12",
    "+",
    "20",
    "in",
    "4 of 5 seeds",
]
MORE_WORDS = [
    "no worse than",
    "same as",
    "within",
    "and",
    "solves at",
    "50k steps",
    "mean",
    "oscillation",
    "falls",
]


@given(st.lists(st.sampled_from(WORDS + MORE_WORDS), max_size=12).map(" ".join))
def test_any_phrase_of_the_grammars_words_is_read_or_refused(text: str) -> None:
    try:
        expectation = parse_expectation(text, METRICS)
    except ExpectationError:
        return
    assert echo(expectation, 5)
