"""What a config may ask of SBX. None of this needs JAX."""

from importlib.util import find_spec
from typing import Any

import pytest

from tests.unit.trainer.configs import config
from trainer.algorithms import make_model
from trainer.backends import JAX_ALGORITHMS
from trainer.config import read_config
from trainer.contract import Backend
from trainer.envs import training_envs
from trainer.errors import BadSpec
from trainer.jax_backend.settings import one_process_one_core


def _make(algo: str, device: str = "cpu") -> Any:
    document = read_config(config(algo, backend="sbx"))
    venv, _ = training_envs(document)
    return make_model(document, venv, seed=1, device=device)


@pytest.mark.parametrize("algo", ["ppo", "a2c", "ddpg", "qrdqn"])
def test_algorithms_that_it_does_not_train_are_refused(algo: str) -> None:
    with pytest.raises(BadSpec) as refused:
        _make(algo)
    assert str(refused.value) == (
        f"backend sbx trains crossq, dqn, sac, td3, tqc, not {algo}. Use auto or stock."
    )


@pytest.mark.skipif(find_spec("sbx") is not None, reason="the extra jax is installed")
@pytest.mark.parametrize("algo", JAX_ALGORITHMS)
def test_a_missing_extra_is_named(algo: str) -> None:
    with pytest.raises(BadSpec, match=r"backend sbx needs the extra jax \(pip install 'signoff\[jax\]'\)"):
        _make(algo)


def test_results_may_name_it() -> None:
    assert Backend(name="sbx", reason="asked for").name == "sbx"


def test_jax_is_held_to_one_thread_where_the_run_has_one() -> None:
    environment = {"XLA_FLAGS": "--xla_dump_to=/x"}
    one_process_one_core(environment, 1)
    assert environment == {
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_dump_to=/x --xla_cpu_multi_thread_eigen=false",
    }


def test_what_was_set_before_stays() -> None:
    environment = {"JAX_PLATFORMS": "cuda", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=true"}
    before = dict(environment)
    one_process_one_core(environment, 1)
    assert environment == before
    free: dict[str, str] = {}
    one_process_one_core(free, 4)
    assert free == {"JAX_PLATFORMS": "cpu"}
