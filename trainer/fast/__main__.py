"""`python -m trainer.fast`: compile the fast path ahead of time, for an image or a new machine.

The machine code goes to `NUMBA_CACHE_DIR` where that is set, else to the user's cache.
"""

import functools
import itertools
import sys
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from stable_baselines3.common.vec_env import DummyVecEnv

from trainer.fast.compiled import cache_folder
from trainer.fast.ppo import FastPPO

_ACTIONS: tuple[spaces.Space[Any], ...] = (spaces.Discrete(2), spaces.Box(-1.0, 1.0, (1,), np.float32))
_OBSERVED = (np.float32, np.float64)


class _Still(gym.Env[Any, Any]):
    """Has spaces, and is never stepped."""

    def __init__(self, observed: type[Any], actions: spaces.Space[Any]) -> None:
        self.observation_space, self.action_space = spaces.Box(-1.0, 1.0, (1,), observed), actions


def main() -> int:
    """Prepare a small model for each kind of numbers that environments commonly use."""
    seconds = 0.0
    for observed, actions in itertools.product(_OBSERVED, _ACTIONS):
        venv = DummyVecEnv([functools.partial(_Still, observed, actions)])
        model = FastPPO("MlpPolicy", venv, n_steps=2, batch_size=2, device="cpu")
        model.prepare()
        seconds += model.prepared_s
    sys.stdout.write(f"The fast path is ready in {cache_folder()} ({seconds:.1f} s).\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
