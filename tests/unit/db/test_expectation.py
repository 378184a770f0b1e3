import pytest

from db.errors import ExpectationError
from db.expectation import (
    Bound,
    Claim,
    Comparison,
    CountOfSeeds,
    Equivalence,
    MeanThreshold,
    Solves,
    Threshold,
    metrics_of,
    parse_expectation,
    parse_guards,
)
from tests.unit.db.verdict_cases import METRICS
from trainer.contract import SolveTarget

REWARD = METRICS["final_reward"]
OSCILLATION = METRICS["oscillation"]


def claim_of(text: str) -> Claim:
    claims = parse_expectation(text, METRICS).claims
    assert len(claims) == 1
    return claims[0]


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("final reward > 450", Threshold(REWARD, Bound.ABOVE, 450)),
        ("final reward >= 450", Threshold(REWARD, Bound.AT_LEAST, 450)),
        ("oscillation < 0.15", Threshold(OSCILLATION, Bound.BELOW, 0.15)),
        ("oscillation <= 0.15", Threshold(OSCILLATION, Bound.AT_MOST, 0.15)),
        ("mean final reward > 450", MeanThreshold(REWARD, Bound.ABOVE, 450)),
        ("improves by 10% over parent", Comparison(REWARD, up=True, margin=0.1, relative=True)),
        ("> parent", Comparison(REWARD, up=True)),
        ("> E-12 + 20", Comparison(REWARD, up=True, margin=20, other=12)),
        (
            "oscillation falls by 20% vs E-12",
            Comparison(OSCILLATION, up=False, margin=0.2, relative=True, other=12),
        ),
        ("no worse than parent by 15", Comparison(REWARD, up=True, margin=-15)),
        ("same as parent within 15", Equivalence(REWARD, 15)),
        ("solves at 475 within 50k steps", Solves(475, 50_000)),
        ("in 4 of 5 seeds final reward > 450", CountOfSeeds(4, 5, Threshold(REWARD, Bound.ABOVE, 450))),
        ("in 4 of 5 seeds solves at 475 within 50k steps", CountOfSeeds(4, 5, Solves(475, 50_000))),
    ],
)
def test_every_row_of_the_grammar_is_read(text: str, claim: Claim) -> None:
    assert claim_of(text) == claim


def test_parts_are_joined_by_and() -> None:
    claims = parse_expectation("final reward > 450 and oscillation < 0.15", METRICS).claims

    assert claims == (Threshold(REWARD, Bound.ABOVE, 450), Threshold(OSCILLATION, Bound.BELOW, 0.15))


@pytest.mark.parametrize(
    "text",
    [
        "Final reward > 450",
        "“final reward > 450”",
        "\N{LEFT SINGLE QUOTATION MARK}Final Reward\N{RIGHT SINGLE QUOTATION MARK} > 450.",
        "final\N{NO-BREAK SPACE}reward\N{NO-BREAK SPACE}>\N{NARROW NO-BREAK SPACE}450",
        "final\N{ZERO WIDTH SPACE} reward > 450",
        "final reward is greater than 450",
        "final reward exceeds 450",
        "final_reward>450",
        "final-reward > 450",
        "FINAL REWARD > 4.5e2",
        "final reward > 0.45k",
        "final reward > .45k",
        "final reward \N{FULLWIDTH GREATER-THAN SIGN} 450",
        "final reward &gt; 450",
        "the median run's final reward > 450",
        "reward > 450",
        "> 450",
        "  final   reward >   +450 points ",
    ],
)
def test_phone_typing_is_forgiven(text: str) -> None:
    assert claim_of(text) == Threshold(REWARD, Bound.ABOVE, 450)


@pytest.mark.parametrize(
    "text",
    [
        "final reward ≥ 450",
        "final reward => 450",
        "final reward at least 450",
        "final reward is no less than 450",
    ],
)
def test_at_least_has_many_spellings(text: str) -> None:
    assert claim_of(text) == Threshold(REWARD, Bound.AT_LEAST, 450)


@pytest.mark.parametrize(
    "text", ["oscillation ≤ 0.15", "oscillation at most 15 %", "oscillation stays at most 0.15"]
)
def test_at_most_has_many_spellings(text: str) -> None:
    assert claim_of(text) == Threshold(OSCILLATION, Bound.AT_MOST, 0.15)


@pytest.mark.parametrize("minus", ["-", "−", "–", "‒"])  # noqa: RUF001 - what phones put for a minus
def test_every_minus_is_a_minus(minus: str) -> None:
    assert claim_of(f"energy < {minus}5") == Threshold(METRICS["energy"], Bound.BELOW, -5)
    assert claim_of(f"> E{minus}12 {minus} 20") == Comparison(REWARD, up=True, margin=-20, other=12)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (
            "final reward rises by 10 % over E-12",
            Comparison(REWARD, up=True, margin=0.1, relative=True, other=12),
        ),
        (
            "final reward improves 10% vs E12",
            Comparison(REWARD, up=True, margin=0.1, relative=True, other=12),
        ),
        ("improves final reward by 10% over parent", Comparison(REWARD, up=True, margin=0.1, relative=True)),
        (
            "final reward is 10% better than the parent",
            Comparison(REWARD, up=True, margin=0.1, relative=True),
        ),
        ("final reward at least 20 above parent", Comparison(REWARD, up=True, margin=20)),
        ("beats parent by 20", Comparison(REWARD, up=True, margin=20)),
        ("improves on the baseline", Comparison(REWARD, up=True)),
        ("> parent + 10 %", Comparison(REWARD, up=True, margin=0.1, relative=True)),
        ("final reward higher than E-12 by 5", Comparison(REWARD, up=True, margin=5, other=12)),
        (
            "reduces oscillation by 20% vs parent",
            Comparison(OSCILLATION, up=False, margin=0.2, relative=True),
        ),
        ("lower oscillation than parent", Comparison(OSCILLATION, up=False)),
        ("oscillation < parent", Comparison(OSCILLATION, up=False)),
        ("oscillation < parent - 0.05", Comparison(OSCILLATION, up=False, margin=0.05)),
        ("oscillation < parent + 0.05", Comparison(OSCILLATION, up=False, margin=-0.05)),
        ("final reward at most 15 worse than E-3", Comparison(REWARD, up=True, margin=-15, other=3)),
        (
            "final reward not worse than parent by 5 %",
            Comparison(REWARD, up=True, margin=-0.05, relative=True),
        ),
        ("same as parent ± 15", Equivalence(REWARD, 15)),
        ("oscillation same as E-12 to within 5%", Equivalence(OSCILLATION, 0.05, relative=True, other=12)),
        ("mean reward > parent", Comparison(REWARD, up=True)),
    ],
)
def test_comparisons_may_be_worded_freely(text: str, claim: Claim) -> None:
    assert claim_of(text) == claim


def test_improving_a_metric_of_which_lower_is_better_means_less_of_it() -> None:
    assert claim_of("oscillation improves by 20% over parent") == Comparison(
        OSCILLATION, up=False, margin=0.2, relative=True
    )
    assert claim_of("oscillation no worse than parent by 0.05") == Comparison(
        OSCILLATION, up=False, margin=-0.05
    )


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("final reward > 450 in 4/5 seeds", CountOfSeeds(4, 5, Threshold(REWARD, Bound.ABOVE, 450))),
        ("4 out of 5 seeds: final reward > 450", CountOfSeeds(4, 5, Threshold(REWARD, Bound.ABOVE, 450))),
        ("in all 5 seeds final reward > 450", CountOfSeeds(5, 5, Threshold(REWARD, Bound.ABOVE, 450))),
        ("Solves at 475 in 50000 steps", Solves(475, 50_000)),
        ("reaches 475 within 50_000 timesteps", Solves(475, 50_000)),
        ("solved at 475 by 0.05M steps", Solves(475, 50_000)),
    ],
)
def test_counts_and_solving_may_be_worded_freely(text: str, claim: Claim) -> None:
    assert claim_of(text) == claim


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("final reward > 500", "the most that can be asked is `final reward >= 500`"),
        ("final reward > 501", "final reward lies between 0 and 500 (return)"),
        ("final reward < 0", "can never be met"),
        ("final reward >= 0", "always met"),
        ("mean final reward > 600", "can never be met"),
        ("success rate > 90", "write 0.9 or 90 %"),
        ("lateness > 3", "lateness is 0 at most"),
        ("oscillation < 0,15", "write 0.15 with a point"),
        ("final reward > 0,5", "write 0.5 with a point"),
        ("solves at 475 within 50,000 steps", "write 50000"),
        ("finl reward > 3", "did you mean `final reward`?"),
        ("osscilation < 0.2", "did you mean `oscillation`?"),
        ("banana > 3", "this yardstick measures final reward, success rate, episode length, oscillation"),
        ("final reward = 400", "write >= or <=, or `same as parent within 15`"),
        ("final reward > 90 %", "is no share"),
        ("no worse than parent", "such as `no worse than parent by 15`"),
        ("oscillation no worse than parent", "such as `no worse than parent by 0.05`"),
        ("same as parent", "such as `same as parent within 15`"),
        ("solves at 475", "such as `within 50k steps`"),
        ("solves at 600 within 50k steps", "can never be met"),
        ("solves at 475 within 0 steps", "a whole number of steps"),
        ("solves at 475 within 1.5 steps", "a whole number of steps"),
        ("oscillation reaches 0.5 within 50k steps", "solving is about the final reward"),
        ("in 6 of 5 seeds final reward > 450", "`in 4 of 5 seeds …`"),
        ("in 0 of 5 seeds final reward > 450", "`in 4 of 5 seeds …`"),
        ("in 4 of 5 seeds improves by 10 %", "cannot be counted seed by seed"),
        ("> parent + 500", "write a smaller amount"),
        ("same as parent within 600", "always met"),
        ("no worse than parent by 500", "always met"),
        ("oscillation falls by 120 %", "write less than 100 %"),
        ("no worse than parent by 100 %", "write less than 100 %"),
        ("improves by -10%", "write the amount without a minus"),
        ("final reward > 450 and < 490", "names no metric"),
        ("final reward > 1e999", "too large"),
        ("final reward", "write for example `final reward > 450`"),
        ("make it better somehow", "`improves by 10 % over parent`"),
        ("", "no claim was given"),
        (" “” . ", "no claim was given"),
        ("final reward > 450 and " * 9 + "oscillation < 0.2", "8 at most"),
        ("x" * 1001, "1000 at most"),
        ("mean solves at 475 within 50k steps", "write for example `mean final reward > 450`"),
    ],
)
def test_a_refusal_names_the_remedy(text: str, remedy: str) -> None:
    with pytest.raises(ExpectationError) as refused:
        parse_expectation(text, METRICS)

    assert remedy in str(refused.value)


def test_refusals_quote_no_control_characters_and_stay_short() -> None:
    with pytest.raises(ExpectationError) as refused:
        parse_expectation("ba\x07nana\x1b[31m" + "y" * 500 + " > 3", METRICS)

    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 300


def test_the_ends_of_a_range_can_be_asked_for() -> None:
    assert claim_of("final reward >= 500") == Threshold(REWARD, Bound.AT_LEAST, 500)
    assert claim_of("oscillation <= 0") == Threshold(OSCILLATION, Bound.AT_MOST, 0)


def test_an_unbounded_metric_takes_any_threshold() -> None:
    assert claim_of("energy < -1e6") == Threshold(METRICS["energy"], Bound.BELOW, -1e6)


def test_a_metric_may_be_named_like_a_mean() -> None:
    metrics = metrics_of({"eval": {"metrics": {"mean_speed": {}, "final_reward": {}}}})

    assert parse_expectation("mean speed > 3", metrics).claims == (
        Threshold(metrics["mean_speed"], Bound.ABOVE, 3),
    )
    assert parse_expectation("mean mean speed > 3", metrics).claims == (
        MeanThreshold(metrics["mean_speed"], Bound.ABOVE, 3),
    )


@pytest.mark.parametrize("config", [{}, {"eval": {}}, {"eval": {"metrics": {}}}, {"eval": 3}])
def test_a_config_without_a_yardstick_cannot_be_claimed_about(config: dict[str, object]) -> None:
    with pytest.raises(ExpectationError, match=r"eval\.metrics"):
        metrics_of(config)  # type: ignore[arg-type]  # the table mixes shapes on purpose


def test_an_expectation_knows_what_it_needs() -> None:
    expectation = parse_expectation(
        "> parent and oscillation falls by 20% vs E-12 and solves at 475 within 50k steps", METRICS
    )

    assert expectation.comparators == frozenset({None, 12})
    assert expectation.solve_targets == (SolveTarget(threshold=475, within_steps=50_000),)
    assert expectation.metrics == ("final_reward", "oscillation")


def test_the_same_claim_twice_counts_once() -> None:
    assert len(parse_expectation("final reward > 450 and reward > 450", METRICS).claims) == 1


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("final reward by 15", Comparison(REWARD, up=True, margin=-15)),
        ("Final reward within 5 %", Comparison(REWARD, up=True, margin=-0.05, relative=True)),
        ("oscillation by at most 0.05", Comparison(OSCILLATION, up=False, margin=-0.05)),
        ("final reward no worse than E-3 by 15", Comparison(REWARD, up=True, margin=-15, other=3)),
        ("success rate > 0.9", Threshold(METRICS["success_rate"], Bound.ABOVE, 0.9)),
    ],
)
def test_guards_name_what_must_not_get_worse(text: str, claim: Claim) -> None:
    guards = parse_guards(text, METRICS)

    assert guards is not None
    assert guards.claims == (claim,)


def test_guards_may_be_left_blank() -> None:
    assert parse_guards(" \n", METRICS) is None


def test_a_guard_on_each_line() -> None:
    guards = parse_guards("final reward by 15\noscillation by 0.05", METRICS)

    assert guards is not None
    assert len(guards.claims) == 2


def test_a_guard_without_an_amount_is_refused() -> None:
    with pytest.raises(ExpectationError, match=r"such as `oscillation by 0\.05`"):
        parse_guards("oscillation", METRICS)
