import pytest
from pydantic import JsonValue

from trainer.errors import BadSpec
from trainer.schedules import parse_schedule


def test_a_linear_schedule_goes_from_start_to_end() -> None:
    schedule = parse_schedule("learning_rate", {"schedule": "linear", "start": 0.2, "end": 0.1})
    assert [schedule(1.0), schedule(0.0)] == [0.2, 0.1]
    assert schedule(0.5) == pytest.approx(0.15)


def test_a_constant_schedule_stays() -> None:
    schedule = parse_schedule("clip_range", {"schedule": "constant", "start": 0.2})
    assert {schedule(1.0), schedule(0.3), schedule(0.0)} == {0.2}


def test_a_schedule_ends_at_zero_unless_it_says_where() -> None:
    schedule = parse_schedule("learning_rate", {"schedule": "linear", "start": 0.001})
    assert (schedule(1.0), schedule(0.0)) == (0.001, 0.0)


def test_a_schedule_may_be_over_before_the_training_is() -> None:
    value: dict[str, JsonValue] = {"schedule": "linear", "start": 1.0, "end": 0.5, "end_fraction": 0.5}
    schedule = parse_schedule("clip_range", value)
    assert [schedule(1.0), schedule(0.75), schedule(0.5), schedule(0.0)] == [1.0, 0.75, 0.5, 0.5]


@pytest.mark.parametrize(("kind", "middle"), [("cosine", 0.55), ("exponential", 0.1**0.5)])
def test_other_curves_join_the_same_ends(kind: str, middle: float) -> None:
    schedule = parse_schedule("delta_std", {"schedule": kind, "start": 1.0, "end": 0.1})
    assert schedule(1.0) == pytest.approx(1.0)
    assert schedule(0.0) == pytest.approx(0.1)
    assert schedule(0.5) == pytest.approx(middle)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("n_steps", {"schedule": "linear", "start": 1, "end": 2}, "n_steps cannot follow a schedule"),
        (
            "learning_rate",
            {"schedule": "square", "start": 1},
            "must be linear, constant, cosine or exponential",
        ),
        ("learning_rate", {"schedule": "linear", "start": 1, "end": "low"}, "end must be a number"),
        (
            "learning_rate",
            {"schedule": "linear", "start": 1, "end_fraction": 0},
            "end_fraction must be above",
        ),
        ("learning_rate", {"schedule": "exponential", "start": 1}, "needs start and end above 0"),
        ("learning_rate", {"schedule": "linear", "start": True, "end": 0}, "start must be a number"),
        ("learning_rate", {"schedule": "linear", "start": -1, "end": 0}, "at least 0"),
        ("learning_rate", {"schedule": "linear", "start": 1, "end": 0, "power": 2}, "power is not part"),
    ],
)
def test_what_is_no_schedule_is_refused_by_name(name: str, value: dict[str, object], words: str) -> None:
    with pytest.raises(BadSpec, match=words):
        parse_schedule(name, value)  # type: ignore[arg-type]  # wrong on purpose
