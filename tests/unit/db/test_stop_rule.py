import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import ExpectationError
from db.expectation import Bound, MetricInfo
from db.stop_rule import StopRule, parse_stop_rule
from trainer.contract import Phase, Progress

METRICS = {
    "final_reward": MetricInfo("final_reward", "higher", "return", 0, 500),
    "oscillation": MetricInfo("oscillation", "lower", "share of steps", 0, 1),
}


def progress(timesteps: int, *, evaluated_at: int | None = None, **metrics: float) -> Progress:
    return Progress(
        phase=Phase.TRAINING,
        timesteps=timesteps,
        total_timesteps=10**6,
        metrics=metrics,
        evaluated_at=evaluated_at,
        updated_at=0,
    )


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("final reward < 50 after 50k steps", StopRule("final_reward", Bound.BELOW, 50, 50_000)),
        ("Reward below 50 after 50_000", StopRule("final_reward", Bound.BELOW, 50, 50_000)),
        ("< 50 after 5e4 steps", StopRule("final_reward", Bound.BELOW, 50, 50_000)),
        (
            "stop early if oscillation ≥ 0.4 after 1.5k steps",
            StopRule("oscillation", Bound.AT_LEAST, 0.4, 1500),
        ),
    ],
)
def test_a_rule_is_read_as_people_type_it(text: str, rule: StopRule) -> None:
    assert parse_stop_rule(text, METRICS) == rule


def test_an_empty_text_is_no_rule() -> None:
    assert parse_stop_rule("  ", METRICS) is None


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("it looks bad", "write for example"),
        ("final reward < 50", "write for example"),
        ("wobble > 3 after 5k steps", "unknown metric"),
        ("final reward < 0 after 5k steps", "can never be met"),
        ("final reward < 0,5 after 5k steps", "has a comma"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_a_remedy(text: str, remedy: str) -> None:
    with pytest.raises(ExpectationError, match=remedy):
        parse_stop_rule(text, METRICS)


def test_a_rule_waits_for_its_steps_and_for_a_measurement() -> None:
    rule = StopRule("final_reward", Bound.BELOW, 50, 1000)
    assert not rule.applies(progress(999, evaluated_at=999, final_reward=9))
    assert not rule.applies(progress(1000))
    assert not rule.applies(progress(1000, evaluated_at=1000, final_reward=50))
    assert rule.applies(progress(1000, evaluated_at=1000, final_reward=49.9))


def test_a_measurement_from_before_its_steps_ends_no_seed() -> None:
    rule = StopRule("final_reward", Bound.BELOW, 50, 1000)
    assert not rule.applies(progress(1500, evaluated_at=900, final_reward=9))
    assert not rule.applies(progress(1500, final_reward=9))


@given(st.text(max_size=200))
def test_no_text_does_anything_but_read_or_refuse(text: str) -> None:
    with contextlib.suppress(ExpectationError):
        rule = parse_stop_rule(text, METRICS)
        assert rule is None or rule.after_steps >= 0
