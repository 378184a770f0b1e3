"""Wrappers that gymnasium does not have: each takes data alone and changes nothing else."""

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.preprocessing import is_image_space, is_image_space_channels_first

Env = gym.Env[Any, Any]
Step = tuple[Any, float, bool, bool, dict[str, Any]]


class FrameStack(gym.Wrapper[Any, Any, Any, Any]):
    """The newest `n_stack` observations side by side, as SB3's `VecFrameStack` for one environment.

    They lie along the last axis, for pictures along that of the channels. Before the first step of an
    episode the older ones are zero.
    """

    def __init__(self, env: Env, n_stack: int) -> None:
        super().__init__(env)
        space = env.observation_space
        if not isinstance(space, spaces.Box) or not space.shape:
            raise TypeError(f"frame_stack needs observations in one array (Box); there is {space}")
        channels_first = is_image_space(space) and is_image_space_channels_first(space)
        self._axis = 0 if channels_first else len(space.shape) - 1
        self._n_stack = n_stack
        low, high = (np.repeat(bound, n_stack, axis=self._axis) for bound in (space.low, space.high))
        self.observation_space = spaces.Box(low, high, dtype=space.dtype.type)
        self._stack: list[NDArray[Any]] = []

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, Any]:
        observation, info = self.env.reset(seed=seed, options=options)
        self._stack = [np.zeros_like(observation)] * (self._n_stack - 1) + [observation]
        return np.concatenate(self._stack, axis=self._axis), info

    def step(self, action: Any) -> Step:
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._stack = [*self._stack[1:], observation]
        return (
            np.concatenate(self._stack, axis=self._axis),
            float(reward),
            terminated,
            truncated,
            info,
        )


class MaskObservation(gym.ObservationWrapper[Any, Any, Any]):
    """Sets chosen entries of the observation to zero, so that a policy must remember: velocities, say."""

    def __init__(self, env: Env, indices: Sequence[int]) -> None:
        super().__init__(env)
        space = env.observation_space
        if not isinstance(space, spaces.Box) or len(space.shape) != 1:
            raise TypeError(f"mask_observation needs observations in a vector; there is {space}")
        outside = [index for index in indices if not 0 <= index < space.shape[0]]
        if outside:
            last = space.shape[0] - 1
            raise ValueError(f"the observation has entries 0 to {last}; there is no {outside[0]}")
        self._kept = np.ones(space.shape, dtype=space.dtype)
        self._kept[list(indices)] = 0

    def observation(self, observation: Any) -> Any:
        return observation * self._kept


class TruncationAsTermination(gym.Wrapper[Any, Any, Any, Any]):
    """Ends an episode for good where its time is over: the value after it counts as zero."""

    def step(self, action: Any) -> Step:
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, float(reward), terminated or truncated, False, info


class ActionMaskFromInfo(gym.Wrapper[Any, Any, Any, Any]):
    """Tells MaskablePPO what is allowed where the environment says it in `info`, as Taxi does."""

    def __init__(self, env: Env, key: str = "action_mask") -> None:
        super().__init__(env)
        self._key = key
        self._mask: NDArray[np.bool_] | None = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, Any]:
        observation, info = self.env.reset(seed=seed, options=options)
        self._note(info)
        return observation, info

    def step(self, action: Any) -> Step:
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._note(info)
        return observation, float(reward), terminated, truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        if self._mask is None:
            raise RuntimeError("reset the environment before asking what it allows")
        return self._mask

    def _note(self, info: dict[str, Any]) -> None:
        if self._key not in info:
            raise ValueError(f"the environment's info has no {self._key}; it has {', '.join(sorted(info))}")
        self._mask = np.asarray(info[self._key], dtype=np.bool_)
