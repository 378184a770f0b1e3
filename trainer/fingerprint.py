"""The environment fingerprint: what a result was measured in, so that only like is compared with like."""

import hashlib
import json
import platform
from importlib import metadata
from typing import Any

import gymnasium as gym
import numpy as np

from trainer.config import EnvConfig
from trainer.contract import JsonObject
from trainer.envs import Env, make_env, step_limit

_STEPS = 64
_SEED = 20_000_003
_DIGITS = 4


def measure(config: EnvConfig) -> JsonObject:
    """Describe an environment and hash how it behaves.

    `behaviour` is the hash of a short roll-out with fixed seeds and actions, its observations and
    rewards rounded to four digits: it tells a changed reward or physics even where no version did.
    `hash` covers everything else in the answer.

    :raises BadSpec: as `trainer.envs.make_env`.
    """
    env = make_env(config)
    try:
        fingerprint: JsonObject = {
            "env_id": config.id,
            **_package(env),
            "gymnasium": gym.__version__,
            "kwargs": dict(config.kwargs),
            "wrappers": [wrapper.model_dump(mode="json") for wrapper in config.wrappers],
            "observation_space": repr(env.observation_space),
            "action_space": repr(env.action_space),
            "max_episode_steps": step_limit(env),
            "behaviour": _behaviour(env),
        }
    finally:
        env.close()
    return {**fingerprint, "hash": _digest(json.dumps(fingerprint, sort_keys=True))}


def versions() -> dict[str, str]:
    """What else decides the numbers: Python, the libraries, the processor."""
    names = ("numpy", "torch", "stable_baselines3", "gymnasium")
    found = {name: metadata.version(name) for name in names}
    return {"python": platform.python_version(), **found, "machine": platform.machine()}


def _package(env: Env) -> JsonObject:
    """The distributions that the environment's class comes from and computes with."""
    module = type(env.unwrapped).__module__
    packages = _versions_of(module.partition(".")[0])
    for part, name in (("mujoco", "mujoco"), ("box2d", "Box2D")):
        if f".{part}." in f".{module}.":
            packages[name] = metadata.version(name)
    return {"class": f"{module}.{type(env.unwrapped).__qualname__}", "packages": dict(packages)}


def _versions_of(package: str) -> dict[str, str]:
    try:
        return {package: metadata.version(package)}
    except metadata.PackageNotFoundError:  # its distribution has another name: look through them all
        owners = metadata.packages_distributions().get(package, [])
        return {name: metadata.version(name) for name in sorted(set(owners))}


def _behaviour(env: Env) -> str:
    env.action_space.seed(_SEED)
    observation, _ = env.reset(seed=_SEED)
    seen = [_rounded(observation)]
    for step in range(_STEPS):
        observation, reward, terminated, truncated, _ = env.step(env.action_space.sample())
        seen.append(f"{_rounded(observation)};{_rounded(reward)};{bool(terminated)};{bool(truncated)}")
        if terminated or truncated:
            observation, _ = env.reset(seed=_SEED + step + 1)
            seen.append(_rounded(observation))
    return _digest("\n".join(seen))


def _rounded(value: Any) -> str:
    if isinstance(value, dict):
        return ",".join(f"{key}={_rounded(value[key])}" for key in sorted(value))
    return ",".join(f"{number + 0.0:.{_DIGITS}g}" for number in np.asarray(value, dtype=np.float64).ravel())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
