"""Student's t, the beta and the binomial distribution, as far as the rules need them."""

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

_TINY = 1e-300
_PRECISION = 1e-15
_ITERATIONS = 10_000


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b), for a, b > 0 and 0 <= x <= 1."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    if x < (a + 1) / (a + b + 2):
        return math.exp(log_front) * _beta_fraction(a, b, x) / a
    return 1 - math.exp(log_front) * _beta_fraction(b, a, 1 - x) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _ITERATIONS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        step = 1.0
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            step *= c * d
        value *= step
        if abs(step - 1) < _PRECISION:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def t_tail(t: float, df: float) -> float:
    """P(T > t) of Student's t with `df` degrees of freedom, for t >= 0."""
    return incomplete_beta(df / 2, 0.5, df / (df + t * t)) / 2


@lru_cache(maxsize=256)
def t_quantile(p: float, df: float) -> float:
    """The t with P(T <= t) = p, for 0.5 <= p < 1."""
    high = 1.0
    while t_tail(high, df) > 1 - p:
        high *= 2
    return _bisect(lambda t: t_tail(t, df) <= 1 - p, 0.0, high)


def beta_quantile(p: float, a: float, b: float) -> float:
    """The x with I_x(a, b) = p."""
    return _bisect(lambda x: incomplete_beta(a, b, x) >= p, 0.0, 1.0)


def _bisect(beyond: Callable[[float], bool], low: float, high: float) -> float:
    """The place in [low, high] where `beyond` turns true, to the last digit."""
    while True:
        middle = (low + high) / 2
        if middle in {low, high}:
            return high
        if beyond(middle):
            high = middle
        else:
            low = middle


def sign_tail(k: int, n: int) -> Fraction:
    """P(Bin(n, 1/2) >= k), exactly."""
    return Fraction(sum(math.comb(n, i) for i in range(max(k, 0), n + 1)), 2**n)


def binomial_tail(k: int, n: int, p: float) -> float:
    """P(Bin(n, p) >= k)."""
    return math.fsum(
        math.comb(n, i) * math.pow(p, i) * math.pow(1 - p, n - i) for i in range(max(k, 0), n + 1)
    )


def pass_probability(k: int, n: int, power: float) -> float:
    """The chance that each of `n` trials must have, so that `k` or more succeed with chance `power`."""
    return _bisect(lambda p: binomial_tail(k, n, p) >= power, 0.0, 1.0)


def clopper_pearson(k: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a proportion after `k` successes in `n` trials."""
    tail = (1 - level) / 2
    low = beta_quantile(tail, k, n - k + 1) if k else 0.0
    high = beta_quantile(1 - tail, k + 1, n - k) if k < n else 1.0
    return low, high


def failure_limit(failed: int, n: int, error: float = 0.05) -> float:
    """The largest failure rate that `failed` of `n` does not exclude: 1 - error^(1/n) where none failed."""
    if failed >= n:
        return 1.0
    if failed == 0:
        return 1 - math.pow(error, 1 / n)
    return beta_quantile(1 - error, failed + 1, n - failed)
