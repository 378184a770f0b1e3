"""The filled part of a replay buffer, as one file beside the model."""

import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3 import HerReplayBuffer
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.buffers import BaseBuffer
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm

log = logging.getLogger(__name__)

# Larger ones (pictures) would fill the disk; such a run refills its buffer when it is resumed.
MAX_BYTES = 2 * 1024**3
# A finished run keeps one up to this size.
SMALL_BYTES = 256 * 1024**2
_EPISODE_STARTS = "current_episode_start"


def save_replay(model: OffPolicyAlgorithm, path: Path) -> bool:
    """Write the transitions seen so far; False where they are too many bytes, or no arrays, to keep."""
    buffer = _buffer(model)
    if isinstance(buffer, HerReplayBuffer) and buffer.copy_info_dict:
        log.warning("a replay buffer with copy_info_dict holds objects and is not saved")
        return False
    filled = buffer.size()
    arrays = {name: array[:filled] for name, array in _arrays(buffer)}
    if sum(array.nbytes for array in arrays.values()) > MAX_BYTES:
        log.warning("the replay buffer is larger than %d bytes and is not saved", MAX_BYTES)
        return False
    if isinstance(buffer, HerReplayBuffer):
        arrays[_EPISODE_STARTS] = buffer._current_ep_start  # noqa: SLF001  # where unfinished episodes began
    np.savez(path, allow_pickle=False, **arrays, position=np.array([buffer.pos, int(buffer.full)]))
    return True


def is_small(model: BaseAlgorithm) -> bool:
    """Whether its replay buffer is worth keeping for those who begin with this run; true without one."""
    if not isinstance(model, OffPolicyAlgorithm):
        return True
    buffer = _buffer(model)
    filled = buffer.size()
    return sum(array[:filled].nbytes for _, array in _arrays(buffer)) <= SMALL_BYTES


def load_replay(model: OffPolicyAlgorithm, path: Path) -> bool:
    """Put saved transitions back; False where there are none for a buffer of this shape."""
    if not path.exists():
        return False
    buffer = _buffer(model)
    with np.load(path, allow_pickle=False) as saved:
        position, full = (int(value) for value in saved["position"])
        for name, array in _arrays(buffer):
            rows = saved.get(name)
            if rows is None or rows.shape[1:] != array.shape[1:] or len(rows) > len(array):
                return False
            array[: len(rows)] = rows
        starts = saved.get(_EPISODE_STARTS)
    buffer.pos, buffer.full = position, bool(full)
    if isinstance(buffer, HerReplayBuffer):
        if starts is None or starts.shape != (buffer.n_envs,):
            return False
        _end_unfinished(buffer, starts)
    return True


def _end_unfinished(buffer: HerReplayBuffer, starts: NDArray[np.int64]) -> None:
    """The environments begin anew: episodes that were going on end here, as if their time were over."""
    buffer._current_ep_start = starts.copy()  # noqa: SLF001  # SB3 keeps it nowhere else
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it says just this
        buffer.truncate_last_trajectory()


def unfilled_bytes(model: OffPolicyAlgorithm, total_timesteps: int) -> int:
    """How many bytes of the buffer a whole run will still touch."""
    buffer = _buffer(model)
    length = buffer.buffer_size
    wanted = min(length, -(-total_timesteps // buffer.n_envs))
    share = max(0, wanted - buffer.size()) / length
    return int(share * sum(array.nbytes for _, array in _arrays(buffer)))


def _buffer(model: OffPolicyAlgorithm) -> BaseBuffer:
    if model.replay_buffer is None:
        raise RuntimeError("the model has no replay buffer")
    return model.replay_buffer


def _arrays(buffer: BaseBuffer) -> Iterator[tuple[str, NDArray[Any]]]:
    """Every array with one row a step, those of dict observations by "name.key"."""
    for name, value in vars(buffer).items():
        parts = value if isinstance(value, dict) else {"": value}
        for key, array in parts.items():
            rows = array.shape[:1] if isinstance(array, np.ndarray) and array.dtype != object else ()
            if rows == (buffer.buffer_size,):
                yield (f"{name}.{key}" if key else name), array
