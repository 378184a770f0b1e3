"""Tiny datasets for tests: a few episodes of random or simple policies, as Minari or HDF5 has them."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium as gym
import h5py
import minari
import numpy as np
from minari.data_collector import EpisodeBuffer
from numpy.typing import NDArray

from trainer.contract import JsonObject
from trainer.dataset_files import dataset_sha256

Policy = Callable[[NDArray[Any], np.random.Generator], Any]


def balancing(observation: NDArray[Any], generator: np.random.Generator) -> int:
    """Holds CartPole up for long; one step in ten is random, so that other actions are seen as well."""
    if generator.random() < 0.1:
        return int(generator.integers(2))
    return int(observation[2] + 0.5 * observation[3] > 0)


def random_torque(_observation: NDArray[Any], generator: np.random.Generator) -> NDArray[np.float32]:
    return generator.uniform(-2.0, 2.0, 1).astype(np.float32)


POLICIES: dict[str, Policy] = {"CartPole-v1": balancing, "Pendulum-v1": random_torque}


@dataclass(frozen=True)
class Played:
    """One episode; `observations` has one row more than there are steps."""

    observations: NDArray[np.float32]
    actions: NDArray[Any]
    rewards: NDArray[np.float64]
    terminated: bool


def played(env_id: str, episodes: int, length: int) -> list[Played]:
    """Episodes that are the same each time."""
    env, generator, found = gym.make(env_id, max_episode_steps=length), np.random.default_rng(0), []
    for seed in range(episodes):
        observations, actions, rewards = [env.reset(seed=seed)[0]], [], []
        terminated = truncated = False
        while not (terminated or truncated):
            actions.append(POLICIES[env_id](observations[-1], generator))
            observation, reward, terminated, truncated, _ = env.step(actions[-1])
            observations.append(observation)
            rewards.append(float(reward))
        found.append(Played(np.array(observations), np.array(actions), np.array(rewards), terminated))
    env.close()
    return found


def flat_file(path: Path, env_id: str, *, episodes: int = 3, length: int = 60) -> Path:
    """D4RL's layout, with timeouts and without the observation after the last step."""
    found = played(env_id, episodes, length)
    ends = [np.arange(len(one.actions)) == len(one.actions) - 1 for one in found]
    columns = {
        "observations": [one.observations[:-1] for one in found],
        "actions": [one.actions for one in found],
        "rewards": [one.rewards for one in found],
        "terminals": [end & one.terminated for end, one in zip(ends, found, strict=True)],
        "timeouts": [end & (not one.terminated) for end, one in zip(ends, found, strict=True)],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        for name, parts in columns.items():
            file.create_dataset(name, data=np.concatenate(parts))
    return path


def minari_folder(root: Path, name: str, env_id: str, *, episodes: int = 3, length: int = 60) -> Path:
    """What Minari writes for the id `name` under `root`, which MINARI_DATASETS_PATH must name."""
    buffers = [
        EpisodeBuffer(
            observations=one.observations,
            actions=one.actions,
            rewards=one.rewards,
            terminations=np.arange(len(one.actions)) == (len(one.actions) - 1 if one.terminated else -1),
            truncations=np.arange(len(one.actions)) == (-1 if one.terminated else len(one.actions) - 1),
        )
        for one in played(env_id, episodes, length)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for an author, a link to the code, ...
        minari.create_dataset_from_buffers(name, buffers, env=gym.make(env_id))
    return root / name


def signed(path: Path, name: str) -> JsonObject:
    """What a config says of a dataset."""
    return {"id": name, "sha256": dataset_sha256(path)}
