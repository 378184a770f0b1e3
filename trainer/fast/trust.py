"""Before this machine's compiled code is trusted it is held against stock SB3, once for each kind of numbers.

A compiler may be wrong on a processor that nobody has tried. What has passed is noted beside the machine
code, whose folder is named after its sources, under the versions and the processor that it passed with.
"""

import contextlib
import hashlib
import json
import logging
import random
from collections.abc import Iterator
from typing import Any

import gymnasium as gym
import llvmlite.binding
import numba
import numpy as np
import stable_baselines3
import torch
from gymnasium import spaces
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import DummyVecEnv
from torch import nn

from trainer.fast.compiled import cache_folder
from trainer.fast.eligibility import Unfit
from trainer.fast.equality import Difference, compare
from trainer.fast.ppo import FastPPO

log = logging.getLogger(__name__)

# Every way through the tiled products: widths of 64, 32, 16 and 8, and samples for more than one block.
_NETWORKS: tuple[tuple[list[int], type[nn.Module]], ...] = (([120, 24], nn.Tanh), ([17, 72], nn.ReLU))
# So many times further apart than the tests allow, whose cases are known to pass: rounding differs between
# processors, and a false alarm costs a machine its speed. Wrong code is a thousand times further off.
_LENIENCE = 10.0
_ENVS, _STEPS, _BATCH, _OBSERVED = 3, 48, 72, 5

# What was found wrong in this process, by the kind of numbers.
_wrong: dict[str, str] = {}


def confirm(model: PPO) -> None:
    """Hold the compiled code for the kind of numbers of `model` against stock SB3, unless it passed before.

    Leaves all random generators as they were.

    :raises Unfit: where it computes something else.
    """
    recall(model)
    kind = _kind(model)
    note = cache_folder() / f"equals-stock-{_conditions(kind)}"
    if note.exists():
        return
    with _random_numbers_kept():
        found = [str(one) for case in _cases(model) for one in compare(case) if not _is_near(one)]
    if found:
        _wrong[kind] = (
            f"the compiled code differs from stock SB3 on this machine ({found[0]}); "
            f"deleting {cache_folder()} has it compiled anew"
        )
        log.error("%s; %s numbers in all", _wrong[kind], len(found))
        recall(model)
    note.write_text(f"{kind}\n", "utf-8")


def recall(model: PPO) -> None:
    """:raises Unfit: where `confirm` has found in this process that the code cannot be trusted."""
    if (why := _wrong.get(_kind(model))) is not None:
        raise Unfit(why)


def _is_near(one: Difference) -> bool:
    """NaN is near to nothing."""
    return one.by <= _LENIENCE * one.allowed


def _kind(model: PPO) -> str:
    """The types that kernels are compiled for."""
    return f"{model.observation_space.dtype} to {type(model.action_space).__name__}"


def _conditions(kind: str) -> str:
    versions = [module.__version__ for module in (numba, llvmlite, np, torch, stable_baselines3)]
    cpu = [llvmlite.binding.get_host_cpu_name(), llvmlite.binding.get_host_cpu_features().flatten()]
    return hashlib.sha256(json.dumps([kind, *versions, *cpu]).encode()).hexdigest()[:16]


@contextlib.contextmanager
def _random_numbers_kept() -> Iterator[None]:
    """SB3 seeds them all, and the training that waits has seeded them already."""
    python, legacy, of_torch = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002  # SB3's own generator
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)  # noqa: NPY002  # likewise
        torch.set_rng_state(of_torch)


def _cases(model: PPO) -> Iterator[FastPPO]:
    """Small models of the same kind of numbers."""
    observed = model.observation_space.dtype
    for number, (widths, activation) in enumerate(_NETWORKS):
        venv = DummyVecEnv([lambda: _Draws(observed, _few(model.action_space))] * _ENVS)
        yield FastPPO(
            "MlpPolicy",
            venv,
            n_steps=_STEPS,
            batch_size=_BATCH,
            n_epochs=2,
            clip_range_vf=0.2,
            ent_coef=0.02,
            learning_rate=1e-4,
            policy_kwargs={"net_arch": widths, "activation_fn": activation},
            seed=number,
            device="cpu",
        )


def _few(space: spaces.Space[Any]) -> spaces.Space[Any]:
    match space:
        case spaces.Discrete():
            return spaces.Discrete(3)
        case spaces.MultiDiscrete():
            return spaces.MultiDiscrete([3, 2])
    return spaces.Box(-1.0, 1.0, (2,), space.dtype)  # type: ignore[arg-type]  # of floats, as the check of spaces saw


class _Draws(gym.Env[Any, Any]):
    """Observes random numbers and rewards them; ends at random, and is cut after some steps."""

    def __init__(self, observed: Any, actions: spaces.Space[Any]) -> None:
        self.observation_space = spaces.Box(-10.0, 10.0, (_OBSERVED,), observed)
        self.action_space = actions
        self._steps = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, Any]:
        super().reset(seed=seed, options=options)
        self._steps = 0
        return self._draw(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self._steps += 1
        drawn = self._draw()
        reward = float(drawn.sum() + np.sum(action))
        return drawn, reward, bool(self.np_random.random() < 0.1), self._steps >= 12, {}  # noqa: PLR2004  # rates of a toy

    def _draw(self) -> Any:
        return self.np_random.normal(size=_OBSERVED).astype(self.observation_space.dtype)
