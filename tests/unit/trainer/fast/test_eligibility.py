from typing import Any

import numpy as np
import pytest
import torch
from gymnasium import spaces
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import DummyVecEnv
from torch import nn

from tests.unit.trainer.configs import config
from tests.unit.trainer.fast.cases import CASES, Noise, box, make, small_box
from trainer.algorithms import make_model
from trainer.backends import backend_of
from trainer.config import read_config
from trainer.envs import training_envs
from trainer.errors import BadSpec
from trainer.fast.eligibility import Unfit
from trainer.fast.ppo import FastPPO

pytestmark = pytest.mark.filterwarnings("ignore:You have specified a mini-batch size:UserWarning")

PLAIN: dict[str, Any] = {"actions": spaces.Discrete(2), "observations": box(4)}


def _fast(policy: str = "MlpPolicy", **case: Any) -> FastPPO:
    case = {**PLAIN, **case}
    actions, observations = case.pop("actions"), case.pop("observations")
    venv = DummyVecEnv([lambda: Noise(actions, observations)])
    return FastPPO(policy, venv, n_steps=32, batch_size=16, device="cpu", **case)


@pytest.mark.parametrize("case", CASES)
def test_each_of_the_compared_cases_is_covered(case: str) -> None:
    make(FastPPO, case)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"actions": spaces.MultiBinary(3)}, r"its actions are MultiBinary\(3\)"),
        ({"actions": spaces.Discrete(2, start=1)}, r"its actions are Discrete\(2, start=1\)"),
        ({"observations": spaces.Box(0, 255, (4,), np.uint8)}, "its observations are not a Box of floats"),
        ({"observations": box(4, dtype=np.float16)}, "its observations are not a Box of floats"),
        ({"actions": spaces.Box(-3, 3, (2,), np.int64)}, r"its actions are Box\(-3, 3, \(2,\), int64\)"),
        ({"observations": spaces.Discrete(5)}, r"not a Box of floats but Discrete\(5\)"),
        ({"actions": small_box(2), "use_sde": True}, r"it explores by state \(use_sde\)"),
        ({"policy_kwargs": {"activation_fn": nn.ELU}}, "its activation is ELU, neither Tanh nor ReLU"),
        ({"policy_kwargs": {"optimizer_class": torch.optim.SGD}}, "its optimizer is SGD, not Adam"),
        (
            {"policy_kwargs": {"optimizer_kwargs": {"weight_decay": 0.1}}},
            "its Adam has weight_decay set",
        ),
        ({"policy_kwargs": {"optimizer_kwargs": {"amsgrad": True}}}, "its Adam has amsgrad set"),
    ],
)
def test_what_the_compiled_code_does_not_cover_is_named(case: dict[str, Any], words: str) -> None:
    with pytest.raises(Unfit, match=words):
        _fast(**case)


def test_a_policy_for_pictures_is_not_covered() -> None:
    with pytest.raises(Unfit, match="its policy is not MlpPolicy but ActorCriticCnnPolicy"):
        _fast("CnnPolicy", observations=spaces.Box(0, 255, (36, 36, 3), np.uint8))


def _model(algo: str = "ppo", **changes: Any) -> Any:
    document = read_config(config(algo, **changes))
    venv, _ = training_envs(document)
    return make_model(document, venv, seed=1, device="cpu"), document


def test_stock_is_taken_where_it_is_asked_for() -> None:
    model, document = _model(backend="stock")
    assert type(model) is PPO
    assert backend_of(model, document.backend).model_dump() == {
        "name": "stock",
        "reason": "asked for",
        "prepared_s": 0.0,
    }


@pytest.mark.parametrize(
    ("algo", "changes", "reason"),
    [
        ("a2c", {}, "A2C has no fast path"),
        (
            "ppo",
            {"hyperparams": {"n_steps": 16, "batch_size": 16, "policy_kwargs": {"activation_fn": "elu"}}},
            "its activation is ELU, neither Tanh nor ReLU",
        ),
    ],
)
def test_auto_falls_back_to_stock_and_says_why(algo: str, changes: dict[str, Any], reason: str) -> None:
    model, document = _model(algo, **changes)
    assert not isinstance(model, FastPPO)
    backend = backend_of(model, document.backend)
    assert (backend.name, backend.reason) == ("stock", reason)


@pytest.mark.parametrize(
    ("algo", "hyperparams", "words"),
    [
        ("a2c", {}, "backend fast trains PPO, DQN, SAC, TD3, DDPG, not A2C. Use auto"),
        (
            "ppo",
            {"n_steps": 16, "batch_size": 16, "policy_kwargs": {"activation_fn": "gelu"}},
            "backend fast does not cover this model: its activation is GELU, neither Tanh nor ReLU. Use auto",
        ),
    ],
)
def test_fast_is_refused_where_it_cannot_be(algo: str, hyperparams: dict[str, Any], words: str) -> None:
    with pytest.raises(BadSpec) as refused:
        _model(algo, hyperparams=hyperparams, backend="fast")
    assert str(refused.value) == f"{words} or stock."
