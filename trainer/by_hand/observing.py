"""Observations and actions between environments and networks, without SB3's general way."""

from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from torch import Tensor


def as_rows(space: spaces.Space[Any], observations: Any) -> Tensor | None:
    """A batch of observations as networks take them, [count, numbers]; None where it is anything else."""
    if not isinstance(observations, np.ndarray) or observations.shape[1:] != space.shape:
        return None
    flat = observations.reshape(len(observations), -1)
    return torch.from_numpy(np.ascontiguousarray(flat, np.float32))


def from_rows(space: spaces.Box, actions: Tensor) -> NDArray[Any]:
    """Actions between -1 and 1, [count, numbers], as the environment takes them (SB3's `unscale_action`)."""
    shaped = actions.numpy().reshape(-1, *space.shape)
    unscaled: NDArray[Any] = space.low + (0.5 * (shaped + 1.0) * (space.high - space.low))
    return unscaled
