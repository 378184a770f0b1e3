"""The state of every random generator that a training draws from, as JSON beside its checkpoint.

What an environment holds inside beyond its generator (positions, speeds, a simulator's memory) cannot
be kept in general: a resumed training begins new episodes, drawn from where its generators stood.
"""

import base64
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from pydantic import JsonValue
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import DummyVecEnv

from trainer.contract import JsonObject
from trainer.errors import ResumeFailed


def save_random_states(model: BaseAlgorithm, path: Path) -> None:
    """Write the states of Python, numpy, torch, the action space and each environment with its wrappers."""
    path.write_text(json.dumps(capture(model)), "utf-8")


def load_random_states(model: BaseAlgorithm, path: Path) -> bool:
    """Put saved states back, for the episodes that begin next; False where there are none.

    :raises ResumeFailed: where the file is of another kind of training.
    """
    if not path.exists():
        return False
    try:
        _put_back(model, json.loads(path.read_text("utf-8")))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ResumeFailed(f"The random states in {path} cannot be used: {error}") from error
    return True


def capture(model: BaseAlgorithm) -> JsonObject:
    """The states as they are now; those of generators that nobody has used yet are null."""
    python = random.getstate()
    name, keys, position, has_gauss, gauss = np.random.get_state(legacy=True)  # noqa: NPY002  # SB3 draws from it
    return {
        "python": [python[0], list(python[1]), python[2]],
        "numpy": [str(name), [int(key) for key in keys], int(position), int(has_gauss), float(gauss)],
        "torch": _text(torch.get_rng_state()),
        "cuda": [_text(state) for state in torch.cuda.get_rng_state_all()]
        if torch.cuda.is_available()
        else [],
        "action_space": _generator_state(vars(model.action_space).get("_np_random")),
        "environments": [_generator_state(vars(env.unwrapped).get("_np_random")) for env in _envs(model)],
        "wrappers": [[_generator_state(one) for one in _of_wrappers(env)] for env in _envs(model)],
    }


def _put_back(model: BaseAlgorithm, states: dict[str, Any]) -> None:
    version, internal, gauss = states["python"]
    random.setstate((version, tuple(internal), gauss))
    name, keys, *rest = states["numpy"]
    np.random.set_state((name, np.array(keys, dtype=np.uint32), *rest))  # noqa: NPY002  # as above
    torch.set_rng_state(_tensor(states["torch"]))
    if torch.cuda.is_available() and len(states["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all([_tensor(text) for text in states["cuda"]])
    if states["action_space"] is not None:
        _set_state(model.action_space.np_random, states["action_space"])
    envs, saved = _envs(model), states["environments"]
    if len(envs) != len(saved):
        return
    for env, state in zip(envs, saved, strict=True):
        if state is not None:
            _set_state(env.unwrapped.np_random, state)
    for env, kept in zip(envs, states.get("wrappers", ()), strict=False):  # earlier ones had none
        for generator, state in zip(_of_wrappers(env), kept, strict=True):
            _set_state(generator, state)
    if all(state is not None for state in saved) and isinstance(inner := _inner(model), DummyVecEnv):
        inner._reset_seeds()  # noqa: SLF001  # else the next reset would seed them anew


def _inner(model: BaseAlgorithm) -> object:
    return model.env.unwrapped if model.env is not None else None


def _envs(model: BaseAlgorithm) -> list[gym.Env[Any, Any]]:
    return list(getattr(_inner(model), "envs", ()))


def _of_wrappers(env: gym.Env[Any, Any]) -> Iterator[np.random.Generator]:
    """Those of an environment's wrappers, such as the one that draws its parameters, outermost first."""
    while isinstance(env, gym.Wrapper):
        yield from (value for value in vars(env).values() if isinstance(value, np.random.Generator))
        env = env.env


def _generator_state(generator: Any) -> JsonValue:
    if not isinstance(generator, np.random.Generator):
        return None
    state: JsonObject = json.loads(json.dumps(dict(generator.bit_generator.state), default=_plain))
    return state


def _set_state(generator: np.random.Generator, state: dict[str, Any]) -> None:
    generator.bit_generator.state = state


def _plain(value: Any) -> JsonValue:
    plain: JsonValue = value.tolist()
    return plain


def _text(state: torch.Tensor) -> str:
    return base64.b64encode(state.cpu().numpy().tobytes()).decode("ascii")


def _tensor(text: str) -> torch.Tensor:
    return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.uint8)
