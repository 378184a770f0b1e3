from typing import Any

import pytest

from trainer import fingerprint
from trainer.config import EnvConfig


def _measure(env_id: str = "CartPole-v1", **changes: Any) -> dict[str, object]:
    return dict(fingerprint.measure(EnvConfig.model_validate({"id": env_id, **changes})))


def test_the_same_environment_has_the_same_fingerprint() -> None:
    assert _measure() == _measure()


def test_a_fingerprint_says_what_it_was_measured_in() -> None:
    measured = _measure("Pendulum-v1", kwargs={"g": 9.0})
    assert measured["env_id"] == "Pendulum-v1"
    assert measured["kwargs"] == {"g": 9.0}
    assert measured["action_space"] == "Box(-2.0, 2.0, (1,), float32)"
    assert measured["max_episode_steps"] == 200
    assert "gymnasium" in measured["packages"]  # type: ignore[operator]  # an object by name


@pytest.mark.parametrize(
    "changes",
    [
        {"kwargs": {"sutton_barto_reward": True}},
        {"wrappers": [{"name": "time_limit", "kwargs": {"max_episode_steps": 20}}]},
    ],
)
def test_another_reward_or_wrapper_has_another_hash(changes: dict[str, Any]) -> None:
    assert _measure(**changes)["hash"] != _measure()["hash"]
    assert _measure(**changes)["behaviour"] != _measure()["behaviour"]


def test_versions_name_what_decides_the_numbers() -> None:
    names = {"python", "numpy", "torch", "stable_baselines3", "gymnasium", "machine"}
    assert set(fingerprint.versions()) == names
