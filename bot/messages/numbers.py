"""Numbers, durations and times as people read them on a phone. Pure."""

import json
from datetime import datetime

from pydantic import JsonValue

_MINUTE_S = 60
_HOUR_S = 3_600
_DAY_S = 86_400
_THOUSAND = 1_000
_MILLION = 1_000_000


def metric(value: float) -> str:
    """About three digits that matter: 0.11, 12.3, 489, -1,204."""
    size = abs(value)
    if size >= 100:  # noqa: PLR2004 - from three digits on, decimals are noise
        return minus(f"{value:,.0f}")
    if size >= 10:  # noqa: PLR2004 - two digits before the point, one behind it
        return minus(f"{value:,.1f}")
    return minus(f"{value:.2f}")


def short_value(value: JsonValue) -> str:
    """A config value for a title line: 3e-4, 0.99, [64, 64], linear 0.001 → 0, 100k."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value if isinstance(value, str) else json.dumps(value)
    if isinstance(value, int):
        return steps(value)
    if isinstance(value, float):
        return _short_float(value)
    if isinstance(value, dict) and "schedule" in value:
        ends = [short_value(value[end]) for end in ("start", "end") if end in value]
        return f"{value['schedule']} {' → '.join(ends)}"
    return json.dumps(value, ensure_ascii=False)


def steps(count: int) -> str:
    """100000 -> 100k, 1500000 -> 1.5M, 2048 -> 2,048."""
    if (count and count % _MILLION == 0) or (abs(count) >= _MILLION and count % (_MILLION // 10) == 0):
        return f"{count / _MILLION:g}M"
    if abs(count) >= 10 * _THOUSAND and count % _THOUSAND == 0:
        return f"{count // _THOUSAND}k"
    return f"{count:,}"


def duration(seconds: float) -> str:
    """45 s, 9 min, 1 h 5 min, 24 h, 2 d 3 h."""
    if seconds < _MINUTE_S:
        return f"{max(1, round(seconds))} s"
    if seconds < _HOUR_S:
        return f"{round(seconds / _MINUTE_S)} min"
    if seconds <= 2 * _DAY_S:
        return _pair(round(seconds / _MINUTE_S), 60, "h", "min")
    return _pair(round(seconds / _HOUR_S), 24, "d", "h")


def hours(seconds: float) -> str:
    """The number of hours, for "0.8 CPU-h"; two decimals below 6 min."""
    value = seconds / _HOUR_S
    return f"{value:.1f}" if value >= 0.1 else f"{value:.2f}"  # noqa: PLR2004 - 0.1 h are 6 min


def percent(share: float) -> str:
    """0.614 -> "61 %"."""
    return minus(f"{share * 100:.0f} %")


def bar(share: float, cells: int = 10) -> str:
    """A progress bar; never full before the end, never empty after the start."""
    full = min(cells, int(share * cells))
    return "▓" * full + "░" * (cells - full)


def when(moment: datetime) -> str:
    """A time of day in the reader's own time zone (mrkdwn), UTC where Slack cannot say it."""
    return f"<!date^{int(moment.timestamp())}^{{time}}|{moment:%H:%M} UTC>"


def day(moment: datetime) -> str:
    """A date and time in the reader's own time zone (mrkdwn)."""
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}}, {{time}}|{moment:%Y-%m-%d %H:%M} UTC>"


def counted(count: int, thing: str) -> str:
    """1 seed, 5 seeds."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def minus(text: str) -> str:
    """The typographic minus sign in front of a negative number."""
    return "\N{MINUS SIGN}" + text[1:] if text.startswith("-") else text


def _short_float(value: float) -> str:
    if value != 0 and abs(value) < 0.001:  # noqa: PLR2004 - 3e-4 reads better than 0.0003 on a phone
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    return f"{value:g}"


def _pair(total: int, base: int, large: str, small: str) -> str:
    first, second = divmod(total, base)
    return f"{first} {large} {second} {small}" if second else f"{first} {large}"
