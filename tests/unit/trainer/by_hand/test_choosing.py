"""Which of the off-policy algorithms are trained by the code that is written out."""

from typing import Any

import numpy as np
import pytest
from gymnasium import spaces
from stable_baselines3 import SAC

from tests.unit.trainer.by_hand.cases import Noise
from tests.unit.trainer.configs import config
from trainer.algorithms import make_model
from trainer.backends import backend_of
from trainer.by_hand.dqn import DirectDQN
from trainer.by_hand.sac import DirectSAC
from trainer.config import read_config
from trainer.envs import training_envs
from trainer.errors import BadSpec
from trainer.fast.eligibility import Unfit


def _model(algo: str, **changes: Any) -> tuple[Any, Any]:
    document = read_config(config(algo, **changes))
    venv, _ = training_envs(document)
    return make_model(document, venv, seed=1, device="cpu"), document


@pytest.mark.parametrize("algo", ["dqn", "sac", "td3", "ddpg"])
def test_auto_takes_it_where_it_covers_the_model(algo: str) -> None:
    model, document = _model(algo)
    backend = backend_of(model, document.backend)
    assert (backend.name, backend.reason, backend.prepared_s) == ("fast", "covers this model", 0.0)
    assert type(model).__module__.startswith("trainer.by_hand.")


def test_stock_is_stock() -> None:
    model, document = _model("sac", backend="stock")
    assert type(model) is SAC
    assert backend_of(model, document.backend).reason == "asked for"


@pytest.mark.parametrize(
    ("algo", "changes", "reason"),
    [
        ("sac", {"use_sde": True}, "it explores by state (use_sde)"),
        (
            "sac",
            {"policy_kwargs": {"activation_fn": "elu"}},
            "its networks have ELU, neither Tanh nor ReLU",
        ),
        (
            "dqn",
            {"policy_kwargs": {"optimizer_kwargs": {"weight_decay": 0.1}}},
            "its Adam has weight_decay set",
        ),
        ("td3", {"policy_kwargs": {"optimizer_class": "sgd"}}, "its optimizer is SGD, not Adam"),
    ],
)
def test_auto_falls_back_to_stock_and_says_why(algo: str, changes: dict[str, Any], reason: str) -> None:
    changes = {"buffer_size": 100, **changes}
    model, document = _model(algo, hyperparams=changes)
    backend = backend_of(model, document.backend)
    assert (backend.name, backend.reason) == ("stock", reason)
    with pytest.raises(BadSpec) as refused:
        _model(algo, hyperparams=changes, backend="fast")
    assert str(refused.value) == f"backend fast does not cover this model: {reason}. Use auto or stock."


@pytest.mark.parametrize(
    ("kind", "observations", "actions", "words"),
    [
        (DirectDQN, spaces.Box(0, 255, (4,), np.uint8), spaces.Discrete(2), "not a Box of floats"),
        (DirectDQN, spaces.Box(-1, 1, (4,)), spaces.Discrete(2, start=1), "its actions are Discrete"),
        (DirectSAC, spaces.Box(-1, 1, (4,), np.float16), spaces.Box(-1, 1, (2,)), "not a Box of floats"),
    ],
)
def test_spaces_that_are_not_covered_are_named(
    kind: type[Any], observations: Any, actions: Any, words: str
) -> None:
    with pytest.raises(Unfit, match=words):
        kind("MlpPolicy", Noise(actions, observations), buffer_size=10, device="cpu")
