from typing import Any

import numpy as np
import pytest
from gymnasium import spaces
from stable_baselines3.common.noise import NormalActionNoise
from torch import nn

from tests.unit.trainer.configs import config
from trainer.algorithms import action_noise, check_actions, hyperparameters, make_model, policy_arguments
from trainer.config import read_config
from trainer.envs import training_envs
from trainer.errors import BadSpec
from trainer.schedules import Schedule

BOX = spaces.Box(-1.0, 1.0, (2,))


def _arguments(algo: str, **hyperparams: Any) -> dict[str, Any]:
    return hyperparameters(read_config(config(algo, hyperparams=hyperparams)), BOX)


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
        ("ppo", {"policy_kwargs": {"optimizer_class": "x"}}, "policy_kwargs has no key 'optimizer_class'"),
    ],
)
def test_a_hyperparameter_that_sb3_would_not_take_is_refused(
    algo: str, hyperparams: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadSpec, match=words):
        _arguments(algo, **hyperparams)


def test_policy_arguments_may_be_left_out() -> None:
    assert policy_arguments(None) == {}


def test_an_algorithm_that_cannot_act_there_names_those_that_can() -> None:
    with pytest.raises(BadSpec) as refused:
        check_actions("dqn", "Pendulum-v1", spaces.Box(-2.0, 2.0, (1,)))
    assert str(refused.value) == (
        "DQN needs discrete actions; Pendulum-v1 has Box(-2.0, 2.0, (1,), float32). "
        "Try A2C, DDPG, PPO, SAC, TD3."
    )
    with pytest.raises(BadSpec, match=r"SAC needs continuous \(Box\) actions; X has .* Try A2C, DQN, PPO"):
        check_actions("sac", "X", spaces.Discrete(2))


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
    with pytest.raises(BadSpec, match=f"There is no {'algorithm' if key == 'algo' else 'policy'} '{value}'"):
        make_model(parsed, venv, seed=1, device="cpu")
