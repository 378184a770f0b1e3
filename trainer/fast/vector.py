"""Environments stepped side by side with as little work between them as their contract allows."""

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeGuard

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import OrderEnforcing, PassiveEnvChecker
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvObs, VecEnvStepReturn

Env = gym.Env[Any, Any]

# Wrappers that only tell programmers of their mistakes; a vector environment makes none of these.
_GUARDS = (OrderEnforcing, PassiveEnvChecker)


def vector_env(makers: Sequence[Callable[[], Env]]) -> VecEnv:
    """The environments side by side: lean where observations are arrays, else SB3's own."""
    envs = [make() for make in makers]
    kind = LeanVecEnv if isinstance(envs[0].observation_space, spaces.Box) else DummyVecEnv
    return kind([lambda env=env: env for env in envs])  # type: ignore[misc]  # bound now, not when called


class LeanVecEnv(DummyVecEnv):
    """As `DummyVecEnv`, without its deep copies: observations are new arrays, infos new dicts, each step.

    Where the outermost wrapper is a plain `Monitor`, its work is done here, at a quarter of the cost.
    """

    def __init__(self, makers: Sequence[Callable[[], Env]]) -> None:
        super().__init__([lambda make=make: without_guards(make()) for make in makers])  # type: ignore[misc]  # as above
        self._monitors = [env if _only_counts(env) else None for env in self.envs]
        self._stepped = [env.env if _only_counts(env) else env for env in self.envs]
        self._returns = [0.0] * self.num_envs
        # The number of the newest step, and of the last step before each environment's episode.
        self._step = 0
        self._began = [0] * self.num_envs

    def reset(self) -> VecEnvObs:
        self._returns = [0.0] * self.num_envs
        self._began = [self._step] * self.num_envs
        return super().reset()

    def step_wait(self) -> VecEnvStepReturn:
        count, returns = self.num_envs, self._returns
        self._step += 1
        observations = np.empty_like(self.buf_obs[None])  # type: ignore[index]  # its key where observations are arrays
        rewards, dones = np.empty(count, np.float32), np.empty(count, bool)
        infos: list[dict[str, Any]] = []
        for i, (env, action) in enumerate(zip(self._stepped, self.actions, strict=True)):
            observation, reward, terminated, truncated, info = env.step(action)
            info = dict(info)
            rewards[i] = reward
            returns[i] += float(reward)
            dones[i] = done = bool(terminated or truncated)
            info["TimeLimit.truncated"] = truncated and not terminated
            if done:
                self._end(i, info)
                info["terminal_observation"] = observation
                observation, self.reset_infos[i] = env.reset()
            observations[i] = observation
            infos.append(info)
        return observations, rewards, dones, infos

    def _end(self, index: int, info: dict[str, Any]) -> None:
        """Say of an episode what `Monitor` says, and begin the next."""
        if (monitor := self._monitors[index]) is not None:
            length, lasted = self._step - self._began[index], time.time() - monitor.t_start
            info["episode"] = {"r": round(self._returns[index], 6), "l": length, "t": round(lasted, 6)}
        self._returns[index], self._began[index] = 0.0, self._step


def _only_counts(env: Env) -> TypeGuard[Monitor[Any, Any]]:
    """Whether it is a `Monitor` that writes no file, names no further values and lets everybody reset."""
    return (
        type(env) is Monitor
        and env.results_writer is None
        and env.allow_early_resets
        and not env.info_keywords
        and not env.reset_keywords
    )


def without_guards(env: Env) -> Env:
    """The same environment without `OrderEnforcing` and `PassiveEnvChecker`; all other wrappers stay."""
    while type(env) in _GUARDS:
        env = env.env  # type: ignore[attr-defined]  # a wrapper's
    outer = env
    while isinstance(outer, gym.Wrapper):
        while type(outer.env) in _GUARDS:
            outer.env = outer.env.env  # type: ignore[attr-defined]  # likewise
        outer = outer.env
    return env
