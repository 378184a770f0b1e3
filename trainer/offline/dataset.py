"""Recorded episodes, read from a Minari dataset or an HDF5 file, and held against an environment's spaces."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from trainer.dataset_files import MINARI_DATA, dataset_sha256, is_minari
from trainer.errors import BadSpec, MissingPackage, SpaceMismatch, sentence
from trainer.offline.library import require

log = logging.getLogger(__name__)

FLAT_KEYS = ("observations", "actions", "rewards", "terminals")
# How far an action may lie beyond its bounds, as a share of their distance: rounding of float32.
_ROUNDING = 1e-4


@dataclass(frozen=True)
class Recorded:
    """One episode of T steps. `observations` has T + 1 rows where the last one was recorded, else T.

    `terminated`: the environment ended it; else it was cut.
    """

    observations: NDArray[Any]
    actions: NDArray[Any]
    rewards: NDArray[np.float32]
    terminated: bool


@dataclass(frozen=True)
class Transitions:
    """Steps that can be learnt from, of all episodes.

    Step i goes from row `first[i]` of `observations` to the row after it. Shapes: (rows, features), and
    for n steps: actions (n, size of an action; a discrete one has size 1), rewards and terminals (n, 1).
    """

    observations: NDArray[np.float32]
    first: NDArray[np.int64]
    actions: NDArray[np.float32]
    rewards: NDArray[np.float32]
    terminals: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.first)


def verified(path: Path, name: str, sha256: str) -> Path:
    """The dataset at `path`, which is the one that was signed.

    :raises BadSpec: where it cannot be read, or its hash is another one.
    """
    try:
        found = dataset_sha256(path)
    except OSError as error:
        raise BadSpec(f"The dataset {name} cannot be read: {error.strerror}.") from error
    if found != sha256:
        raise BadSpec(
            f"The dataset {name} is not the one that was approved: its hash is {found[:12]}, the config's is "
            f"{sha256[:12]}. Register it with `signoff datasets` and propose again."
        )
    return path


def read_episodes(path: Path, name: str) -> list[Recorded]:
    """The episodes of a dataset.

    :raises BadSpec: where it is of another layout, or holds no step.
    :raises MissingPackage: where the package that reads it is not installed.
    """
    require(f"The dataset {name}", *(("minari", "h5py") if is_minari(path) else ("h5py",)))
    try:
        episodes = list(_minari(path) if is_minari(path) else _flat(path))
    except (BadSpec, MissingPackage):
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
        raise BadSpec(f"The dataset {name} cannot be read: {sentence(error)}") from error
    episodes = [one for one in episodes if len(one.actions)]
    if not episodes:
        raise BadSpec(f"The dataset {name} holds no episode.")
    steps = sum(len(one.actions) for one in episodes)
    log.info("%s: %s episodes, %s steps", name, f"{len(episodes):,}", f"{steps:,}")
    return episodes


def _minari(path: Path) -> Iterator[Recorded]:
    from minari import MinariDataset  # noqa: PLC0415 - an optional extra

    for one in MinariDataset(path / MINARI_DATA).iterate_episodes():
        if not isinstance(one.observations, np.ndarray) or not isinstance(one.actions, np.ndarray):
            raise BadSpec(f"The dataset {path.name} has named parts in place of arrays; record arrays.")
        rewards = np.asarray(one.rewards, dtype=np.float32)
        yield Recorded(one.observations, one.actions, rewards, bool(one.terminations[-1]))


def _flat(path: Path) -> Iterator[Recorded]:
    """The layout of D4RL: one array each, an episode after the other."""
    import h5py  # noqa: PLC0415 - an optional extra

    with h5py.File(path, "r") as file:
        if lacking := [key for key in FLAT_KEYS if key not in file]:
            raise BadSpec(
                f"The dataset {path.name} has no array {lacking[0]}: an HDF5 file needs "
                f"{', '.join(FLAT_KEYS)}, and timeouts where episodes were cut."
            )
        observations, actions, rewards, terminals = (np.asarray(file[key]) for key in FLAT_KEYS)
        timeouts = np.asarray(file["timeouts"]) if "timeouts" in file else np.zeros_like(terminals)
        following = np.asarray(file["next_observations"]) if "next_observations" in file else None
    if len({len(part) for part in (observations, actions, rewards, terminals, timeouts)}) != 1:
        raise BadSpec(f"The arrays of the dataset {path.name} are not of one length.")
    terminals, timeouts = (part.reshape(-1).astype(bool) for part in (terminals, timeouts))
    ends = np.flatnonzero(terminals | timeouts) + 1
    starts = [0, *ends.tolist()]
    for start, end in zip(starts, [*ends.tolist(), len(terminals)], strict=True):
        if start < end:
            seen = observations[start:end]
            if following is not None:
                seen = np.concatenate([seen, following[end - 1 : end]])
            flat = rewards[start:end].reshape(-1).astype(np.float32)
            yield Recorded(seen, actions[start:end], flat, bool(terminals[end - 1]))


def transitions(
    episodes: list[Recorded], name: str, env_id: str, observed: spaces.Space[Any], acted: spaces.Space[Any]
) -> Transitions:
    """The steps of episodes that were recorded in an environment with these spaces.

    The last step of an episode that was cut is left out where nobody recorded what came after it.

    :raises SpaceMismatch: where shapes, or kinds of actions, differ.
    :raises BadSpec: where a number is NaN or infinite, or an action is out of its bounds.
    """
    for episode in episodes:
        check_episode(episode, name, env_id, observed, acted)
    rows, first, actions, rewards, terminals, begun = [], [], [], [], [], 0
    for episode in episodes:
        steps = len(episode.actions)
        seen = episode.observations.astype(np.float32)
        whole = len(seen) == steps + 1
        usable = steps if whole or episode.terminated else steps - 1
        rows.append(seen if whole else np.concatenate([seen, seen[-1:]]))
        first.append(np.arange(begun, begun + usable))
        actions.append(episode.actions.reshape(steps, -1)[:usable].astype(np.float32))
        rewards.append(episode.rewards[:usable].reshape(-1, 1))
        ended = np.zeros((usable, 1), dtype=np.float32)
        if episode.terminated:
            ended[-1] = 1.0
        terminals.append(ended)
        begun += len(rows[-1])
    found = Transitions(*(np.concatenate(part) for part in (rows, first, actions, rewards, terminals)))
    if not len(found):
        raise BadSpec(f"The dataset {name} holds no step that can be learnt from.")
    for spoken in ("observations", "actions", "rewards"):
        if not np.isfinite(getattr(found, spoken)).all():
            raise BadSpec(f"The dataset {name} has {spoken} that are NaN or infinite.")
    return found


def check_episode(
    episode: Recorded, name: str, env_id: str, observed: spaces.Space[Any], acted: spaces.Space[Any]
) -> None:
    """:raises SpaceMismatch: :raises BadSpec: as `transitions`."""
    remedy = "choose a dataset that was recorded there"
    if episode.observations.shape[1:] != observed.shape:
        raise SpaceMismatch(
            f"The dataset {name} has observations of shape {episode.observations.shape[1:]}, {env_id} has "
            f"{observed.shape}; {remedy}."
        )
    if len(episode.observations) not in {len(episode.actions), len(episode.actions) + 1}:
        raise BadSpec(f"The dataset {name} has episodes with more observations than steps.")
    if isinstance(acted, spaces.Discrete):
        _check_discrete(episode.actions, name, env_id, acted, remedy)
    elif isinstance(acted, spaces.Box):
        _check_continuous(episode.actions, name, env_id, acted, remedy)


def _check_discrete(
    actions: NDArray[Any], name: str, env_id: str, space: spaces.Discrete, remedy: str
) -> None:
    numbers = actions.reshape(len(actions), -1)
    if numbers.shape[1] != 1 or (numbers != np.floor(numbers)).any():
        raise SpaceMismatch(
            f"The dataset {name} has continuous actions, {env_id} has {int(space.n)} discrete ones; {remedy}."
        )
    low, high = int(numbers.min()), int(numbers.max())
    if low < 0 or high >= space.n:
        raise SpaceMismatch(
            f"The dataset {name} has actions from {low} to {high}, {env_id} has 0 to {int(space.n) - 1}; "
            f"{remedy}."
        )


def _check_continuous(actions: NDArray[Any], name: str, env_id: str, space: spaces.Box, remedy: str) -> None:
    if actions.shape[1:] != space.shape or actions.dtype.kind not in "fi":
        raise SpaceMismatch(
            f"The dataset {name} has actions of shape {actions.shape[1:]}, {env_id} has {space.shape}; "
            f"{remedy}."
        )
    slack = _ROUNDING * (space.high - space.low)
    if (actions < space.low - slack).any() or (actions > space.high + slack).any():
        raise BadSpec(
            f"The dataset {name} has actions from {actions.min():g} to {actions.max():g}, {env_id} takes "
            f"{space.low.min():g} to {space.high.max():g}: clip them when they are recorded."
        )
