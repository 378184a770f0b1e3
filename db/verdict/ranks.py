"""The exact Mann-Whitney test: the permutation distribution of mid-ranks, ties included."""

import math
from collections.abc import Sequence
from fractions import Fraction


def _doubled_midranks(values: Sequence[float]) -> list[int]:
    """Twice the rank of each value, ties sharing their mean rank, so that all are whole numbers."""
    ordered = sorted(values)
    first: dict[float, int] = {}
    last: dict[float, int] = {}
    for rank, value in enumerate(ordered, start=1):
        first.setdefault(value, rank)
        last[value] = rank
    return [first[value] + last[value] for value in values]


def _counts_by_sum(ranks: Sequence[int], size: int) -> list[int]:
    """How many subsets of `size` ranks have each sum: index = sum.

    One row per subset size is kept as a whole number whose digits, `width` bits wide, are the
    counts; adding a rank to every sum is then one shift.
    """
    width = math.comb(len(ranks), size).bit_length() + 1
    rows = [1] + [0] * size
    for rank in ranks:
        for taken in range(size, 0, -1):
            rows[taken] += rows[taken - 1] << (rank * width)
    mask = (1 << width) - 1
    return [(rows[size] >> (place * width)) & mask for place in range(sum(ranks) + 1)]


def mann_whitney_greater(x: Sequence[float], y: Sequence[float]) -> Fraction:
    """The one-sided p value that `x` tends to be greater than `y`; exact, both samples non-empty."""
    ranks = _doubled_midranks([*x, *y])
    observed = sum(ranks[: len(x)])
    counts = _counts_by_sum(ranks, len(x))
    return Fraction(sum(counts[observed:]), math.comb(len(ranks), len(x)))


def smallest_p(n: int, m: int) -> Fraction:
    """The p value of two fully separated samples: no smaller one is possible with these counts."""
    return Fraction(1, math.comb(n + m, n))


def probability_of_improvement(x: Sequence[float], y: Sequence[float]) -> float:
    """The share of pairs in which a value of `x` exceeds one of `y`; ties count half."""
    wins = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a in x for b in y)
    return wins / (len(x) * len(y))
