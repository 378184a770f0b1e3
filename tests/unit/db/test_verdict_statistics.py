"""The rules' own statistics against scipy and against numbers worked by hand."""

from fractions import Fraction
from itertools import combinations

import pytest
import scipy.stats as st_reference
from hypothesis import given
from hypothesis import strategies as st

from db.verdict.distributions import (
    beta_quantile,
    clopper_pearson,
    failure_limit,
    incomplete_beta,
    pass_probability,
    sign_tail,
    t_quantile,
    t_tail,
)
from db.verdict.ranks import mann_whitney_greater, probability_of_improvement, smallest_p
from db.verdict.samples import mean, mean_estimate, profile, settle, variance, welch

VALUES = st.lists(st.floats(-1000, 1000).map(lambda value: round(value, 3)), min_size=3, max_size=8)
FEW_VALUES = st.lists(st.integers(0, 4).map(float), min_size=1, max_size=5)


@pytest.mark.parametrize("df", [1, 2, 2.7, 4, 8.31, 30, 400])
@pytest.mark.parametrize("p", [0.6, 0.8, 0.95, 0.975, 0.9875, 0.9975, 0.9999])
def test_t_quantiles_are_scipys(df: float, p: float) -> None:
    assert t_quantile(p, df) == pytest.approx(st_reference.t.ppf(p, df), rel=1e-9)
    assert t_tail(t_quantile(p, df), df) == pytest.approx(1 - p, rel=1e-9)


def test_t_quantiles_of_the_textbook() -> None:
    assert t_quantile(0.975, 4) == pytest.approx(2.776, abs=5e-4)
    assert t_quantile(0.975, 9) == pytest.approx(2.262, abs=5e-4)


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (1, 4), (3, 0.5), (12, 7.5), (80, 3)])
@pytest.mark.parametrize("x", [0.0, 1e-6, 0.03, 0.5, 0.91, 0.999, 1.0])
def test_the_incomplete_beta_is_scipys(a: float, b: float, x: float) -> None:
    assert incomplete_beta(a, b, x) == pytest.approx(st_reference.beta.cdf(x, a, b), rel=1e-9, abs=1e-12)


def test_beta_quantiles_are_scipys() -> None:
    assert beta_quantile(0.025, 4, 2) == pytest.approx(st_reference.beta.ppf(0.025, 4, 2), rel=1e-9)


@pytest.mark.parametrize("n", range(1, 13))
def test_the_sign_test_is_scipys_binomial_test(n: int) -> None:
    for k in range(n + 1):
        expected = st_reference.binomtest(k, n, 0.5, alternative="greater").pvalue
        assert float(sign_tail(k, n)) == pytest.approx(expected, rel=1e-12)


def test_the_sign_test_needs_5_of_5_7_of_8_and_9_of_10() -> None:
    needed = {
        n: next((k for k in range(n + 1) if sign_tail(k, n) <= Fraction(1, 20)), None) for n in range(3, 11)
    }

    assert needed == {3: None, 4: None, 5: 5, 6: 6, 7: 7, 8: 7, 9: 8, 10: 9}


@pytest.mark.parametrize(("k", "n"), [(0, 5), (1, 5), (4, 5), (5, 5), (9, 10), (1, 1)])
def test_clopper_pearson_is_scipys(k: int, n: int) -> None:
    expected = st_reference.binomtest(k, n).proportion_ci(0.95, method="exact")

    assert clopper_pearson(k, n) == pytest.approx((expected.low, expected.high), rel=1e-9)


@pytest.mark.parametrize(("n", "percent"), [(3, 63), (5, 45), (10, 26)])
def test_failures_not_excluded(n: int, percent: int) -> None:
    assert round(failure_limit(0, n) * 100) == percent


def test_failures_seen_raise_the_limit() -> None:
    assert failure_limit(1, 5) == pytest.approx(st_reference.beta.ppf(0.95, 2, 4), rel=1e-9)
    assert failure_limit(5, 5) == 1
    assert failure_limit(0, 0) == 1


@pytest.mark.parametrize(("k", "n", "chance"), [(5, 5, 0.96), (9, 10, 0.92)])
def test_the_chance_that_each_seed_needs(k: int, n: int, chance: float) -> None:
    assert round(pass_probability(k, n, 0.8), 2) == chance


@given(VALUES, VALUES)
def test_mann_whitney_is_scipys_exact_test(x: list[float], y: list[float]) -> None:
    if len({*x, *y}) < len(x) + len(y):
        return  # scipy's exact method is for values without ties
    expected = st_reference.mannwhitneyu(x, y, alternative="greater", method="exact").pvalue

    assert float(mann_whitney_greater(x, y)) == pytest.approx(expected, rel=1e-9)


@given(FEW_VALUES, FEW_VALUES)
def test_mann_whitney_with_ties_is_the_permutation_distribution_of_mid_ranks(
    x: list[float], y: list[float]
) -> None:
    ranks = [float(rank) for rank in st_reference.rankdata([*x, *y])]
    sums = [sum(chosen) for chosen in combinations(ranks, len(x))]
    observed = sum(ranks[: len(x)])

    assert mann_whitney_greater(x, y) == Fraction(sum(s >= observed for s in sums), len(sums))


def test_mann_whitney_by_hand() -> None:
    assert mann_whitney_greater([4, 5, 6], [1, 2, 3]) == Fraction(1, 20)
    assert mann_whitney_greater([1, 2, 3], [4, 5, 6]) == 1
    assert mann_whitney_greater([3, 5, 6], [1, 2, 4]) == Fraction(2, 20)
    assert mann_whitney_greater([1, 1], [1, 1]) == 1
    assert smallest_p(5, 5) == Fraction(1, 252)


def test_mann_whitney_of_many_seeds_is_quick_and_exact() -> None:
    x, y = [i + 0.5 for i in range(40)], [float(i) for i in range(40)]

    assert float(mann_whitney_greater(x, y)) == pytest.approx(
        st_reference.mannwhitneyu(x, y, alternative="greater", method="exact").pvalue, rel=1e-9
    )


@given(VALUES, VALUES)
def test_welch_is_scipys(x: list[float], y: list[float]) -> None:
    if min(variance(x), variance(y)) < 1e-6:
        return  # scipy warns of lost precision
    estimate = welch(x, y)
    expected = st_reference.ttest_ind(x, y, equal_var=False)
    between = expected.confidence_interval(0.95)

    assert estimate.df == pytest.approx(expected.df, rel=1e-9)
    assert estimate.interval(0.95) == pytest.approx((between.low, between.high), rel=1e-7, abs=1e-7)


def test_welch_by_hand() -> None:
    estimate = welch([1, 2, 3, 4, 5], [2, 4, 6])

    assert estimate.value == -1
    assert estimate.se == pytest.approx((2.5 / 5 + 4 / 3) ** 0.5)
    assert estimate.df == pytest.approx((0.5 + 4 / 3) ** 2 / (0.5**2 / 4 + (4 / 3) ** 2 / 2))


def test_equal_values_have_no_spread_however_they_are_rounded() -> None:
    assert variance([0.1] * 7) == 0
    assert mean([0.1] * 7) == 0.1
    assert mean_estimate([0.1] * 7).interval(0.95) == (0.1, 0.1)
    assert settle(1.1 * 0.3) == settle(0.33)


def test_probability_of_improvement_is_rliables() -> None:
    """The published example of rliable (tests/rliable/metrics_test.py): 1/3 over its two tasks."""
    tasks = (([1, 2, 1, 2], [1, 2, 3]), ([2, 2, 1, 1], [1, 2, 3]))
    assert sum(probability_of_improvement(x, y) for x, y in tasks) / 2 == pytest.approx(1 / 3)


def test_a_performance_profile_is_the_share_of_runs_that_are_at_least_as_good() -> None:
    """By hand: of 1, 2, 2, 4 and a run that failed."""
    up = profile([4, 2, 1, 2], higher_is_better=True, failed=1)
    assert list(up) == [(1, 4 / 5), (2, 3 / 5), (4, 1 / 5)]
    down = profile([4, 2, 1, 2], higher_is_better=False, failed=1)
    assert list(down) == [(1, 1 / 5), (2, 3 / 5), (4, 4 / 5)]


def test_probability_of_improvement_counts_ties_half() -> None:
    assert probability_of_improvement([2, 2], [1, 2]) == 0.75
