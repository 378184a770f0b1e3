"""Numbers and sentences of verdicts."""

import math
from collections.abc import Sequence

from db.expectation.numbers import MINUS

_MOST_DECIMALS = 6


def decimals(values: Sequence[float], *, apart_from: float | None = None) -> int:
    """With how many decimals to show values of one metric: three digits, 0 decimals from 100 on.

    More where the largest would otherwise look equal to `apart_from`, the threshold it does not equal.
    """
    size = max((abs(v) for v in values), default=0.0)
    count = 0 if size >= 100 or size == 0 else 1 if size >= 10 else 2  # noqa: PLR2004 - powers of ten
    if 0 < size < 0.1:  # noqa: PLR2004 - as above
        count = min(_MOST_DECIMALS, 1 - math.floor(math.log10(size)))
    while apart_from is not None and count < _MOST_DECIMALS and _merge(values, apart_from, count):
        count += 1
    return count


def _merge(values: Sequence[float], other: float, count: int) -> bool:
    return any(v != other and round(v, count) == round(other, count) for v in values)


def number(value: float, places: int) -> str:
    """A value with `places` decimals and a true minus; never "-0"."""
    if abs(value) >= 1e12:  # noqa: PLR2004 - longer ones are unreadable
        return f"{value:.3g}".replace("-", MINUS)
    text = f"{value:.{places}f}"
    return (text if float(text) else text.removeprefix("-")).replace("-", MINUS)


def signed(value: float, places: int) -> str:
    text = number(value, places)
    return f"+{text}" if value > 0 and float(text.replace(MINUS, "-")) else text


def percent(share: float) -> str:
    """45 % from 0.451; the true minus; one decimal below 1 %."""
    places = 0 if abs(share) >= 0.01 or share == 0 else 1  # noqa: PLR2004 - one per cent
    return f"{number(share * 100, places)} %"


def interval(low: float, high: float, places: int, level: float = 0.95) -> str:
    """An interval with its level: "95 % [0.04, 0.12]"."""
    return f"{level * 100:.3g} % [{number(low, places)}, {number(high, places)}]"


def p_value(p: float) -> str:
    return f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"  # noqa: PLR2004 - the last shown digit


def seeds(count: int) -> str:
    return f"{count} seed{'' if count == 1 else 's'}"


def some_of(items: Sequence[str], most: int = 5) -> str:
    """Such as "s1, s2 and 3 more"."""
    if len(items) <= most:
        return ", ".join(items)
    return f"{', '.join(items[:most])} and {len(items) - most} more"
