"""Watches a vector environment for numbers that are none, and for errors of the environment itself."""

import math
from typing import Any

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper
from stable_baselines3.common.vec_env.base_vec_env import VecEnvObs, VecEnvStepReturn

from trainer.errors import (
    EnvironmentFailed,
    EnvironmentNotFinite,
    NotFinite,
    TrainerError,
    is_disk_full,
    sentence,
)


class FiniteGuard(VecEnvWrapper):
    """Ends the run at the first action, observation or reward that is not a finite number.

    It stands below `VecNormalize`, whose clipping would hide an infinite observation. What the
    environment raises is told apart from errors of our own.
    """

    def __init__(self, venv: VecEnv, first_step: int = 0) -> None:
        super().__init__(venv)
        self._steps = first_step
        self._checks_actions = isinstance(venv.action_space, spaces.Box)

    def reset(self) -> VecEnvObs:
        try:
            observations = self.venv.reset()
        except Exception as error:
            raise self._failed("reset", error) from error
        self._check_observations(observations)
        return observations

    def step_async(self, actions: np.ndarray[Any, Any]) -> None:
        if self._checks_actions and not _finite(actions):
            raise NotFinite(f"The policy's action became {_word(actions)} at step {self._steps:,}.")
        self.venv.step_async(actions)

    def step_wait(self) -> VecEnvStepReturn:
        try:
            observations, rewards, dones, infos = self.venv.step_wait()
        except Exception as error:
            raise self._failed("step", error) from error
        self._steps += self.num_envs
        if _at_once_finite(observations, rewards):
            return observations, rewards, dones, infos
        self._check_observations(observations)
        if not _finite(rewards):
            raise EnvironmentNotFinite(
                f"The environment's reward became {_word(rewards)} at step {self._steps:,}."
            )
        return observations, rewards, dones, infos

    def _failed(self, verb: str, error: Exception) -> Exception:
        """What to raise where the environment raised: a full disk and memory are not its fault."""
        if isinstance(error, (TrainerError, MemoryError)) or is_disk_full(error):
            return error
        return EnvironmentFailed(
            f"The environment's {verb} raised an error at step {self._steps:,}: {sentence(error)}"
        )

    def _check_observations(self, observations: VecEnvObs) -> None:
        parts = observations.values() if isinstance(observations, dict) else (observations,)
        for part in parts:
            values = np.asarray(part)
            if values.dtype.kind == "f" and not _finite(values):
                raise EnvironmentNotFinite(
                    f"The environment's observation became {_word(values)} at step {self._steps:,}."
                )


def _at_once_finite(observations: VecEnvObs, rewards: np.ndarray[Any, Any]) -> bool:
    """True where one look at both says so, which it nearly always does."""
    if type(observations) is not np.ndarray or observations.dtype.kind != "f":
        return False
    return math.isfinite(float(np.vdot(observations, observations)) + float(np.vdot(rewards, rewards)))


def _finite(values: np.ndarray[Any, Any]) -> bool:
    """Whether all are numbers. A finite sum of squares says so at once; it may overflow, so look again."""
    return math.isfinite(np.vdot(values, values)) or bool(np.isfinite(values).all())


def _word(values: np.ndarray[Any, Any]) -> str:
    return "NaN" if np.isnan(values).any() else "infinite"
