from datetime import UTC, datetime

import pytest

from bot.messages import numbers


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.1049, "0.10"),
        (-0.5, "\N{MINUS SIGN}0.50"),
        (12.34, "12.3"),
        (488.7, "489"),
        (-1203.5, "\N{MINUS SIGN}1,204"),
    ],
)
def test_metrics_show_about_three_digits(value: float, shown: str) -> None:
    assert numbers.metric(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0003, "3e-4"),
        (0.00015, "1.5e-4"),
        (0.99, "0.99"),
        (0.0, "0"),
        (100_000, "100k"),
        (1_500_000, "1.5M"),
        (2048, "2,048"),
        (True, "true"),
        ("MlpPolicy", "MlpPolicy"),
        ([64, 64], "[64, 64]"),
        ({"schedule": "linear", "start": 0.001, "end": 0.0}, "linear 0.001 → 0"),
    ],
)
def test_config_values_are_short(value: object, shown: str) -> None:
    assert numbers.short_value(value) == shown  # type: ignore[arg-type]  # values of the table above


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.2, "1 s"),
        (45, "45 s"),
        (540, "9 min"),
        (3900, "1 h 5 min"),
        (86_400, "24 h"),
        (270_000, "3 d 3 h"),
    ],
)
def test_durations(seconds: float, shown: str) -> None:
    assert numbers.duration(seconds) == shown


def test_hours_keep_small_costs_visible() -> None:
    assert numbers.hours(2_880) == "0.8"
    assert numbers.hours(60) == "0.02"


def test_the_bar_is_full_only_at_the_end() -> None:
    assert numbers.bar(0.61) == "▓▓▓▓▓▓░░░░"
    assert numbers.bar(0.99).count("▓") == 9
    assert numbers.bar(1.0) == "▓" * 10


def test_times_are_in_the_readers_zone() -> None:
    moment = datetime(2026, 11, 20, 14, 31, tzinfo=UTC)
    assert numbers.when(moment) == "<!date^1795185060^{time}|14:31 UTC>"
