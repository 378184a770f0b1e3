"""The words of the result card."""

import pytest

from db.verdict import SeedOutcome, card_lines, words
from tests.unit.db.verdict_cases import seeds_of, solving, verdict_on


def _seeds(prefix: str, oscillations: list[float], rewards: list[float]) -> list[SeedOutcome]:
    pairs = enumerate(zip(oscillations, rewards, strict=True), start=1)
    return [
        SeedOutcome(f"{prefix}{i}", i, "done", {"oscillation": o, "final_reward": r}, n_episodes=100)
        for i, (o, r) in pairs
    ]


PARENT = _seeds("p", [0.19, 0.20, 0.18, 0.21, 0.17], [492, 493, 491, 490, 494])


def test_the_card_on_a_phone() -> None:
    child = _seeds("s", [0.10, 0.10, 0.09, 0.16, 0.10], [489, 488, 492, 490, 486])
    verdict = verdict_on("oscillation falls by 20% vs E-12", child, PARENT, guards="final reward by 15")

    assert card_lines(verdict) == (
        "Asked: oscillation falls 20 % vs E-12",
        "Got: 0.11 vs 0.19 (−42 %)",  # noqa: RUF001 - the true minus
        "Diff −0.08, 95 % [−0.12, −0.04]",  # noqa: RUF001 - the true minus
        "5 of 5 seeds done · E-12: 5",
        "Reward 489 vs 492: within 15 ✓",
        "Worst seed s4: 0.16",
        "Failures up to 45 % not excluded",
    )
    assert verdict.n_episodes == 100


def test_an_inconclusive_card_says_why() -> None:
    lines = card_lines(verdict_on("final reward > 450", seeds_of([460, 470, 480])))

    assert lines == (
        "Asked: final reward > 450",
        "Got: median 470, met in 3 of 3 seeds",
        "Met in 3 of 3: inconclusive; 2 more seeds that meet it would make it supported",
        "3 of 3 seeds done",
        "Worst seed s1: 460",
        "Failures up to 63 % not excluded",
    )


def test_a_failed_seed_is_the_worst() -> None:
    lines = card_lines(verdict_on("final reward > 450", seeds_of([460, None, 480, 470, 475])))

    assert "4 of 5 seeds done, 1 failed" in lines
    assert "Worst seed s2: failed" in lines
    assert "Failures up to 66 % not excluded" in lines
    assert "Got: median of 4 done seeds 472, met in 4 of 5 seeds" in lines


def test_a_card_without_values() -> None:
    lines = card_lines(verdict_on("mean final reward > 450", [SeedOutcome("s1", 1, "missing")]))

    assert lines == (
        "Asked: mean final reward > 450",
        "Got: no values",
        "No result of s1: Retry reruns the same seed",
        "0 of 1 seed done",
    )


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("solves at 475 within 50k steps", "solved in 2 of 3 seeds, median 20k steps"),
        (
            "in 2 of 3 seeds solves at 475 within 50k steps",
            "2 of 3 seeds, 95 % [9 %, 99 %], count of seeds only",
        ),
    ],
)
def test_solving_in_words(text: str, got: str) -> None:
    assert verdict_on(text, solving([20_000, None, 31_500])).claims[0].got == got


def test_further_claims_and_guards_take_one_line_each() -> None:
    child = _seeds("s", [0.10, 0.10, 0.09, 0.16, 0.10], [489, 488, 492, 490, 486])
    verdict = verdict_on(
        "oscillation < parent and in 5 of 5 seeds final reward > 450",
        child,
        PARENT,
        guards="oscillation < 0.3",
    )

    assert "In 5 of 5 seeds final reward > 450: 5 of 5 ✓" in card_lines(verdict)
    assert "Oscillation < 0.3: 5 of 5 ✓" in card_lines(verdict)


@pytest.mark.parametrize(
    ("values", "threshold", "places"),
    [([499.6], 500, 1), ([500.0], 500, 0), ([0.1496], 0.15, 4), ([12.34], None, 1), ([0.0123], None, 3)],
)
def test_values_are_shown_apart_from_the_threshold_that_they_miss(
    values: list[float], threshold: float | None, places: int
) -> None:
    assert words.decimals(values, apart_from=threshold) == places


def test_numbers_have_a_true_minus_and_no_minus_zero() -> None:
    assert words.number(-0.001, 2) == "0.00"
    assert words.number(-3, 0) == "−3"  # noqa: RUF001 - the true minus
    assert words.signed(2.5, 1) == "+2.5"
    assert words.percent(0.004) == "0.4 %"
    assert words.number(1e30, 2) == "1e+30"
