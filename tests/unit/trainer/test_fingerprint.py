from typing import Any

import gymnasium as gym
import pytest
from gymnasium.envs.classic_control import CartPoleEnv

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


class Cheaper(gym.Wrapper[Any, Any, Any, Any]):
    """An environment whose rewards changed, and nothing else."""

    def step(self, action: Any) -> Any:
        observation, reward, *rest = self.env.step(action)
        return (observation, float(reward) * 0.9, *rest)


def test_a_changed_reward_is_told_apart_from_changed_physics() -> None:
    for name, wrap in (("Plain", lambda env: env), ("Cheaper", Cheaper)):
        if f"SignoffTest/{name}Pole-v0" not in gym.registry:
            gym.register(
                f"SignoffTest/{name}Pole-v0",
                entry_point=lambda wrap=wrap, **kwargs: wrap(CartPoleEnv(**kwargs)),
                max_episode_steps=500,
            )
    plain, cheaper = (_measure(f"SignoffTest/{name}Pole-v0") for name in ("Plain", "Cheaper"))
    assert plain["rewards"] != cheaper["rewards"]
    assert plain["behaviour"] != cheaper["behaviour"]
    assert plain["observations"] == cheaper["observations"]


def test_the_code_of_an_environment_is_part_of_it() -> None:
    assert _measure()["source"] != _measure("Pendulum-v1")["source"]
    assert _measure(kwargs={"sutton_barto_reward": True})["source"] == _measure()["source"]


def test_drawn_parameters_are_named() -> None:
    drawn = _measure(randomize={"length": {"low": 0.4, "high": 0.6}})
    assert drawn["randomize"] == {"length": {"low": 0.4, "high": 0.6, "log": False}}
    assert drawn["behaviour"] != _measure()["behaviour"]
    assert "randomize" not in _measure()


@pytest.mark.parametrize(
    ("package", "env"),
    [
        ("minigrid", {"id": "MiniGrid-DoorKey-5x5-v0", "wrappers": [{"name": "minigrid_flat"}]}),
        ("ale_py", {"id": "PongNoFrameskip-v4"}),
        ("highway_env", {"id": "parking-v0"}),
    ],
)
def test_pictures_words_and_goals_have_fingerprints_too(package: str, env: dict[str, Any]) -> None:
    pytest.importorskip(package)
    first, again = (fingerprint.measure(EnvConfig.model_validate(env)) for _ in range(2))
    assert first == again
    assert "0x" not in str(first["observation_space"])


def test_versions_name_what_decides_the_numbers() -> None:
    names = {"python", "numpy", "torch", "stable_baselines3", "sb3_contrib", "gymnasium", "machine"}
    assert set(fingerprint.versions()) == names
