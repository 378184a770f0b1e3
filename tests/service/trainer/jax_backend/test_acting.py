"""The actions that numpy finds are those that SBX's own networks answer."""

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from tests.unit.trainer.configs import config
from trainer.algorithms import make_model
from trainer.config import read_config
from trainer.envs import training_envs

pytestmark = [
    pytest.mark.service,
    pytest.mark.timeout(600),  # JAX compiles
    pytest.mark.skipif(find_spec("sbx") is None, reason="needs the extra jax"),
    pytest.mark.filterwarnings("ignore"),  # of JAX's libraries
]


@pytest.mark.parametrize("algo", ["dqn", "sac", "td3", "tqc"])
def test_numpy_acts_as_jax_does(algo: str) -> None:
    document = config(algo, backend="sbx")
    document["hyperparams"]["policy_kwargs"] = {"net_arch": [16, 16], "activation_fn": "tanh"}
    typed = read_config(document)
    venv, _ = training_envs(typed)
    policy: Any = make_model(typed, venv, seed=1, device="cpu").policy
    rows = np.stack([venv.observation_space.sample() for _ in range(9)]).clip(-3, 3).astype(np.float32)
    own: Any = next(kind for kind in type(policy).__mro__ if kind.__module__.startswith("sbx."))
    theirs = np.asarray(own._predict(policy, rows, deterministic=True))
    np.testing.assert_allclose(policy._predict(rows, deterministic=True), theirs, rtol=0, atol=2e-6)
    if algo in {"sac", "tqc"}:
        np.random.seed(1)  # noqa: NPY002  # SB3's own generator
        drawn = policy._predict(np.repeat(rows[:1], 4_000, 0))
        asked = np.asarray(own._predict(policy, np.repeat(rows[:1], 4_000, 0)))
        assert abs(drawn.mean() - asked.mean()) < 0.1
        assert abs(drawn.std() - asked.std()) < 0.1
    venv.close()
