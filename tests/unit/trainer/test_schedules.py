import pytest

from trainer.errors import BadSpec
from trainer.schedules import parse_schedule


def test_a_linear_schedule_goes_from_start_to_end() -> None:
    schedule = parse_schedule("learning_rate", {"schedule": "linear", "start": 0.2, "end": 0.1})
    assert [schedule(1.0), schedule(0.0)] == [0.2, 0.1]
    assert schedule(0.5) == pytest.approx(0.15)


def test_a_constant_schedule_stays() -> None:
    schedule = parse_schedule("clip_range", {"schedule": "constant", "start": 0.2})
    assert {schedule(1.0), schedule(0.3), schedule(0.0)} == {0.2}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("n_steps", {"schedule": "linear", "start": 1, "end": 2}, "n_steps cannot follow a schedule"),
        ("learning_rate", {"schedule": "cosine", "start": 1, "end": 2}, "must be linear or constant"),
        ("learning_rate", {"schedule": "linear", "start": 1}, "end must be a number"),
        ("learning_rate", {"schedule": "linear", "start": True, "end": 0}, "start must be a number"),
        ("learning_rate", {"schedule": "linear", "start": -1, "end": 0}, "at least 0"),
        ("learning_rate", {"schedule": "linear", "start": 1, "end": 0, "power": 2}, "power is not part"),
    ],
)
def test_what_is_no_schedule_is_refused_by_name(name: str, value: dict[str, object], words: str) -> None:
    with pytest.raises(BadSpec, match=words):
        parse_schedule(name, value)  # type: ignore[arg-type]  # wrong on purpose
