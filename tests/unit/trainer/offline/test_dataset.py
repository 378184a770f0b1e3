"""Datasets are read as they were recorded, and refused where they do not fit."""

from pathlib import Path
from typing import Any

import gymnasium as gym
import h5py
import numpy as np
import pytest
from gymnasium import spaces

from tests.unit.trainer.offline.datasets import flat_file, minari_folder
from trainer.dataset_files import dataset_sha256
from trainer.errors import BadSpec, SpaceMismatch
from trainer.offline.dataset import Recorded, Transitions, read_episodes, transitions, verified

BOX = spaces.Box(-np.inf, np.inf, (2,), np.float32)
TORQUE = spaces.Box(-2.0, 2.0, (1,), np.float32)
TWO = spaces.Discrete(2)


def _episode(steps: int, *, last: bool, terminated: bool, start: float = 0.0) -> Recorded:
    """Observations count up from `start`; actions are halves, rewards tens."""
    rows = np.arange(start, start + steps + last, dtype=np.float32)
    numbers = np.arange(steps, dtype=np.float32)
    return Recorded(np.stack([rows, -rows], axis=1), numbers[:, None] / 8, numbers * 10, terminated)


def _steps(*episodes: Recorded, acted: spaces.Space[Any] = TORQUE) -> Transitions:
    return transitions(list(episodes), "a.hdf5", "Toy-v0", BOX, acted)


def test_each_step_leads_to_what_came_after_it() -> None:
    found = _steps(
        _episode(3, last=True, terminated=True), _episode(2, last=True, terminated=False, start=50.0)
    )
    assert found.observations[found.first, 0].tolist() == [0, 1, 2, 50, 51]
    assert found.observations[found.first + 1, 0].tolist() == [1, 2, 3, 51, 52]
    assert found.terminals[:, 0].tolist() == [0, 0, 1, 0, 0]
    assert found.rewards[:, 0].tolist() == [0, 10, 20, 0, 10]
    assert found.actions[:, 0].tolist() == [0, 0.125, 0.25, 0, 0.125]


def test_the_last_step_of_a_cut_episode_counts_only_where_it_is_known_what_came_after_it() -> None:
    found = _steps(_episode(3, last=False, terminated=False), _episode(2, last=False, terminated=True))
    assert found.observations[found.first, 0].tolist() == [0, 1, 0, 1]
    assert found.terminals[:, 0].tolist() == [0, 0, 0, 1]
    assert found.observations[found.first + 1, 0].tolist()[:3] == [1, 2, 1]


def test_an_hdf5_file_gives_the_episodes_that_were_played(tmp_path: Path) -> None:
    path = flat_file(tmp_path / "a.hdf5", "Pendulum-v1", episodes=2, length=30)
    episodes = read_episodes(path, "a.hdf5")
    assert [len(one.actions) for one in episodes] == [30, 30]
    assert not any(one.terminated for one in episodes)
    env = gym.make("Pendulum-v1")
    first, _ = env.reset(seed=1)
    following, reward, *_ = env.step(episodes[1].actions[0])
    env.close()
    assert np.array_equal(episodes[1].observations[0], first)
    assert np.allclose(episodes[1].observations[1], following)
    assert episodes[1].rewards[0] == pytest.approx(reward)
    found = transitions(episodes, "a.hdf5", "Pendulum-v1", env.observation_space, env.action_space)
    assert len(found) == 58


def test_a_minari_dataset_gives_the_same_steps_as_an_hdf5_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    folder = minari_folder(tmp_path, "cartpole/balancing-v0", "CartPole-v1", episodes=2, length=30)
    recorded = read_episodes(folder, "cartpole/balancing-v0")
    flat = read_episodes(flat_file(tmp_path / "a.hdf5", "CartPole-v1", episodes=2, length=30), "a.hdf5")
    for ours, theirs in zip(recorded, flat, strict=True):
        steps = len(theirs.actions)
        assert len(ours.observations) == steps + 1
        assert np.array_equal(ours.observations[:steps], theirs.observations)
        assert np.array_equal(ours.actions, theirs.actions)
        assert np.array_equal(ours.rewards, theirs.rewards)
        assert ours.terminated is theirs.terminated
    observed, acted = spaces.Box(-np.inf, np.inf, (4,), np.float32), TWO
    found = transitions(recorded, "cartpole/balancing-v0", "CartPole-v1", observed, acted)
    assert len(found) == sum(len(one.actions) for one in recorded)


def _changed(**parts: Any) -> Recorded:
    whole = vars(_episode(3, last=True, terminated=True)) | parts
    return Recorded(**whole)


@pytest.mark.parametrize(
    ("episode", "acted", "refusal", "said"),
    [
        (
            _changed(observations=np.zeros((4, 3))),
            TORQUE,
            SpaceMismatch,
            r"\(3,\), Toy-v0 has \(2,\)",
        ),
        (_changed(actions=np.zeros((3, 2), np.float32)), TORQUE, SpaceMismatch, r"actions of shape \(2,\)"),
        (_changed(actions=np.full((3, 1), 2.5, np.float32)), TORQUE, BadSpec, "takes -2 to 2: clip them"),
        (_changed(), TWO, SpaceMismatch, "continuous actions, Toy-v0 has 2 discrete ones"),
        (_changed(actions=np.array([0, 1, 2])), TWO, SpaceMismatch, "actions from 0 to 2, Toy-v0 has 0 to 1"),
        (_changed(rewards=np.array([0, np.nan, 0], np.float32)), TORQUE, BadSpec, "rewards that are NaN"),
        (
            _changed(observations=np.zeros((9, 2))),
            TORQUE,
            BadSpec,
            "more observations than steps",
        ),
    ],
)
def test_a_dataset_of_another_kind_is_refused_with_a_remedy(
    episode: Recorded, acted: spaces.Space[Any], refusal: type[BadSpec], said: str
) -> None:
    with pytest.raises(refusal, match=said):
        _steps(episode, acted=acted)


def test_an_episode_of_one_cut_step_leaves_nothing_to_learn_from() -> None:
    with pytest.raises(BadSpec, match="no step that can be learnt from"):
        _steps(_episode(1, last=False, terminated=False))


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("observations", data=np.zeros((3, 2)))
    with pytest.raises(BadSpec, match="has no array actions: an HDF5 file needs observations"):
        read_episodes(tmp_path / "a.h5", "a.h5")
    (tmp_path / "b.h5").write_text("no HDF5")
    with pytest.raises(BadSpec, match=r"The dataset b.h5 cannot be read: OSError"):
        read_episodes(tmp_path / "b.h5", "b.h5")


def test_arrays_of_different_lengths_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, length in (("observations", 3), ("actions", 3), ("rewards", 2), ("terminals", 3)):
            file.create_dataset(name, data=np.zeros(length))
    with pytest.raises(BadSpec, match="not of one length"):
        read_episodes(tmp_path / "a.h5", "a.h5")


def test_a_file_without_a_step_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name in ("observations", "actions", "rewards", "terminals"):
            file.create_dataset(name, data=np.zeros(0))
    with pytest.raises(BadSpec, match="holds no episode"):
        read_episodes(tmp_path / "a.h5", "a.h5")


def test_a_dataset_that_is_not_the_signed_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(b"steps")
    assert verified(path, "a.h5", dataset_sha256(path)) == path
    with pytest.raises(BadSpec, match=r"not the one that was approved: .*`signoff datasets`"):
        verified(path, "a.h5", "0" * 64)
    with pytest.raises(BadSpec, match="cannot be read: No such file"):
        verified(tmp_path / "b.h5", "b.h5", "0" * 64)
