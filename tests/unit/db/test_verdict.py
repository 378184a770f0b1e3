"""Every row of the tables: which seeds give which verdict."""

import json
import math

import pytest

from db.verdict import Outcome, SeedOutcome, Verdict
from tests.unit.db.verdict_cases import seeds_of, solving, verdict_on

SUPPORTED, REFUTED, INCONCLUSIVE = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.INCONCLUSIVE
PARENT = seeds_of([400, 404, 396, 402, 398], prefix="p")
CLEARLY_BETTER = [460.0, 466.0, 470.0, 458.0, 462.0]


@pytest.mark.parametrize(
    ("met", "n", "outcome"),
    [
        (3, 3, INCONCLUSIVE),
        (0, 3, INCONCLUSIVE),
        (4, 4, INCONCLUSIVE),
        (5, 5, SUPPORTED),
        (4, 5, INCONCLUSIVE),
        (1, 5, INCONCLUSIVE),
        (0, 5, REFUTED),
        (6, 8, INCONCLUSIVE),
        (7, 8, SUPPORTED),
        (1, 8, REFUTED),
        (8, 10, INCONCLUSIVE),
        (9, 10, SUPPORTED),
        (1, 10, REFUTED),
        (2, 10, INCONCLUSIVE),
    ],
)
def test_a_threshold_is_judged_by_the_sign_test(met: int, n: int, outcome: Outcome) -> None:
    child = seeds_of([460] * met + [440] * (n - met))

    assert verdict_on("final reward > 450", child).outcome is outcome
    assert verdict_on("final reward < 450", child).outcome is _mirrored(outcome)


def _mirrored(outcome: Outcome) -> Outcome:
    return {SUPPORTED: REFUTED, REFUTED: SUPPORTED}.get(outcome, INCONCLUSIVE)


def test_a_value_at_the_threshold_meets_at_least_but_not_above() -> None:
    assert verdict_on("final reward >= 450", seeds_of([450] * 5)).outcome is SUPPORTED
    assert verdict_on("final reward > 450", seeds_of([450] * 5)).outcome is REFUTED
    assert verdict_on("success rate >= 90%", seeds_of([0.9] * 5, "success_rate")).outcome is SUPPORTED


def test_failed_seeds_count_as_not_met() -> None:
    assert verdict_on("final reward > 450", seeds_of([460] * 5 + [None])).outcome is INCONCLUSIVE
    assert verdict_on("final reward > 450", seeds_of([460] * 9 + [None])).outcome is SUPPORTED
    assert verdict_on("final reward > 450", seeds_of([None] * 5)).outcome is REFUTED
    assert verdict_on("final reward < 450", seeds_of([None] * 5)).outcome is REFUTED


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf, 1e200])
def test_a_value_that_is_no_number_is_a_failed_seed(broken: float) -> None:
    verdict = verdict_on("final reward > 450", seeds_of([460, 460, 460, 460, broken]))

    assert verdict.outcome is INCONCLUSIVE
    assert verdict.seeds_failed == 1
    assert verdict.worst_seed == "s5"


@pytest.mark.parametrize(
    ("text", "values", "outcome"),
    [
        ("mean final reward > 450", [460, 470, 465, 455, 468], SUPPORTED),
        ("mean final reward > 450", [430, 440, 435, 425, 438], REFUTED),
        ("mean final reward > 450", [430, 470, 465, 425, 468], INCONCLUSIVE),
        ("mean final reward < 450", [430, 440, 435, 425, 438], SUPPORTED),
        ("mean final reward > 450", [460, 470, 465, 455], INCONCLUSIVE),
        ("mean final reward > 450", [460, 460, 460, 460, 460], INCONCLUSIVE),
        ("mean final reward > 450", [460, 470, 465, 455, 468, None], INCONCLUSIVE),
    ],
)
def test_a_mean_is_judged_by_its_t_interval(text: str, values: list[float | None], outcome: Outcome) -> None:
    assert verdict_on(text, seeds_of(values)).outcome is outcome


def test_the_mean_is_labelled() -> None:
    verdict = verdict_on("mean final reward > 450", seeds_of([460, 470, 465, 455, 468]))

    assert verdict.notes == ("assumes no rare failures",)
    # mean 463.6, s = 6.107, t(.975, 4) = 2.776
    assert verdict.claims[0].interval == pytest.approx((463.6 - 7.583, 463.6 + 7.583), abs=0.01)


@pytest.mark.parametrize(
    ("text", "values", "outcome"),
    [
        ("> parent", CLEARLY_BETTER, SUPPORTED),
        ("> parent", [340, 342, 346, 350, 348], REFUTED),
        ("> parent", [399, 405, 401, 397, 403], INCONCLUSIVE),
        ("> E-12 + 20", CLEARLY_BETTER, SUPPORTED),
        ("> E-12 + 80", CLEARLY_BETTER, REFUTED),
        ("improves by 10% over parent", CLEARLY_BETTER, SUPPORTED),
        ("improves by 20% over parent", CLEARLY_BETTER, REFUTED),
        ("no worse than parent by 15", [395, 399, 401, 402, 393], SUPPORTED),
        ("no worse than parent by 15", [370, 372, 369, 374, 371], REFUTED),
        ("same as parent within 15", [395, 399, 401, 402, 393], SUPPORTED),
        ("same as parent within 15", [370, 372, 369, 374, 371], REFUTED),
        ("same as parent within 15", CLEARLY_BETTER, REFUTED),
        ("same as parent within 15", [380, 410, 395, 420, 390], INCONCLUSIVE),
        ("same as parent within 5%", [395, 399, 401, 402, 393], SUPPORTED),
    ],
)
def test_a_comparison_needs_welch_and_the_rank_test(text: str, values: list[float], outcome: Outcome) -> None:
    assert verdict_on(text, seeds_of(values), PARENT).outcome is outcome


def test_lower_is_better_reverses_every_inequality() -> None:
    parent = seeds_of([0.20, 0.21, 0.19, 0.20, 0.22], "oscillation", "p")
    low, high = seeds_of([0.10, 0.11, 0.09, 0.12, 0.10], "oscillation"), seeds_of([0.3] * 5, "oscillation")

    assert verdict_on("oscillation falls by 20% vs E-12", low, parent).outcome is SUPPORTED
    assert verdict_on("oscillation improves by 20% over parent", low, parent).outcome is SUPPORTED
    assert verdict_on("oscillation falls by 20% vs E-12", high, parent).outcome is REFUTED
    assert verdict_on("oscillation no worse than parent by 0.05", high, parent).outcome is REFUTED
    assert verdict_on("oscillation no worse than parent by 0.05", low, parent).outcome is SUPPORTED


def test_a_percentage_of_a_negative_mean_moves_towards_zero() -> None:
    parent = seeds_of([-100, -102, -98, -101, -99], "lateness", "p")

    assert verdict_on(
        "lateness improves by 10% over parent", seeds_of([-80] * 5, "lateness"), parent
    ).outcome is (SUPPORTED)
    assert verdict_on(
        "lateness improves by 10% over parent", seeds_of([-95] * 5, "lateness"), parent
    ).outcome is (REFUTED)
    parent = seeds_of([-100, -102, -98, -101, -99], "energy", "p")
    assert verdict_on(
        "energy improves by 10% over parent", seeds_of([-120] * 5, "energy"), parent
    ).outcome is (SUPPORTED)


def test_a_percentage_of_a_mean_that_may_be_zero_decides_nothing() -> None:
    parent = seeds_of([-5, 4, 3, -2, 1], "energy", "p")
    verdict = verdict_on("energy falls by 10% vs parent", seeds_of([-90] * 5, "energy"), parent)

    assert verdict.outcome is INCONCLUSIVE
    assert "give an absolute difference" in verdict.claims[0].reason


def test_welch_alone_is_not_enough() -> None:
    # The difference is large against its standard error, but 2 of 5 values lie below the comparator's best.
    child = seeds_of([401.5, 401.6, 450, 452, 454])
    verdict = verdict_on("> parent", child, seeds_of([399, 401, 402, 402, 402], prefix="p"))

    assert verdict.outcome is INCONCLUSIVE


def test_the_rank_test_alone_is_not_enough() -> None:
    child = seeds_of([401, 402, 403, 404, 500])
    verdict = verdict_on("> parent", child, seeds_of([395, 396, 397, 398, 400], prefix="p"))

    assert verdict.outcome is INCONCLUSIVE
    assert "lies inside the 95 % interval" in verdict.claims[0].reason


def test_without_any_spread_the_difference_itself_is_the_limit() -> None:
    parent = seeds_of([400] * 5, prefix="p")

    assert verdict_on("> parent", seeds_of([401] * 5), parent).outcome is SUPPORTED
    assert verdict_on("> parent", seeds_of([400] * 5), parent).outcome is INCONCLUSIVE
    assert verdict_on("no worse than parent by 15", seeds_of([400] * 5), parent).outcome is SUPPORTED
    assert verdict_on("improves by 10% over parent", seeds_of([440] * 5), parent).outcome is INCONCLUSIVE


@pytest.mark.parametrize(
    ("child", "parent"), [([460] * 4 + [None], [400] * 5), ([460] * 5, [400] * 4 + [None])]
)
def test_a_failed_seed_on_either_side_decides_no_comparison(
    child: list[float | None], parent: list[float | None]
) -> None:
    verdict = verdict_on("> parent", seeds_of(child), seeds_of(parent, prefix="p"))

    assert verdict.outcome is INCONCLUSIVE
    assert "failed: a comparison of means is inconclusive with a failed seed" in verdict.claims[0].reason


@pytest.mark.parametrize(
    ("values", "outcome"),
    [([460, 466, 470], SUPPORTED), ([460, 466, 401], INCONCLUSIVE), ([300, 301, 302], REFUTED)],
)
def test_three_seeds_compare_only_where_fully_separated(values: list[float], outcome: Outcome) -> None:
    assert verdict_on("> parent", seeds_of(values), PARENT).outcome is outcome
    assert verdict_on("> parent", seeds_of(values), PARENT[:3]).outcome is outcome


def test_a_comparator_needs_three_seeds() -> None:
    verdict = verdict_on("> parent", seeds_of(CLEARLY_BETTER), PARENT[:2])

    assert verdict.outcome is INCONCLUSIVE
    assert verdict.claims[0].reason == "E-12 has 2 seeds with final reward, 3 are needed: run it alongside"


def test_a_comparator_that_never_measured_the_metric_is_said_to() -> None:
    child = seeds_of([0.1] * 5, "oscillation")

    assert verdict_on("oscillation < parent", child, PARENT).claims[0].reason == (
        "E-12 has 0 seeds with oscillation, 3 are needed: run it alongside"
    )


def test_results_of_another_environment_are_not_compared() -> None:
    reason = "E-12 ran in another environment (gymnasium 1.2 instead of 1.4)"
    verdict = verdict_on("> parent", seeds_of(CLEARLY_BETTER), PARENT, incomparable=reason)

    assert verdict.outcome is INCONCLUSIVE
    assert reason in verdict.claims[0].reason


def test_a_threshold_does_not_care_what_the_parent_ran_in() -> None:
    assert verdict_on("final reward > 450", seeds_of([460] * 5), incomparable="x").outcome is SUPPORTED


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ([30_000, 40_000, 20_000, 50_000, 45_000], SUPPORTED),
        ([30_000, 40_000, 20_000, None, 45_000], INCONCLUSIVE),
        ([None, None, None, None, None], REFUTED),
        ([60_000, 60_000, 60_000, 60_000, 60_000], REFUTED),
    ],
)
def test_solving_counts_confirmed_crossings_by_the_sign_rule(
    steps: list[int | None], outcome: Outcome
) -> None:
    assert verdict_on("solves at 475 within 50k steps", solving(steps)).outcome is outcome


def test_a_seed_that_did_not_look_for_a_crossing_decides_nothing() -> None:
    verdict = verdict_on("solves at 475 within 50k steps", seeds_of([480] * 5))

    assert verdict.outcome is INCONCLUSIVE
    assert verdict.claims[0].reason == "s1, s2, s3, s4, s5 did not measure it"


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ([460, 460, 460, 460, 440], SUPPORTED),
        ([460, 460, 460, 440, 440], REFUTED),
        ([460, 460, 460, 460, None], SUPPORTED),
        ([460, 460, 460, None, None], REFUTED),
        ([460, 460, 460, 460], INCONCLUSIVE),
    ],
)
def test_a_count_is_met_or_not(values: list[float | None], outcome: Outcome) -> None:
    verdict = verdict_on("in 4 of 5 seeds final reward > 450", seeds_of(values))

    assert verdict.outcome is outcome
    assert verdict.notes[0] == "count of seeds only"


def test_a_count_says_its_exact_interval() -> None:
    claim = verdict_on("in 4 of 5 seeds final reward > 450", seeds_of([460] * 4 + [440])).claims[0]

    assert claim.got == "4 of 5 seeds, 95 % [28 %, 99 %], count of seeds only"
    assert claim.interval == pytest.approx((0.2836, 0.9949), abs=1e-4)


def test_a_count_of_five_is_about_the_first_five() -> None:
    verdict = verdict_on(
        "in 4 of 5 seeds final reward > 450", seeds_of([460] * 3 + [440] * 2 + [460] * 5), approved_seeds=5
    )

    assert verdict.outcome is REFUTED


def _both(rewards: list[float], oscillations: list[float]) -> list[SeedOutcome]:
    pairs = enumerate(zip(rewards, oscillations, strict=True), start=1)
    return [SeedOutcome(f"s{i}", i, "done", {"final_reward": r, "oscillation": o}) for i, (r, o) in pairs]


@pytest.mark.parametrize(
    ("rewards", "oscillations", "outcome"),
    [
        ([460] * 6, [0.1] * 6, SUPPORTED),
        ([460] * 6, [0.1] * 5 + [0.2], INCONCLUSIVE),
        ([460] * 6, [0.2] * 6, REFUTED),
        ([440] * 6, [0.1] * 5 + [0.2], REFUTED),
    ],
)
def test_a_and_b_is_supported_if_every_part_is_and_refuted_if_one_is(
    rewards: list[float], oscillations: list[float], outcome: Outcome
) -> None:
    child = _both(rewards, oscillations)

    assert verdict_on("final reward > 450 and oscillation < 0.15", child).outcome is outcome


def test_a_part_is_refuted_at_the_shared_level_but_supported_at_the_whole() -> None:
    # 0 of 5 has p = 0.031, which is more than 0.05 / 2
    refuted_alone = _both([440] * 5, [0.1] * 5)

    assert verdict_on("final reward > 450", refuted_alone).outcome is REFUTED
    assert verdict_on("final reward > 450 and oscillation < 0.15", refuted_alone).outcome is INCONCLUSIVE
    assert (
        verdict_on("final reward > 450 and oscillation < 0.15", _both([460] * 5, [0.1] * 5)).outcome
        is SUPPORTED
    )


def test_guards_are_parts() -> None:
    parent = _both([490, 492, 494, 491, 493], [0.19, 0.2, 0.18, 0.19, 0.2])
    smoother = [0.1, 0.11, 0.12, 0.1, 0.11]
    claim, guard = "oscillation falls by 20% vs E-12", "final reward by 15"

    kept = verdict_on(claim, _both([489, 488, 492, 490, 487], smoother), parent, guards=guard)
    lost = verdict_on(claim, _both([400, 405, 410, 395, 402], smoother), parent, guards=guard)

    assert kept.outcome is SUPPORTED
    assert lost.outcome is REFUTED
    assert (lost.claims[0].outcome, lost.guards[0].outcome) == (SUPPORTED, REFUTED)
    assert kept.guards[0].short == "Reward 489 vs 492: within 15"


@pytest.mark.parametrize(
    ("arms", "n", "outcome"), [(2, 5, INCONCLUSIVE), (3, 6, SUPPORTED), (4, 6, INCONCLUSIVE)]
)
def test_the_arms_of_a_sweep_share_the_error(arms: int, n: int, outcome: Outcome) -> None:
    assert verdict_on("final reward > 450", seeds_of([460] * n), arms=arms).outcome is outcome


def test_a_sweeps_winner_is_a_candidate() -> None:
    verdict = verdict_on("final reward > 450", seeds_of([460] * 6), arms=3)

    assert verdict.notes == ("best of 3 arms: a candidate until fresh seeds confirm it",)


def test_a_comparison_in_a_sweep_uses_a_wider_interval() -> None:
    child, parent = seeds_of([404, 405, 407, 409, 412]), seeds_of([400, 401, 402, 404, 398], prefix="p")

    assert verdict_on("> parent", child, parent).outcome is SUPPORTED
    assert verdict_on("> parent", child, parent, arms=10).outcome is INCONCLUSIVE
    assert "99.5 % [" in str(verdict_on("> parent", child, parent, arms=10).claims[0].difference)


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_seeds_give_no_verdict(n: int) -> None:
    for text in ("final reward > 450", "in 1 of 2 seeds final reward > 450", "> parent", "mean reward > 450"):
        verdict = verdict_on(text, seeds_of([460] * n), PARENT)

        assert verdict.outcome is INCONCLUSIVE
        assert verdict.claims[0].reason == "no verdict from fewer than 3 seeds"


def test_three_seeds_say_what_would_decide() -> None:
    verdict = verdict_on("final reward > 450", seeds_of([460] * 3))

    assert verdict.claims[0].reason == (
        "met in 3 of 3: inconclusive; 2 more seeds that meet it would make it supported"
    )
    assert verdict.needs_more_seeds == 2


@pytest.mark.parametrize(
    ("met", "n", "more", "said"),
    [
        (0, 3, 2, "2 more seeds that miss it would make it refuted"),
        (2, 3, 7, "7 more seeds that meet it would make it supported"),
        (1, 3, 7, "7 more seeds that miss it would make it refuted"),
        (4, 5, 5, "5 more seeds that meet it would make it supported"),
        (1, 5, 5, "5 more seeds that miss it would make it refuted"),
        (3, 5, None, "no number of seeds at the looks of 5 and 10 would decide it"),
        (8, 10, None, "no number of seeds at the looks of 5 and 10 would decide it"),
    ],
)
def test_how_many_more_seeds_would_decide(met: int, n: int, more: int | None, said: str) -> None:
    verdict = verdict_on("final reward > 450", seeds_of([460] * met + [440] * (n - met)))

    assert verdict.needs_more_seeds == more
    assert said in verdict.claims[0].reason


def test_a_comparison_that_is_open_may_look_again_at_the_next_step() -> None:
    child = [399, 405, 401, 397, 403, 400, 402, 399, 404, 398]

    assert verdict_on("> parent", seeds_of(child[:3]), PARENT).needs_more_seeds == 2
    assert verdict_on("> parent", seeds_of(child[:5]), PARENT).needs_more_seeds == 5
    assert verdict_on("> parent", seeds_of(child), PARENT).needs_more_seeds is None
    assert verdict_on("> parent", seeds_of([460] * 4 + [None]), PARENT).needs_more_seeds is None


@pytest.mark.parametrize(
    ("approved", "n", "outcome"),
    [
        (3, 5, SUPPORTED),
        (3, 10, SUPPORTED),
        (3, 7, INCONCLUSIVE),
        (5, 10, SUPPORTED),
        (5, 8, INCONCLUSIVE),
        (8, 8, SUPPORTED),
        (12, 12, SUPPORTED),
        (12, 14, INCONCLUSIVE),
    ],
)
def test_looks_happen_at_the_approved_number_then_at_5_and_10(
    approved: int, n: int, outcome: Outcome
) -> None:
    verdict = verdict_on("final reward > 450", seeds_of([460] * n), approved_seeds=approved)

    assert verdict.outcome is outcome
    if outcome is INCONCLUSIVE:
        assert "no look that was agreed on" in verdict.claims[0].reason


def _with_state(state: str) -> list[SeedOutcome]:
    last = SeedOutcome("s6", 6, state)  # type: ignore[arg-type]  # the caller names a state
    return [*seeds_of([460] * 5), last]


@pytest.mark.parametrize("text", ["final reward > 450", "> parent", "in 5 of 6 seeds final reward > 450"])
def test_a_stopped_seed_is_left_out_and_allows_no_verdict(text: str) -> None:
    verdict = verdict_on(text, _with_state("stopped"), PARENT)

    assert verdict.outcome is INCONCLUSIVE
    assert verdict.claims[0].reason == "stopped: s6 left out, so no verdict"
    assert verdict.needs_more_seeds is None
    assert (verdict.seeds_done, verdict.seeds_planned, verdict.seeds_failed) == (5, 6, 0)


def test_stopped_by_a_rule_is_never_supported() -> None:
    verdict = verdict_on(
        "final reward > 450", seeds_of([460] * 5), stopped_by="the rule `final reward > 450`"
    )

    assert verdict.outcome is INCONCLUSIVE
    assert verdict.claims[0].reason.startswith("stopped by the rule `final reward > 450`")
    assert verdict.needs_more_seeds is None


def test_a_missing_seed_has_to_be_run_again() -> None:
    verdict = verdict_on("final reward > 450", _with_state("missing"))

    assert verdict.outcome is INCONCLUSIVE
    assert verdict.claims[0].reason == "no result of s6: Retry reruns the same seed"


def test_a_comparator_with_a_stopped_seed_is_run_alongside() -> None:
    parent = [*PARENT, SeedOutcome("p6", 6, "stopped")]

    assert verdict_on("> parent", seeds_of(CLEARLY_BETTER), parent).outcome is INCONCLUSIVE


def test_a_comparator_with_a_missing_seed_is_compared_by_the_others() -> None:
    parent = [*PARENT, SeedOutcome("p6", 6, "missing")]

    assert verdict_on("> parent", seeds_of(CLEARLY_BETTER), parent).outcome is SUPPORTED


def test_ten_seeds_also_say_the_probability_of_improvement_and_a_profile() -> None:
    child = seeds_of([460, 466, 470, 458, 462, 401, 464, 468, 459, 463])
    verdict = verdict_on("> parent", child, PARENT)
    numbers = verdict.claims[0].numbers

    assert verdict.notes == ("final reward: probability of improvement over E-12 96 %",)
    assert numbers["probability_of_improvement"] == pytest.approx((45 + 3) / 50)
    profile = numbers["profile"]
    assert isinstance(profile, dict)
    assert profile["comparator"] == [[396, 1.0], [398, 0.8], [400, 0.6], [402, 0.4], [404, 0.2]]


def test_a_threshold_on_ten_seeds_has_a_profile_as_well() -> None:
    numbers = verdict_on("final reward > 450", seeds_of([460] * 4 + [440] * 6)).claims[0].numbers

    assert numbers["profile"] == {"child": [[440, 1.0], [460, 0.4]]}


def test_fewer_than_ten_seeds_do_not() -> None:
    assert "profile" not in verdict_on("> parent", seeds_of(CLEARLY_BETTER), PARENT).claims[0].numbers


@pytest.mark.parametrize(
    "verdict",
    [
        verdict_on("final reward > 450", seeds_of([460, 461, 462, 463, None])),
        verdict_on("> parent and in 5 of 5 seeds final reward > 450", seeds_of(CLEARLY_BETTER), PARENT),
        verdict_on("same as parent within 15", seeds_of([400.5] * 10), PARENT, guards="final reward by 5%"),
        verdict_on("solves at 475 within 50k steps", solving([1, None, 3, 4, 5])),
        verdict_on("mean final reward > 450", []),
    ],
)
def test_a_verdict_travels_as_json(verdict: Verdict) -> None:
    data = verdict.to_json()

    assert Verdict.from_json(json.loads(json.dumps(data, allow_nan=False))) == verdict


def test_what_is_no_verdict_is_refused() -> None:
    with pytest.raises(ValueError, match="outcome"):
        Verdict.from_json({"outcome": "perhaps"})
