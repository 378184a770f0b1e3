"""Environments stepped side by side with as little work between them as their contract allows."""

from collections.abc import Callable, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import OrderEnforcing, PassiveEnvChecker
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvStepReturn

Env = gym.Env[Any, Any]

# Wrappers that only tell programmers of their mistakes; a vector environment makes none of these.
_GUARDS = (OrderEnforcing, PassiveEnvChecker)


def vector_env(makers: Sequence[Callable[[], Env]]) -> VecEnv:
    """The environments side by side: lean where observations are arrays, else SB3's own."""
    envs = [make() for make in makers]
    kind = LeanVecEnv if isinstance(envs[0].observation_space, spaces.Box) else DummyVecEnv
    return kind([lambda env=env: env for env in envs])  # type: ignore[misc]  # bound now, not when called


class LeanVecEnv(DummyVecEnv):
    """As `DummyVecEnv`, without its deep copies: observations are new arrays, infos new dicts, each step."""

    def __init__(self, makers: Sequence[Callable[[], Env]]) -> None:
        super().__init__([lambda make=make: without_guards(make()) for make in makers])  # type: ignore[misc]  # as above

    def step_wait(self) -> VecEnvStepReturn:
        count = self.num_envs
        observations = np.empty_like(self.buf_obs[None])  # type: ignore[index]  # its key where observations are arrays
        rewards, dones = np.empty(count, np.float32), np.empty(count, bool)
        infos: list[dict[str, Any]] = []
        for i, (env, action) in enumerate(zip(self.envs, self.actions, strict=True)):
            observation, rewards[i], terminated, truncated, info = env.step(action)
            info = dict(info)
            dones[i] = done = bool(terminated or truncated)
            info["TimeLimit.truncated"] = truncated and not terminated
            if done:
                info["terminal_observation"] = observation
                observation, self.reset_infos[i] = env.reset()
            observations[i] = observation
            infos.append(info)
        return observations, rewards, dones, infos


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
