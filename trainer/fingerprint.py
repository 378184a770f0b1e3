"""The environment fingerprint: what a result was measured in, so that only like is compared with like."""

import copy
import hashlib
import inspect
import json
import platform
import re
from importlib import metadata
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from trainer.config import EnvConfig
from trainer.contract import JsonObject
from trainer.envs import Env, make_env, step_limit

_STEPS = 64
_SEED = 20_000_003
_DIGITS = 4
_MANY = 256
_BASES = frozenset({"builtins", "typing", "abc", "gymnasium.core", "gymnasium.utils.ezpickle"})


def measure(config: EnvConfig) -> JsonObject:
    """Describe an environment and hash how it behaves.

    `behaviour` is the hash of a short roll-out with fixed seeds and actions, its observations and
    rewards rounded to four digits: it tells a changed reward or physics even where no version did.
    `rewards` and `observations` are its halves, so that the difference can be named. `source` is the
    hash of the files that the environment's classes are written in, for what a short roll-out never
    meets. `hash` covers everything else in the answer.

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
            "observation_space": _space(env.observation_space),
            "action_space": _space(env.action_space),
            "max_episode_steps": step_limit(env),
            "source": _source(env),
            **_behaviour(env),
        }
    finally:
        env.close()
    if config.randomize:
        drawn = {name: range_.model_dump(mode="json") for name, range_ in config.randomize.items()}
        fingerprint["randomize"] = dict(drawn)
    return {**fingerprint, "hash": _digest(json.dumps(fingerprint, sort_keys=True))}


def versions() -> dict[str, str]:
    """What else decides the numbers: Python, the libraries, the processor."""
    names = ("numpy", "torch", "stable_baselines3", "sb3_contrib", "gymnasium")
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


def _source(env: Env) -> str:
    """The hash of the files that define the environment: its class and those that it inherits from.

    Gymnasium's own base classes are left out; the version of gymnasium stands for them.
    """
    files = set()
    for kind in type(env.unwrapped).__mro__:
        if kind.__module__ in _BASES:
            continue
        try:
            files.add(inspect.getsourcefile(kind))
        except TypeError:  # built in
            continue
    digest = hashlib.sha256()
    for name in sorted(file for file in files if file):
        digest.update(Path(name).read_bytes())
    return digest.hexdigest()


def _space(space: spaces.Space[Any]) -> str:
    """As gymnasium writes it, without the addresses of functions that some spaces contain."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(space))


def _behaviour(env: Env) -> dict[str, str]:
    actions = copy.deepcopy(env.action_space)  # some environments make theirs anew at each reset
    actions.seed(_SEED)
    observation, _ = env.reset(seed=_SEED)
    seen, observed, paid = [_rounded(observation)], [_rounded(observation)], []
    for step in range(_STEPS):
        observation, reward, terminated, truncated, _ = env.step(actions.sample())
        seen.append(f"{_rounded(observation)};{_rounded(reward)};{bool(terminated)};{bool(truncated)}")
        observed.append(f"{_rounded(observation)};{bool(terminated)};{bool(truncated)}")
        paid.append(_rounded(reward))
        if terminated or truncated:
            observation, _ = env.reset(seed=_SEED + step + 1)
            seen.append(_rounded(observation))
            observed.append(_rounded(observation))
    hashes = {"behaviour": seen, "observations": observed, "rewards": paid}
    return {name: _digest("\n".join(lines)) for name, lines in hashes.items()}


def _rounded(value: Any) -> str:
    """Numbers to four digits; pictures, which are whole numbers, by their bytes."""
    if isinstance(value, dict):
        return ",".join(f"{key}={_rounded(value[key])}" for key in sorted(value))
    if isinstance(value, (str, tuple)):
        return repr(value)
    array = np.asarray(value)
    if array.dtype.kind in "iu" and array.size > _MANY:
        return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    return ",".join(f"{number + 0.0:.{_DIGITS}g}" for number in array.astype(np.float64).ravel())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
