import copy
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.wrappers import ClipAction, OrderEnforcing, PassiveEnvChecker, TimeLimit
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv

from tests.unit.trainer.environments import Labelled
from tests.unit.trainer.fast.cases import Noise, box
from trainer.fast.vector import LeanVecEnv, vector_env, without_guards


class _Telling(Noise):
    """Rewards of 32 bits, and a value in each info."""

    def __init__(self) -> None:
        super().__init__(spaces.Discrete(2), box(3))

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        observation, reward, ended, cut, _ = super().step(action)
        return observation, np.float32(reward), ended, cut, {"power": 2.0}


MAKERS: dict[str, Callable[[], gym.Env[Any, Any]]] = {
    "CartPole-v1": lambda: Monitor(gym.make("CartPole-v1")),
    "Pendulum-v1, clipped": lambda: Monitor(ClipAction(gym.make("Pendulum-v1"))),
    "cut early": lambda: Monitor(TimeLimit(gym.make("CartPole-v1"), 7)),
    "values of infos named": lambda: Monitor(_Telling(), info_keywords=("power",)),
    "unmonitored": lambda: gym.make("CartPole-v1"),
    "shaped": lambda: Monitor(Noise(spaces.MultiDiscrete([3, 2]), box(3, 4))),
}


def _played(venv: VecEnv, steps: int = 300) -> list[Any]:
    """What some steps of random actions answer; times of episodes left out."""
    venv.seed(5)
    venv.action_space.seed(5)
    answers: list[Any] = [venv.reset()]
    for _ in range(steps):
        observations, rewards, dones, infos = venv.step(
            np.array([venv.action_space.sample() for _ in range(venv.num_envs)])
        )
        for info in infos:
            if "episode" in info:
                info["episode"].pop("t")
        answers.append((observations, rewards, dones, infos))
    return answers


@pytest.mark.parametrize("name", MAKERS)
def test_it_answers_what_sb3s_own_answers(name: str) -> None:
    lean, stock = vector_env([MAKERS[name]] * 3), DummyVecEnv([MAKERS[name]] * 3)
    assert isinstance(lean, LeanVecEnv)
    np.testing.assert_equal(_played(lean), _played(stock))


def test_named_observations_are_left_to_sb3() -> None:
    assert type(vector_env([Labelled] * 2)) is DummyVecEnv


def test_answers_of_one_step_outlive_the_next() -> None:
    venv = vector_env([MAKERS["cut early"]] * 2)
    venv.reset()
    steps = [venv.step(np.zeros(2, np.int64)) for _ in range(2)]
    before = copy.deepcopy(steps)
    for _ in range(20):
        venv.step(np.zeros(2, np.int64))
    np.testing.assert_equal(steps, before)


def test_a_reset_in_the_middle_begins_new_episodes() -> None:
    venv = vector_env([MAKERS["cut early"]])
    venv.reset()
    venv.step(np.zeros(1, np.int64))
    venv.reset()
    infos = [venv.step(np.zeros(1, np.int64))[3][0] for _ in range(7)]
    said = [(info["episode"]["r"], info["episode"]["l"]) for info in infos if "episode" in info]
    assert said == [(7.0, 7)]


def test_only_the_guards_are_taken_away() -> None:
    env = Monitor(ClipAction(TimeLimit(OrderEnforcing(PassiveEnvChecker(gym.make("Pendulum-v1"))), 9)))
    bare = without_guards(env)
    names = []
    while isinstance(bare, gym.Wrapper):
        names.append(type(bare).__name__)
        bare = bare.env
    assert names == ["Monitor", "ClipAction", "TimeLimit", "TimeLimit"]
