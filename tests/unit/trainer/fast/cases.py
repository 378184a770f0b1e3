"""Ten kinds of spaces and settings, on an environment of random numbers."""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv, VecNormalize
from torch import nn

from trainer.schedules import Schedule


class Noise(gym.Env[Any, Any]):
    """Random observations; rewards depend on both. Ends at random, and is cut after `limit` steps."""

    def __init__(self, actions: spaces.Space[Any], observations: spaces.Box, limit: int = 11) -> None:
        self.action_space, self.observation_space, self._limit = actions, observations, limit

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, Any]:
        super().reset(seed=seed)
        self._steps = 0
        return self._look(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self._steps += 1
        observation = self._look()
        reward = float(np.sum(observation)) + 0.3 * float(np.sum(action))
        return observation, reward, self.np_random.random() < 0.05, self._steps >= self._limit, {}

    def _look(self) -> Any:
        space = self.observation_space
        return self.np_random.normal(size=space.shape).astype(space.dtype)


def box(*shape: int, dtype: Any = np.float32) -> spaces.Box:
    return spaces.Box(-10.0, 10.0, shape, dtype)


def small_box(*shape: int) -> spaces.Box:
    return spaces.Box(-1.0, 1.0, shape, np.float32)


CASES: dict[str, dict[str, Any]] = {
    "two choices": {"actions": spaces.Discrete(2), "observations": box(4), "ent_coef": 0.01},
    "many choices, relu": {
        "actions": spaces.Discrete(18),
        "observations": box(9),
        "ent_coef": 0.02,
        "policy_kwargs": {"net_arch": [32], "activation_fn": nn.ReLU},
    },
    "several choices at once": {
        "actions": spaces.MultiDiscrete([3, 2, 4]),
        "observations": box(5),
        "ent_coef": 0.05,
        "policy_kwargs": {"net_arch": [24, 40, 8]},
    },
    "one number": {"actions": small_box(1), "observations": box(3), "ent_coef": 0.01},
    "six numbers, observations of 64 bits": {
        "actions": small_box(6),
        "observations": box(17, dtype=np.float64),
    },
    "shaped spaces, unequal networks": {
        "actions": small_box(2, 3),
        "observations": box(3, 4),
        "policy_kwargs": {"net_arch": {"pi": [10, 100], "vf": [33, 17, 5]}},
        "ent_coef": 0.001,
    },
    "clipped values, plain advantages": {
        "actions": spaces.Discrete(3),
        "observations": box(4),
        "clip_range_vf": 0.1,
        "normalize_advantage": False,
    },
    "a KL target": {"actions": small_box(2), "observations": box(4), "target_kl": 0.0147, "n_epochs": 5},
    "an incomplete minibatch, one epoch": {
        "actions": spaces.Discrete(4),
        "observations": box(6),
        "batch_size": 50,
        "n_epochs": 1,
        "max_grad_norm": 0.1,
    },
    "no hidden layers": {
        "actions": small_box(3),
        "observations": box(7),
        "policy_kwargs": {"net_arch": []},
        "max_grad_norm": 100.0,
    },
    "wide, normalised": {
        "actions": small_box(6),
        "observations": box(17, dtype=np.float64),
        "policy_kwargs": {
            "net_arch": [256, 256],
            "activation_fn": nn.ReLU,
            "log_std_init": -2.0,
            "ortho_init": False,
        },
        "normalize": True,
        "learning_rate": Schedule("linear", 1e-4, 0.0),
        "clip_range": Schedule("linear", 0.1, 0.0),
        "vf_coef": 0.58,
        "gae_lambda": 0.92,
        "gamma": 0.98,
    },
}


def make(kind: type, name: str, *, n_envs: int = 4, seed: int = 3) -> Any:
    """A model of one of the cases."""
    case = dict(CASES[name])
    actions, observations = case.pop("actions"), case.pop("observations")
    normalize = case.pop("normalize", False)
    venv: VecEnv = DummyVecEnv([lambda: Monitor(Noise(actions, observations))] * n_envs)
    if normalize:
        venv = VecNormalize(venv)
    arguments = {"n_steps": 32, "batch_size": 32, "n_epochs": 2, "learning_rate": 1e-4, **case}
    return kind("MlpPolicy", venv, seed=seed, device="cpu", **arguments)
