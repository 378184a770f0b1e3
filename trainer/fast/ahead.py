"""Compiles the fast path before a training waits for it."""

import functools
import itertools
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from stable_baselines3.common.vec_env import DummyVecEnv

from trainer.fast.ppo import FastPPO
from trainer.fast.trust import confirm

_ACTIONS: tuple[spaces.Space[Any], ...] = (spaces.Discrete(2), spaces.Box(-1.0, 1.0, (1,), np.float32))
_OBSERVED = (np.float32, np.float64)


class _Still(gym.Env[Any, Any]):
    """Has spaces, and is never stepped."""

    def __init__(self, observed: type[Any], actions: spaces.Space[Any]) -> None:
        self.observation_space, self.action_space = spaces.Box(-1.0, 1.0, (1,), observed), actions


def prepare_common() -> float:
    """Prepare a small model for each kind of numbers that environments commonly use; returns the seconds.

    Compiles what is not on disk, and has all of it in this process's memory then.

    :raises Unfit: where the code computes something else than stock SB3.
    """
    seconds = 0.0
    for observed, actions in itertools.product(_OBSERVED, _ACTIONS):
        venv = DummyVecEnv([functools.partial(_Still, observed, actions)])
        model = FastPPO("MlpPolicy", venv, n_steps=2, batch_size=2, device="cpu")
        model.prepare()
        confirm(model)
        seconds += model.prepared_s
    return seconds
