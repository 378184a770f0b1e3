"""Shaping terms that a config adds to the training reward."""

from typing import Any

import gymnasium as gym
import numpy as np

from trainer.actions import Actions, ActionScale
from trainer.config import RewardConfig


class ShapedReward(gym.Wrapper[Any, Any, Any, Any]):
    """Takes the penalties of `RewardConfig` from the reward of each step.

    It stands outside `Monitor`, so that logged returns stay the environment's own.
    """

    def __init__(self, env: gym.Env[Any, Any], reward: RewardConfig) -> None:
        super().__init__(env)
        self._reward = reward
        self._scale = ActionScale.of(env.action_space)
        self._before: Actions | None = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, Any]:
        self._before = None
        return self.env.reset(seed=seed, options=options)

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        batch = np.array(action)[None]
        shaped = float(reward) - self._penalty(batch)
        self._before = batch
        return observation, shaped, terminated, truncated, info

    def _penalty(self, batch: Actions) -> float:
        penalty = 0.0
        if self._before is not None and self._reward.action_change_penalty:
            penalty += self._reward.action_change_penalty * float(self._scale.change(self._before, batch)[0])
        if self._reward.action_magnitude_penalty:
            penalty += self._reward.action_magnitude_penalty * float(self._scale.magnitude(batch)[0])
        return penalty
