from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stable_baselines3 import HerReplayBuffer
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm

from tests.unit.trainer import environments
from tests.unit.trainer.configs import OFF_POLICY, config
from trainer.algorithms import make_model
from trainer.config import read_config
from trainer.envs import training_envs
from trainer.replay import load_replay, save_replay

environments.register()


def _model(**buffer: Any) -> OffPolicyAlgorithm:
    hyperparams = {**OFF_POLICY, "replay_buffer": {"class": "her", **buffer}}
    reach = {"id": "SignoffTest/Reach-v0"}
    document = config("sac", policy="MultiInputPolicy", env=reach, hyperparams=hyperparams, n_envs=2)
    document["hyperparams"]["learning_starts"] = 100
    parsed = read_config(document)
    venv, _ = training_envs(parsed)
    model = make_model(parsed, venv, seed=1, device="cpu")
    assert isinstance(model, OffPolicyAlgorithm)
    return model


def test_whole_episodes_come_back_and_unfinished_ones_end(tmp_path: Path) -> None:
    model = _model()
    model.learn(140)  # one episode of 50 steps in each environment, and 20 steps of the next
    assert save_replay(model, tmp_path / "replay.npz")
    again = _model()
    assert load_replay(again, tmp_path / "replay.npz")
    ours, theirs = model.replay_buffer, again.replay_buffer
    assert isinstance(ours, HerReplayBuffer)
    assert isinstance(theirs, HerReplayBuffer)
    np.testing.assert_array_equal(ours.rewards[:70], theirs.rewards[:70])
    np.testing.assert_array_equal(theirs.ep_length[:50], 50)
    np.testing.assert_array_equal(theirs.ep_length[50:70], 20)
    assert theirs.timeouts[69].all()
    theirs.sample(16)


def test_a_buffer_that_holds_objects_is_not_saved(tmp_path: Path) -> None:
    model = _model(copy_info_dict=True)
    model.learn(110)
    assert not save_replay(model, tmp_path / "replay.npz")
    assert not load_replay(_model(), tmp_path / "replay.npz")


@pytest.mark.parametrize("other", [{"n_sampled_goal": 8}, {"goal_selection_strategy": "final"}])
def test_hindsight_of_another_kind_reads_the_same_steps(other: dict[str, Any], tmp_path: Path) -> None:
    model = _model()
    model.learn(110)
    save_replay(model, tmp_path / "replay.npz")
    assert load_replay(_model(**other), tmp_path / "replay.npz")
