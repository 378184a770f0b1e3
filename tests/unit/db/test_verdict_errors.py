"""The simulation behind the error rates: its distributions, and its rules against the real ones."""

import numpy as np
import pytest

from bench.verdict_distributions import DISTRIBUTIONS, Distribution
from bench.verdict_errors import agreement, first_verdict, sign_errors


@pytest.mark.parametrize("one", DISTRIBUTIONS, ids=lambda one: one.name)
def test_medians_and_means_are_what_the_table_says(one: Distribution) -> None:
    values = one.draw(np.random.default_rng(7), (1, 200_000))
    error = 5 * values.std() / np.sqrt(values.size)

    assert values.mean() == pytest.approx(one.mean, abs=error)
    assert (values > one.median).mean() == pytest.approx(0.4 if one.name == "sparse" else 0.5, abs=0.006)
    assert (values >= one.median).mean() >= 0.494


def test_there_are_seven_of_the_kinds_that_teams_meet() -> None:
    assert [one.name for one in DISTRIBUTIONS] == [
        "normal",
        "ceiling",
        "lander-like",
        "two-mode",
        "sparse",
        "left-skewed",
        "right-skewed",
    ]


def test_the_simulated_rules_are_the_real_ones() -> None:
    assert agreement(np.random.default_rng(1), checked=6)["holds"]


def test_the_sign_rule_is_wrong_about_3_percent_of_the_time_at_five_seeds() -> None:
    assert 2 < sign_errors(np.random.default_rng(2), DISTRIBUTIONS[0], 5) < 5


def test_the_first_verdict_stands() -> None:
    looks = [np.array([0, 1, -1, 0]), np.array([1, -1, 1, 0]), np.array([-1, 0, 0, -1])]

    assert first_verdict(looks).tolist() == [1, 1, -1, -1]
