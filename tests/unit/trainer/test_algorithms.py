from typing import Any

import numpy as np
import pytest
import torch
from gymnasium import spaces
from stable_baselines3 import PPO, HerReplayBuffer
from stable_baselines3.common.noise import NormalActionNoise, OrnsteinUhlenbeckActionNoise
from stable_baselines3.common.torch_layers import FlattenExtractor
from torch import nn

from tests.unit.trainer import environments
from tests.unit.trainer.configs import config
from trainer.algorithms import KINDS, check_actions, make_model
from trainer.config import read_config
from trainer.contract import JsonObject
from trainer.envs import training_envs
from trainer.errors import BadSpec, SpaceMismatch
from trainer.hyperparameters import action_noise, hyperparameters, replay_buffer
from trainer.policy_arguments import policy_arguments
from trainer.schedules import Schedule

environments.register()

BOX = spaces.Box(-1.0, 1.0, (2,))


def _arguments(algo: str, **hyperparams: Any) -> dict[str, Any]:
    kind = KINDS[algo]
    return hyperparameters(kind.title, kind.model, read_config(config(algo, hyperparams=hyperparams)), BOX)


def test_hyperparameters_become_arguments_of_sb3() -> None:
    arguments = _arguments(
        "ppo",
        learning_rate={"schedule": "linear", "start": 0.001, "end": 0.0},
        gamma=1,
        target_kl=None,
        policy_kwargs={"net_arch": {"pi": [8], "vf": [4]}, "activation_fn": "relu", "ortho_init": False},
    )
    assert arguments == {
        "learning_rate": Schedule("linear", 0.001, 0.0),
        "gamma": 1,
        "target_kl": None,
        "policy_kwargs": {"net_arch": {"pi": [8], "vf": [4]}, "activation_fn": nn.ReLU, "ortho_init": False},
    }


def test_a_training_frequency_may_count_episodes() -> None:
    assert _arguments("sac", train_freq=[2, "episode"]) == {"train_freq": (2, "episode")}
    assert _arguments("sac", train_freq=8) == {"train_freq": 8}


def test_action_noise_has_one_value_for_each_action() -> None:
    noise = action_noise({"kind": "normal", "sigma": 0.1}, BOX)
    assert isinstance(noise, NormalActionNoise)
    assert np.asarray(noise()).shape == (2,)
    assert action_noise(None, BOX) is None


@pytest.mark.parametrize(
    ("algo", "hyperparams", "words"),
    [
        (
            "ppo",
            {"lerning_rate": 0.1},
            "PPO has no hyperparameter 'lerning_rate'; did you mean learning_rate",
        ),
        ("ppo", {"seed": 3}, "no hyperparameter 'seed'"),
        ("ppo", {"gamma": "0.9"}, "gamma must be float; it is '0.9'"),
        ("ppo", {"gamma": 1.5}, "gamma must be from 0 to 1; it is 1.5"),
        ("ppo", {"n_steps": 2.5}, "n_steps must be int; it is 2.5"),
        ("ppo", {"n_steps": True}, "n_steps must be int; it is True"),
        ("ppo", {"n_steps": 0}, "n_steps must be at least 1; it is 0"),
        ("ppo", {"learning_rate": "fast"}, "learning_rate must be float or a schedule; it is 'fast'"),
        ("ppo", {"learning_rate": -1.0}, "learning_rate must be at least 0"),
        ("sac", {"train_freq": [1, "day"]}, "train_freq must be a count"),
        ("sac", {"ent_coef": [1]}, "ent_coef must be"),
        ("td3", {"action_noise": {"kind": "pink", "sigma": 1}}, "action_noise must be an object"),
        ("ppo", {"policy_kwargs": {"net_arch": [64, "big"]}}, "net_arch must be sizes"),
        ("ppo", {"policy_kwargs": {"net_arch": {"pi": [8]}}}, "net_arch must be sizes"),
        ("ppo", {"policy_kwargs": {"activation_fn": "eval"}}, "activation_fn must be one of"),
        ("ppo", {"policy_kwargs": {"optimizer_class": "x"}}, "optimizer_class must be one of adam"),
        ("ppo", {"policy_kwargs": {"n_quantiles": 5}}, "policy_kwargs has no key 'n_quantiles'"),
        ("ppo", {"policy_kwargs": {"optimizer_kwargs": {"lr": 1}}}, "optimizer_kwargs has no key 'lr'"),
        ("tqc", {"policy_kwargs": {"n_quantiles": 0}}, "n_quantiles must be at least 1; it is 0"),
        ("tqc", {"policy_kwargs": {"log_std_init": "low"}}, "log_std_init must be float; it is 'low'"),
        ("ppo", {"replay_buffer": {"class": "her"}}, "PPO has no hyperparameter 'replay_buffer'"),
        ("sac", {"replay_buffer": "her"}, "replay_buffer must be an object"),
        ("sac", {"replay_buffer": {"class": "standard", "n_sampled_goal": 4}}, "no key 'n_sampled_goal'"),
        ("sac", {"replay_buffer": {"class": "her", "goal_selection_strategy": "past"}}, "future, final"),
        ("td3", {"action_noise": {"kind": "normal", "sigma": [0.1, 0.1, 0.1]}}, "lists of 2 numbers"),
        ("td3", {"action_noise": {"kind": "ornstein-uhlenbeck", "sigma": 1, "dt": 0}}, "dt must be"),
    ],
)
def test_a_hyperparameter_that_sb3_would_not_take_is_refused(
    algo: str, hyperparams: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadSpec, match=words):
        _arguments(algo, **hyperparams)


def test_policy_arguments_may_be_left_out() -> None:
    assert policy_arguments(None, PPO.policy_aliases["MlpPolicy"]) == {}


def test_classes_of_the_policy_are_named_and_their_arguments_are_data() -> None:
    policy_kwargs: JsonObject = {
        "optimizer_class": "adamw",
        "optimizer_kwargs": {"weight_decay": 0.01, "betas": [0.8, 0.99], "eps": None},
        "features_extractor_class": "flatten",
    }
    assert policy_arguments(policy_kwargs, PPO.policy_aliases["MlpPolicy"]) == {
        "optimizer_class": torch.optim.AdamW,
        "optimizer_kwargs": {"weight_decay": 0.01, "betas": (0.8, 0.99)},
        "features_extractor_class": FlattenExtractor,
    }


def test_a_replay_buffer_with_hindsight_is_data() -> None:
    assert replay_buffer(None) == {}
    assert replay_buffer({"class": "her", "n_sampled_goal": 2}) == {
        "replay_buffer_class": HerReplayBuffer,
        "replay_buffer_kwargs": {"n_sampled_goal": 2},
    }


def test_noise_may_differ_from_action_to_action() -> None:
    noise = action_noise({"kind": "ornstein-uhlenbeck", "sigma": [0.0, 0.5], "mean": [1, 0], "theta": 1}, BOX)
    assert isinstance(noise, OrnsteinUhlenbeckActionNoise)
    noise()
    assert noise.noise_prev[0] == pytest.approx(0.01)


def test_hindsight_needs_goals_and_whole_episodes() -> None:
    her = {"buffer_size": 500, "learning_starts": 20, "replay_buffer": {"class": "her"}}
    with pytest.raises(SpaceMismatch, match="needs an environment with goals"):
        _make(config("sac", hyperparams=her))
    reach = {"id": "SignoffTest/Reach-v0"}
    goals = config("sac", policy="MultiInputPolicy", env=reach, hyperparams=her)
    with pytest.raises(BadSpec, match=r"set hyperparams\.learning_starts to at least 50; it is 20"):
        _make(goals)
    goals["reward"] = {"action_change_penalty": 0.1}
    with pytest.raises(BadSpec, match="cannot work out reward terms for other goals"):
        _make(goals)
    goals["reward"] = {}
    goals["hyperparams"]["learning_starts"] = 50
    _make(goals)


def test_a_policy_that_does_not_fit_what_is_observed_names_one_that_does() -> None:
    with pytest.raises(SpaceMismatch, match="observes named parts; use MultiInputPolicy"):
        _make(config("sac", env={"id": "SignoffTest/Reach-v0"}))
    with pytest.raises(SpaceMismatch, match="observes one array; use MlpPolicy"):
        _make(config("ppo", policy="MultiInputPolicy"))


def test_words_are_observed_by_no_policy() -> None:
    pytest.importorskip("minigrid")
    grid = {"id": "MiniGrid-Empty-5x5-v0"}
    with pytest.raises(SpaceMismatch, match=r"mission as MissionSpace, .* use the wrapper minigrid_flat"):
        _make(config("ppo", policy="MultiInputPolicy", env=grid))


def test_masks_are_asked_for_before_training() -> None:
    with pytest.raises(BadSpec, match=r"CartPole-v1 has no method action_masks\(\)"):
        _make(config("maskable_ppo", env={"id": "CartPole-v1"}))


def _make(document: dict[str, Any]) -> None:
    parsed = read_config(document)
    venv, _ = training_envs(parsed)
    make_model(parsed, venv, seed=1, device="cpu")


def test_an_algorithm_that_cannot_act_there_names_those_that_can() -> None:
    with pytest.raises(SpaceMismatch) as refused:
        check_actions("dqn", "Pendulum-v1", spaces.Box(-2.0, 2.0, (1,)))
    assert str(refused.value) == (
        "DQN needs discrete actions; Pendulum-v1 has Box(1). Try SAC, TD3, TQC or PPO."
    )
    with pytest.raises(SpaceMismatch) as refused:
        check_actions("sac", "X", spaces.Discrete(2))
    assert str(refused.value) == (
        "SAC needs continuous actions; X has Discrete(2). Try PPO, DQN, QR-DQN or A2C."
    )


def test_what_sb3_itself_refuses_is_a_bad_spec() -> None:
    document = read_config(config("ppo", hyperparams={"n_steps": 1, "batch_size": 1}))
    venv, _ = training_envs(document)
    with pytest.raises(BadSpec, match="PPO refuses these hyperparameters"):
        make_model(document, venv, seed=1, device="cpu")


@pytest.mark.parametrize(("key", "value"), [("algo", "alphago"), ("policy", "os.system")])
def test_names_outside_the_list_are_refused(key: str, value: str) -> None:
    document = config()
    document[key] = value
    parsed = read_config(document)
    venv, _ = training_envs(parsed)
    words = f"There is no algorithm '{value}'" if key == "algo" else f"PPO has no policy '{value}'; use Mlp"
    with pytest.raises(BadSpec, match=words):
        make_model(parsed, venv, seed=1, device="cpu")
