"""Models to compare: small and general ones of each algorithm, which have seen some transitions."""

import copy
from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3 import DDPG, DQN, SAC, TD3
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.noise import NormalActionNoise
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize
from torch import nn

STOCK: Mapping[str, type[Any]] = {"dqn": DQN, "sac": SAC, "td3": TD3, "ddpg": DDPG}
# Where the class stands in the package.
PLACES = {
    "dqn": ("dqn", "DirectDQN"),
    "sac": ("sac", "DirectSAC"),
    "td3": ("td3", "DirectTD3"),
    "ddpg": ("td3", "DirectDDPG"),
}
_FAST = {"learning_starts": 40, "buffer_size": 90, "batch_size": 24, "learning_rate": 1e-3}
_TWO = spaces.Box(np.array([-2.0, 0.5], np.float32), np.array([2.0, 3.0], np.float32))
_TANH = {"net_arch": [24, 17], "activation_fn": nn.Tanh}


class Noise(gym.Env[Any, Any]):
    """Rewards and observations that are drawn; some episodes end, others are cut off."""

    def __init__(self, actions: spaces.Space[Any], observations: spaces.Box) -> None:
        self.action_space, self.observation_space = actions, observations
        self._steps = 0

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self._steps = 0
        return self._observed(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self._steps += 1
        ended = bool(self.np_random.random() < 0.1)
        return self._observed(), float(self.np_random.normal(0, 3)), ended, self._steps >= 12, {}

    def _observed(self) -> Any:
        space = self.observation_space
        return self.np_random.normal(size=space.shape).astype(space.dtype)


def _wide(*shape: int, kind: Any = np.float32) -> spaces.Box:
    return spaces.Box(-np.inf, np.inf, shape, kind)


CASES: dict[str, dict[str, Any]] = {
    "dqn": {"algo": "dqn", "actions": spaces.Discrete(3)},
    "dqn, tanh, clipped, soft target": {
        "algo": "dqn",
        "actions": spaces.Discrete(4),
        "observations": _wide(2, 3, kind=np.float64),
        "policy_kwargs": _TANH,
        "max_grad_norm": 0.05,
        "tau": 0.3,
        "target_update_interval": 7,
    },
    "dqn, several steps ahead": {"algo": "dqn", "actions": spaces.Discrete(2), "n_steps": 3},
    "dqn, normalised, four environments": {
        "algo": "dqn",
        "actions": spaces.Discrete(2),
        "normalize": True,
        "envs": 4,
    },
    "sac": {"algo": "sac"},
    "sac, tanh, 64 bits, four environments": {
        "algo": "sac",
        "observations": _wide(5, kind=np.float64),
        "policy_kwargs": _TANH,
        "envs": 4,
    },
    "sac, one critic, held entropy, rare targets": {
        "algo": "sac",
        "ent_coef": 0.2,
        "target_update_interval": 2,
        "policy_kwargs": {"net_arch": {"pi": [12], "qf": [20, 10]}, "n_critics": 1},
    },
    "sac, three critics": {"algo": "sac", "policy_kwargs": {"net_arch": [16], "n_critics": 3}, "tau": 0.2},
    "td3": {"algo": "td3", "tau": 0.1},
    "td3, tanh, seldom": {
        "algo": "td3",
        "policy_kwargs": _TANH,
        "policy_delay": 3,
        "target_policy_noise": 0.6,
        "action_noise": NormalActionNoise(np.zeros(2), 0.1 * np.ones(2)),
    },
    "ddpg": {"algo": "ddpg", "policy_kwargs": {"net_arch": [16, 16]}},
}


def make(kind: type[Any], case: str, *, seen: int = 120) -> Any:
    """A model of the case, of this class, which has acted and learned for some steps."""
    torch.set_num_threads(1)  # small products wait longer for a second thread than they take
    settings = {**_FAST, **copy.deepcopy(CASES[case])}  # SB3 writes into its policy_kwargs
    settings.pop("algo")
    actions, observations = settings.pop("actions", _TWO), settings.pop("observations", _wide(5))
    venv: Any = DummyVecEnv([lambda: Noise(actions, observations)] * settings.pop("envs", 1))
    if settings.pop("normalize", False):
        venv = VecNormalize(venv)
    torch.manual_seed(5)
    model = kind("MlpPolicy", venv, seed=5, device="cpu", **settings)
    model.set_logger(Logger(None, []))
    return model.learn(seen, log_interval=None)
