"""Environments: made from a config by allow-listed names, stepped side by side, watched for NaN."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv, VecEnvWrapper, VecNormalize
from stable_baselines3.common.vec_env.base_vec_env import VecEnvObs, VecEnvStepReturn

from trainer.config import EnvConfig, NormalizeConfig, TrainConfig
from trainer.errors import (
    BadSpec,
    EnvironmentFailed,
    EnvironmentNotFinite,
    MissingPackage,
    NotFinite,
    SpaceMismatch,
    TrainerError,
    is_disk_full,
    sentence,
)
from trainer.rewards import ShapedReward

Env = gym.Env[Any, Any]

# The wrappers that a config may name. None of them executes code from the config.
WRAPPERS: Mapping[str, Callable[..., Env]] = {
    "clip_action": gym.wrappers.ClipAction,
    "frame_stack_observation": gym.wrappers.FrameStackObservation,
    "rescale_action": gym.wrappers.RescaleAction,
    "time_limit": gym.wrappers.TimeLimit,
}


def make_env(config: EnvConfig) -> Env:
    """One environment with its wrappers, innermost first.

    :raises BadSpec: where gymnasium does not know the id, or refuses the arguments.
    :raises MissingPackage: where what it is made of is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            env: Env = gym.make(config.id, disable_env_checker=True, **config.kwargs)  # type: ignore[arg-type]  # checked by the environment itself
    except (ImportError, gym.error.DependencyNotInstalled, gym.error.NamespaceNotFound) as error:
        raise MissingPackage(
            f"The environment {config.id} needs a package that is not installed here: {sentence(error)}"
        ) from error
    except (gym.error.Error, TypeError, ValueError, AssertionError) as error:
        raise BadSpec(f"The environment {config.id} cannot be made: {sentence(error)}") from error
    for wrapper in config.wrappers:
        env = _wrap(env, wrapper.name, wrapper.kwargs)
    return env


def _wrap(env: Env, name: str, kwargs: Mapping[str, Any]) -> Env:
    known = WRAPPERS.get(name)
    if known is None:
        raise BadSpec(f"There is no wrapper {name!r}; known are {', '.join(sorted(WRAPPERS))}.")
    try:
        return known(env, **kwargs)
    except (gym.error.Error, TypeError, ValueError, AssertionError) as error:
        raise BadSpec(f"The wrapper {name} cannot be used here: {sentence(error)}") from error


def step_limit(env: Env) -> int | None:
    """The length at which an episode is cut, or None where nothing cuts it."""
    limits = []
    while isinstance(env, gym.Wrapper):
        if isinstance(env, gym.wrappers.TimeLimit):
            limits.append(env._max_episode_steps)  # noqa: SLF001  # gymnasium has no public name for it
        env = env.env
    return min(limits, default=None)


def training_envs(config: TrainConfig, *, first_step: int = 0) -> tuple[VecEnv, VecNormalize | None]:
    """The environments to train in, and their normalisation where the config asks for one.

    `first_step` is the number of steps already trained; messages about NaN count from there.

    :raises BadSpec: as `make_env`, or where the space cannot be normalised.
    """
    reward = config.reward

    def one() -> Env:
        env: Env = Monitor(make_env(config.env))
        if reward.shapes:
            env = ShapedReward(env, reward)
        return env

    venv: VecEnv = FiniteGuard(DummyVecEnv([one] * config.n_envs), first_step)
    if reward.action_magnitude_penalty and not isinstance(venv.action_space, spaces.Box):
        raise BadSpec(
            "reward.action_magnitude_penalty needs continuous actions; "
            f"{config.env.id} has {venv.action_space}."
        )
    if config.env.normalize is None:
        return venv, None
    normalized = _normalize(venv, config.env.normalize, config)
    return normalized, normalized


def _normalize(venv: VecEnv, normalize: NormalizeConfig, config: TrainConfig) -> VecNormalize:
    gamma = normalize.gamma
    if gamma is None:
        own = config.hyperparams.get("gamma", 0.99)
        gamma = float(own) if isinstance(own, (int, float)) else 0.99
    try:
        return VecNormalize(venv, **normalize.model_dump(exclude={"gamma"}), gamma=gamma)
    except ValueError as error:
        raise BadSpec(f"env.normalize cannot be used with {config.env.id}: {sentence(error)}") from error


def check_same_spaces(training: VecEnv, yardstick: Env, config: TrainConfig) -> None:
    """Refuse a yardstick in which the policy could not act.

    :raises SpaceMismatch: where shapes of observations or the actions differ.
    """
    for kind, ours, theirs in (
        ("observations", _shape(training.observation_space), _shape(yardstick.observation_space)),
        ("actions", repr(training.action_space), repr(yardstick.action_space)),
    ):
        if ours != theirs:
            raise SpaceMismatch(
                f"The policy trained in {config.env.id} has {kind} {ours}, the yardstick "
                f"{config.eval.env.id} has {theirs}: give both the same wrappers and arguments."
            )


def _shape(space: spaces.Space[Any]) -> str:
    if isinstance(space, spaces.Box):
        return f"Box{space.shape} of {space.dtype}"
    if isinstance(space, spaces.Dict):
        return ", ".join(f"{key}: {_shape(part)}" for key, part in sorted(space.spaces.items()))
    return repr(space)


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
        if self._checks_actions and not np.isfinite(actions).all():
            raise NotFinite(f"The policy's action became {_word(actions)} at step {self._steps:,}.")
        self.venv.step_async(actions)

    def step_wait(self) -> VecEnvStepReturn:
        try:
            observations, rewards, dones, infos = self.venv.step_wait()
        except Exception as error:
            raise self._failed("step", error) from error
        self._steps += self.num_envs
        self._check_observations(observations)
        if not np.isfinite(rewards).all():
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
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                raise EnvironmentNotFinite(
                    f"The environment's observation became {_word(values)} at step {self._steps:,}."
                )


def _word(values: np.ndarray[Any, Any]) -> str:
    return "NaN" if np.isnan(values).any() else "infinite"
