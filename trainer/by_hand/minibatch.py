"""Minibatches of a replay buffer, drawn with SB3's own random numbers."""

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3.common.buffers import ReplayBuffer
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from torch import Tensor


class Minibatch(NamedTuple):
    """Transitions: [samples, numbers] of 32 bits each. `discounts` is one number, or one for each sample."""

    observations: Tensor
    actions: Tensor
    next_observations: Tensor
    dones: Tensor
    rewards: Tensor
    discounts: Tensor | float


def sample(model: OffPolicyAlgorithm, count: int) -> Minibatch:
    """What `model.replay_buffer.sample(count)` draws, observations flat."""
    buffer = model.replay_buffer
    assert buffer is not None
    normalization = model._vec_normalize_env  # noqa: SLF001  # as SB3's own updates
    if type(buffer) is ReplayBuffer and normalization is None and not buffer.optimize_memory_usage:
        return _gather(buffer, count, model.gamma)
    drawn: Any = buffer.sample(count, env=normalization)
    discounts = getattr(drawn, "discounts", None)
    return Minibatch(
        drawn.observations.float().flatten(1),
        drawn.actions,
        drawn.next_observations.float().flatten(1),
        drawn.dones,
        drawn.rewards,
        model.gamma if discounts is None else discounts,
    )


def _gather(buffer: ReplayBuffer, count: int, gamma: float) -> Minibatch:
    rows = np.random.randint(0, buffer.size(), size=count)  # noqa: NPY002  # SB3's own generator
    if buffer.n_envs > 1:  # from one there is nothing to draw
        rows = rows * buffer.n_envs + np.random.randint(0, buffer.n_envs, size=count)  # noqa: NPY002  # likewise
    ends = _rows(buffer.dones, rows)
    if buffer.handle_timeout_termination:
        ends = ends * (1 - _rows(buffer.timeouts, rows))
    return Minibatch(
        _floats(_rows(buffer.observations, rows)),
        torch.from_numpy(_rows(buffer.actions, rows)),
        _floats(_rows(buffer.next_observations, rows)),
        torch.from_numpy(ends),
        torch.from_numpy(_rows(buffer.rewards, rows)),
        gamma,
    )


def _rows(array: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    """Transitions of an array [steps, environments, ...], counted through: [samples, numbers]."""
    steps, environments = array.shape[:2]
    return array.reshape(steps * environments, -1).take(rows, axis=0)


def _floats(values: NDArray[Any]) -> Tensor:
    return torch.from_numpy(values.astype(np.float32, copy=False))
