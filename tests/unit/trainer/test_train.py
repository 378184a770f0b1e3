import csv
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
from trainer.contract import ExitCode
from trainer.envs import training_envs
from trainer.errors import BadSpec
from trainer.evaluate import Yardstick
from trainer.train import choose_device, evaluate_final, train

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


def test_exploration_is_never_said_to_be_over_before_it_has_begun(tmp_path: Path) -> None:
    document = config("dqn", env={"id": "SignoffTest/Counter-v0", "max_episode_steps": 1})
    document["eval"]["env"] = {"id": "SignoffTest/Counter-v0"}
    train(attempt(tmp_path, document))
    with (tmp_path / "metrics.csv").open() as file:
        rates = [row["exploration_rate"] for row in csv.DictReader(file)]
    assert rates
    assert not [rate for rate in rates if rate and float(rate) <= 0]


def test_a_result_says_how_far_the_curriculum_came(tmp_path: Path) -> None:
    stages = [
        {"until": {"timesteps": 64}, "env": {"kwargs": {"reward_scale": 3.0}}},
        {"until": {"return_at_least": 1e9}, "env": {"kwargs": {"reward_scale": 2.0}}},
    ]
    document = config("ppo", env={"id": "SignoffTest/Counter-v0"}, curriculum=stages)
    document["eval"]["env"] = {"id": "SignoffTest/Counter-v0"}
    one = attempt(tmp_path, document)
    said = train(one)
    reached = one.result(ExitCode.FINISHED, said).curriculum
    assert reached is not None
    assert (reached.stage, reached.stages) == (2, 3)
    assert len(reached.entered_at) == 1
    assert 64 <= reached.entered_at[0] < 64 + document["n_envs"]
    assert said.endswith("It ended in stage 2 of 3 of its curriculum.")
