"""Models of both backends are the same files: either goes on from where the other stopped."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.logger import Logger

from tests.unit.trainer.configs import attempt, config
from tests.unit.trainer.fast.cases import make
from trainer.checkpoints import verify
from trainer.errors import Stopped
from trainer.fast.equality import differences
from trainer.fast.ppo import FastPPO
from trainer.train import train

pytestmark = pytest.mark.service

CASES = ("two choices", "shaped spaces, unequal networks", "wide, normalised")


def _learned(kind: type[PPO], case: str) -> Any:
    model = make(kind, case)
    model.learn(3 * model.n_steps * model.n_envs, log_interval=None)
    return model


def _loaded(kind: type[PPO], model: PPO) -> Any:
    file = io.BytesIO()
    model.save(file)
    file.seek(0)
    loaded = kind.load(file, env=model.env, device="cpu")
    loaded.set_logger(Logger(None, []))
    return loaded


def _state(model: PPO) -> list[Any]:
    """Weights, and what Adam remembers of each."""
    state = model.policy.optimizer.state
    return [
        (name, value.detach().clone(), {key: kept.clone() for key, kept in state[value].items()})
        for name, value in model.policy.named_parameters()
    ]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("before", "after"), [(FastPPO, PPO), (PPO, FastPPO), (FastPPO, FastPPO)])
def test_a_saved_model_goes_on_under_the_other_backend(
    before: type[PPO], after: type[PPO], case: str
) -> None:
    first = _learned(before, case)
    second = _loaded(after, first)
    assert type(second) is after
    np.testing.assert_equal(_plain(_state(second)), _plain(_state(first)))
    second.learn(first.n_steps * first.n_envs, reset_num_timesteps=False)
    steps = {float(kept["step"]) for _, _, kept in _state(second)}
    batches = first.n_epochs * -(-first.n_steps * first.n_envs // first.batch_size)
    assert steps == {4.0 * batches}
    assert second._n_updates == 4 * first.n_epochs


def _plain(state: list[Any]) -> list[Any]:
    return [
        (name, value.numpy(), {key: one.numpy() for key, one in kept.items()}) for name, value, kept in state
    ]


@pytest.mark.parametrize("case", CASES)
def test_a_stock_model_that_goes_on_fast_learns_what_stock_would(case: str) -> None:
    resumed = _loaded(FastPPO, _learned(PPO, case))
    resumed._last_obs = None
    assert [str(one) for one in differences(resumed)] == []


def test_weights_set_from_outside_are_heeded_at_once() -> None:
    """A callback, or `set_parameters`, may change the policy between any two rollouts."""
    model = _learned(FastPPO, "two choices")
    with torch.no_grad():
        for parameter in model.policy.parameters():
            parameter.zero_()
    model.policy.optimizer.state.clear()
    assert [str(one) for one in differences(model)] == []


def test_a_checkpoint_of_one_backend_is_resumed_by_the_other(tmp_path: Path) -> None:
    document = config("ppo", total_timesteps=64, eval={**config()["eval"], "interim": {"points": 0}})
    one = attempt(tmp_path / "stock", {**document, "backend": "stock"})
    train(one)
    longer = {**document, "total_timesteps": 96, "backend": "fast"}
    two = attempt(tmp_path / "fast", longer, resume_from=str(one.folder / str(one.checkpoint)), attempt=2)
    train(two)
    assert (one.backend and one.backend.name, two.backend and two.backend.name) == ("stock", "fast")
    assert two.timesteps == 96
    assert two.checkpoint is not None
    manifest = verify(two.folder / two.checkpoint)
    assert manifest.counters["_n_updates"] == 2 * 96 // 16


def test_the_result_says_what_trained(tmp_path: Path) -> None:
    one = attempt(tmp_path / "run", config("ppo"))
    train(one)
    assert one.backend is not None
    assert (one.backend.name, one.backend.reason) == ("fast", "covers this model")


def test_a_stop_ends_a_long_update_between_its_epochs() -> None:
    model = make(FastPPO, "two choices")
    model.n_epochs = 1_000

    def stop(*_: object) -> None:
        raise Stopped("enough")

    model.policy.optimizer.register_step_post_hook(stop)
    before = _plain(_state(model))
    with pytest.raises(Stopped):
        model.learn(model.n_steps * model.n_envs, log_interval=None)
    steps = float(model.policy.optimizer.state[model.policy.action_net.weight]["step"])
    assert 0 < steps < 1_000 * 4
    assert not np.array_equal(before[0][1], _plain(_state(model))[0][1]), "what was learned is lost"
