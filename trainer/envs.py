"""Environments: made from a config by allow-listed names, stepped side by side."""

import sys
import warnings
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import (
    SubprocVecEnv,
    VecEnv,
    VecEnvWrapper,
    VecNormalize,
    unwrap_vec_wrapper,
)

from trainer.config import EnvConfig, NormalizeConfig, TrainConfig
from trainer.contract import CurriculumEnd, JsonObject
from trainer.curriculum import Curriculum, Staged, check_stages, stages_of
from trainer.errors import BadSpec, SpaceMismatch, sentence
from trainer.fast.vector import vector_env
from trainer.guard import FiniteGuard
from trainer.packages import missing_import, register
from trainer.randomize import Randomized
from trainer.rewards import ShapedReward
from trainer.terms import with_terms
from trainer.wrappers import WRAPPERS, wrap

Env = gym.Env[Any, Any]

_OBSERVED = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
# A fork knows what this process has registered; elsewhere it is not safe beside threads.
_START_METHOD = "fork" if sys.platform == "linux" else "forkserver"


def make_env(config: EnvConfig, *, monitored: bool = False) -> Env:
    """One environment with its wrappers, innermost first.

    `monitored` adds SB3's `Monitor`, inside the first wrapper that changes rewards or ends of episodes,
    so that the returns it counts are the environment's own.

    :raises BadSpec: where gymnasium does not know the id, or refuses the arguments.
    :raises SpaceMismatch: where it observes what no policy takes.
    :raises MissingPackage: where what it is made of is not installed.
    """
    env = _make(config)
    if config.randomize:
        env = Randomized(env, config.randomize)
    counted = not monitored
    for wrapper in config.wrappers:
        if not counted and wrapper.name in WRAPPERS and WRAPPERS[wrapper.name].hides_return:
            env, counted = Monitor(env), True
        env = wrap(env, wrapper.name, wrapper.kwargs)
    _check_observations(config.id, env.observation_space)
    return env if counted else Monitor(env)


def _check_observations(env_id: str, space: spaces.Space[Any]) -> None:
    parts = space.spaces if isinstance(space, spaces.Dict) else {"observation": space}
    for name, part in parts.items():
        if not isinstance(part, _OBSERVED):
            remedy = "use the wrapper minigrid_flat" if "mission" in parts else "wrap it in numbers"
            kind = type(part).__name__
            raise SpaceMismatch(f"{env_id} observes {name} as {kind}, which no policy takes; {remedy}.")


def _make(config: EnvConfig) -> Env:
    register(config.id)
    limit = {} if config.max_episode_steps is None else {"max_episode_steps": config.max_episode_steps}
    _refuse_paths(config)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            env: Env = gym.make(config.id, disable_env_checker=True, **limit, **config.kwargs)  # type: ignore[arg-type]  # checked by the environment itself
    except (ImportError, gym.error.DependencyNotInstalled, gym.error.NamespaceNotFound) as error:
        raise missing_import(config.id, error) from error
    except (gym.error.Error, TypeError, ValueError, AssertionError, KeyError) as error:
        raise BadSpec(f"The environment {config.id} cannot be made: {sentence(error)}") from error
    return env


def _refuse_paths(config: EnvConfig) -> None:
    """highway-env imports what its settings name by dotted paths: such names are code, not data."""
    settings = config.kwargs.get("config")
    for key, value in settings.items() if isinstance(settings, dict) else ():
        if not isinstance(value, (int, float)):
            raise BadSpec(f"env.kwargs.config.{key} must be a number, true or false; it is {value!r}.")


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
    venv: VecEnv = FiniteGuard(_side_by_side(config), first_step)
    if config.reward.action_magnitude_penalty and not isinstance(venv.action_space, spaces.Box):
        raise BadSpec(
            "reward.action_magnitude_penalty needs continuous actions; "
            f"{config.env.id} has {venv.action_space}."
        )
    if config.curriculum:
        venv = Curriculum(venv, config.curriculum, first_step)
    if config.env.normalize is None:
        return venv, None
    normalized = _normalize(venv, config.env.normalize, config)
    return normalized, normalized


def _side_by_side(config: TrainConfig) -> VecEnv:
    stages = stages_of(config)
    if config.curriculum:
        check_stages(stages, make_env)

    def one() -> Env:
        env = Staged(stages, _monitored) if config.curriculum else _monitored(config.env)
        env = ShapedReward(env, config.reward) if config.reward.shapes else env
        return with_terms(env, config.reward.own) if config.code else env

    if config.vec_env == "subproc":
        _monitored(config.env).close()  # what is wrong with it is said here, in one sentence
        return SubprocVecEnv([one] * config.n_envs, start_method=_START_METHOD)
    return vector_env([one] * config.n_envs)


def _monitored(config: EnvConfig) -> Env:
    return make_env(config, monitored=True)


def env_state(venv: VecEnv) -> JsonObject:
    """What the environments must remember between a checkpoint and its resumption; often nothing."""
    curriculum = _curriculum(venv)
    return {} if curriculum is None else {"curriculum": curriculum.state()}


def restore_env_state(venv: VecEnv, state: JsonObject, steps: int) -> None:
    """Undo `env_state`, at a checkpoint of so many steps."""
    curriculum, kept = _curriculum(venv), state.get("curriculum")
    if curriculum is not None and isinstance(kept, dict):
        curriculum.restore(kept, steps)


def curriculum_end(venv: VecEnv) -> CurriculumEnd | None:
    """How far the curriculum has come, where there is one."""
    curriculum = _curriculum(venv)
    return None if curriculum is None else curriculum.end()


def _curriculum(venv: VecEnv) -> Curriculum | None:
    found = unwrap_vec_wrapper(venv, Curriculum) if isinstance(venv, VecEnvWrapper) else None
    assert found is None or isinstance(found, Curriculum)
    return found


def _normalize(venv: VecEnv, normalize: NormalizeConfig, config: TrainConfig) -> VecNormalize:
    gamma = normalize.gamma
    if gamma is None:
        own = config.hyperparams.get("gamma", 0.99)
        gamma = float(own) if isinstance(own, (int, float)) else 0.99
    try:
        normalized = VecNormalize(venv, **normalize.model_dump(exclude={"gamma"}), gamma=gamma)
    except ValueError as error:
        raise BadSpec(f"env.normalize cannot be used with {config.env.id}: {sentence(error)}") from error
    space, clip = normalized.observation_space, normalize.clip_obs
    if normalize.norm_obs and isinstance(space, spaces.Box) and space.dtype.kind != "f":
        # SB3 says so for pictures alone; its buffers would cut the normalised numbers to whole ones.
        normalized.observation_space = spaces.Box(-clip, clip, space.shape, np.float32)
    return normalized


def check_same_spaces(training: VecEnv, yardstick: Env, config: TrainConfig) -> None:
    """Refuse a yardstick in which the policy could not act.

    :raises SpaceMismatch: where shapes of observations or the actions differ.
    """
    raw = training.venv if isinstance(training, VecNormalize) else training
    for kind, ours, theirs in (
        ("observations", _shape(raw.observation_space), _shape(yardstick.observation_space)),
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
