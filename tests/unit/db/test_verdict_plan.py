"""What the form refuses and warns of before launch, and the power hint."""

from collections.abc import Sequence

import pytest

from db.errors import ExpectationError
from db.expectation import parse_expectation, parse_guards
from db.verdict import (
    Plan,
    SeedOutcome,
    check_feasible,
    detectable_difference,
    pooled_deviation,
    power_hint,
    run_alongside_advised,
    warnings,
)
from tests.unit.db.verdict_cases import METRICS, seeds_of

PARENT = seeds_of([400, 404, 396, 402, 398], prefix="p")


def plan_of(
    text: str,
    seeds: int = 5,
    parent: Sequence[SeedOutcome] = PARENT,
    *,
    guards: str = "",
    arms: int = 1,
    alongside: bool = False,
    total_timesteps: int | None = None,
) -> Plan:
    return Plan(
        parse_expectation(text, METRICS, parent_key="E-12"),
        seeds,
        guards=parse_guards(guards, METRICS, parent_key="E-12"),
        comparators={None: parent},
        alongside=alongside,
        arms=arms,
        total_timesteps=total_timesteps,
    )


@pytest.mark.parametrize(("arms", "needed"), [(2, 6), (3, 6), (4, 7), (5, 7), (6, 7)])
def test_a_threshold_in_a_sweep_needs_more_seeds(arms: int, needed: int) -> None:
    check_feasible(plan_of("final reward > 450", needed, arms=arms))
    with pytest.raises(ExpectationError, match=f"needs {needed} seeds where {arms} arms share"):
        check_feasible(plan_of("final reward > 450", needed - 1, arms=arms))


def test_parts_that_could_never_be_refuted_are_refused() -> None:
    text = "final reward > 450 and oscillation < 0.15"

    check_feasible(plan_of(text, 6))
    with pytest.raises(ExpectationError, match="`final reward > 450` needs 6 seeds where 2 parts share"):
        check_feasible(plan_of(text, 5))


def test_guards_are_parts_here_as_well() -> None:
    with pytest.raises(ExpectationError, match="needs 6 seeds where 2 parts share"):
        check_feasible(plan_of("final reward > 450", 5, guards="final reward by 15"))


def test_a_comparison_with_a_guard_needs_four_seeds() -> None:
    text, guard = "> parent", "final reward by 15"

    check_feasible(plan_of(text, 4, guards=guard, alongside=True))
    with pytest.raises(ExpectationError, match="needs 4 seeds"):
        check_feasible(plan_of(text, 3, guards=guard, alongside=True))


def test_five_seeds_are_enough_for_the_default_contract() -> None:
    check_feasible(plan_of("final reward > 450"))
    check_feasible(plan_of("improves by 10% over parent", guards="final reward by 15"))


def test_a_mean_in_a_sweep_needs_five_seeds() -> None:
    with pytest.raises(ExpectationError, match="needs 5 seeds"):
        check_feasible(plan_of("mean final reward > 450", 4, arms=2))


def test_a_count_is_about_the_seeds_of_the_contract() -> None:
    check_feasible(plan_of("in 4 of 5 seeds final reward > 450", 5))
    with pytest.raises(ExpectationError, match="is about 5 seeds, the contract has 3: make them equal"):
        check_feasible(plan_of("in 4 of 5 seeds final reward > 450", 3))


def test_a_percentage_of_nearly_nothing_is_refused() -> None:
    near_zero = seeds_of([-5, 4, 3, -2, 1], "energy", "p")

    with pytest.raises(ExpectationError, match="give an absolute difference"):
        check_feasible(plan_of("energy falls by 10% vs parent", parent=near_zero))
    check_feasible(plan_of("energy falls by 10% vs parent", parent=near_zero[:2]))


def test_a_percentage_beyond_the_range_is_refused() -> None:
    with pytest.raises(
        ExpectationError, match="E-12 has 400 already: 30 % more is 520, and final reward ends at 500"
    ):
        check_feasible(plan_of("improves by 30% over parent"))


@pytest.mark.parametrize("seeds", [1, 2])
def test_fewer_than_three_seeds_are_warned_of(seeds: int) -> None:
    assert "no verdict from fewer than 3 seeds" in warnings(plan_of("final reward > 450", seeds))


def test_three_seeds_for_a_threshold_are_warned_of() -> None:
    assert warnings(plan_of("final reward > 450", 3)) == (
        "`final reward > 450`: 3 seeds give no verdict, 5 can",
    )
    assert warnings(plan_of("final reward > 450", 5)) == ()


def test_a_mean_is_warned_of() -> None:
    assert warnings(plan_of("mean final reward > 450")) == (
        "`mean final reward > 450` assumes no rare failures; without `mean` it is judged by the median run",
    )


@pytest.mark.parametrize(
    ("parent", "said"),
    [
        ([], "E-12 has 0 seeds with final reward: no verdict unless it is run alongside"),
        (PARENT[:2], "E-12 has 2 seeds with final reward: no verdict unless it is run alongside"),
        (PARENT[:4], "E-12 has 4 seeds, fewer than 5: better run it alongside"),
        (
            [*PARENT, SeedOutcome("p6", 6, "failed")],
            "p6 of E-12 failed, so that nothing can be compared with it: run it alongside",
        ),
    ],
)
def test_a_weak_comparator_is_warned_of(parent: list[SeedOutcome], said: str) -> None:
    assert warnings(plan_of("> parent", parent=parent)) == (said,)
    assert warnings(plan_of("> parent", parent=parent, alongside=True)) == ()


def test_a_claim_against_the_metrics_direction_is_warned_of() -> None:
    assert warnings(plan_of("oscillation > 0.3")) == (
        "`oscillation > 0.3`: of this metric lower is better, and the claim asks for the opposite",
    )
    assert len(warnings(plan_of("final reward < parent"))) == 1


def test_a_horizon_after_the_end_of_training_is_warned_of() -> None:
    plan = plan_of("solves at 475 within 200k steps", total_timesteps=100_000)

    assert warnings(plan) == ("`solves at 475 within 200k steps`: a run ends after 100000 steps",)


def test_when_the_comparator_is_run_alongside() -> None:
    assert run_alongside_advised(PARENT[:4])
    assert run_alongside_advised(PARENT, comparable=False)
    assert not run_alongside_advised(PARENT)


@pytest.mark.parametrize(("n", "size"), [(3, 3.5), (5, 2.1), (10, 1.35)])
def test_the_detectable_difference(n: int, size: float) -> None:
    assert detectable_difference(n, n) == pytest.approx(size)


def test_more_seeds_on_either_side_detect_more() -> None:
    assert detectable_difference(2, 5) is None
    sizes = [
        detectable_difference(n, m)
        for n, m in [(3, 3), (3, 5), (5, 5), (5, 10), (10, 10), (10, 20), (40, 40)]
    ]

    assert sizes == sorted(sizes, key=lambda size: -(size or 0))
    assert len(set(sizes)) == len(sizes)


def test_the_spread_is_pooled_over_the_lineage() -> None:
    assert pooled_deviation([[1, 3], [10, 12, 14]]) == pytest.approx(((2 + 8) / 3) ** 0.5)
    assert pooled_deviation([[1], []]) is None


def test_the_power_hint_of_a_threshold() -> None:
    def hint(seeds: int) -> tuple[str, ...]:
        return power_hint(parse_expectation("final reward > 450", METRICS), seeds, 0, {})

    assert hint(5) == ("5 of 5 seeds have to meet it: at 80 % power if each does with probability 0.96",)
    assert hint(10) == ("9 of 10 seeds have to meet it: at 80 % power if each does with probability 0.92",)
    assert hint(3) == ()


def test_the_power_hint_of_a_comparison() -> None:
    expectation = parse_expectation("> parent", METRICS)

    assert power_hint(expectation, 5, 5, {"final_reward": [[400, 404, 396, 402, 398], [410, 414, 406]]}) == (
        (
            "5 against 5 seeds show a difference of about 2.1 s with 80 % power: "
            "7.27 in final reward (rough: s = 3.46 so far)"
        ),
    )
    assert power_hint(expectation, 5, 5, {}) == (
        "5 against 5 seeds show a difference of about 2.1 s with 80 % power (s: spread between seeds)",
    )
    assert power_hint(expectation, 5, 2, {}) == ()
