import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.unit.trainer import environments
from tests.unit.trainer.configs import attempt, config
from trainer.acting import deterministic
from trainer.algorithms import make_model
from trainer.config import read_config
from trainer.envs import training_envs
from trainer.errors import BadSpec
from trainer.evaluate import Yardstick
from trainer.train import choose_device, evaluate_final

environments.register()


def _never() -> None:
    pass


def test_the_policy_is_fed_with_the_observations_that_it_was_trained_on() -> None:
    document = read_config(config(env={"id": "CartPole-v1", "normalize": {}}))
    venv, normalization = training_envs(document)
    assert normalization is not None
    model = make_model(document, venv, seed=1, device="cpu")
    model.learn(64)
    statistics = vars(normalization.obs_rms)["mean"].copy()
    observations = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    act = deterministic(model, normalization)
    expected, _ = model.predict(normalization.normalize_obs(observations), deterministic=True)
    assert np.array_equal(act(observations), expected)
    Yardstick(document.eval).play(act, [1, 2], check=_never)
    assert np.array_equal(vars(normalization.obs_rms)["mean"], statistics)


def test_a_gpu_that_is_not_there_is_a_bad_spec_and_small_networks_stay_on_the_cpu() -> None:
    assert choose_device("auto", "MlpPolicy") == "cpu"
    assert choose_device("cpu", "CnnPolicy") == "cpu"
    if not torch.cuda.is_available():
        with pytest.raises(BadSpec, match="torch sees none"):
            choose_device("cuda", "MlpPolicy")


def test_the_final_evaluation_notes_every_episode_and_their_means(tmp_path: Path) -> None:
    document = config()
    document["eval"] = {
        "env": {"id": "SignoffTest/Counter-v0"},
        "n_eval_episodes": 4,
        "metrics": {"power": {"info_key": "energy", "aggregation": "last"}},
    }
    one = attempt(tmp_path, document)
    said = evaluate_final(
        one, Yardstick(one.config.eval), lambda observations: np.ones(len(observations), dtype=np.int64)
    )
    assert said.startswith("Trained 0 steps; final reward ")
    assert said.endswith("over 4 episodes.")
    assert one.n_eval_episodes == 4
    assert one.metrics["power"] == one.metrics["final_reward"] == one.metrics["episode_length"]
    header, *lines = (tmp_path / "episodes.csv").read_text().splitlines()
    assert header == "episode,seed,final_reward,episode_length,oscillation,power"
    assert len(lines) == 4
    assert json.loads((tmp_path / "progress.json").read_text())["phase"] == "evaluating"
