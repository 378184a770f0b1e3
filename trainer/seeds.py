"""Which random seeds a run uses. Evaluation never repeats a seed of training.

Training uses `seed` to `seed + n_envs - 1`, below 2**31 + 256. Evaluation seeds lie above, are set
apart by purpose, and depend on the seed index and the episode alone: an experiment and its
comparator meet the same episodes.
"""

from enum import IntEnum

_FIRST = 2**31
_PURPOSE_SPAN = 2**29
_INDEX_SPAN = 2**17
_INDICES = _PURPOSE_SPAN // _INDEX_SPAN


class Purpose(IntEnum):
    """What an evaluation is for."""

    FINAL = 0
    INTERIM = 1
    SOLVED = 2
    MEASURE = 3


def evaluation_seeds(purpose: Purpose, seed_index: int, count: int, *, skip: int = 0) -> list[int]:
    """Seeds of `count` episodes, after the first `skip` of this purpose. `seed_index` counts from 1."""
    index = 1 + (seed_index - 1) % (_INDICES - 1)
    base = _FIRST + purpose * _PURPOSE_SPAN + index * _INDEX_SPAN
    return [base + (skip + episode) % _INDEX_SPAN for episode in range(count)]


def resumed_seed(seed: int, timesteps: int) -> int:
    """A seed for training that goes on at `timesteps`, so that it does not repeat its beginning."""
    return (seed * 1_000_003 + timesteps * 7_919 + 1) % 2**31
