from typing import Any

import pytest
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback

from tests.unit.trainer.configs import config
from trainer.algorithms import make_model
from trainer.checkpoints import weights_hash
from trainer.config import read_config
from trainer.envs import training_envs
from trainer.lossless import (
    RolloutMode,
    leave_out_unused_gradients,
    rollouts_keep_arrays_alone,
    switch_modes_only_where_they_differ,
)


def _model(algo: str, **changes: Any) -> BaseAlgorithm:
    document = read_config({**config(algo), "backend": "stock", **changes})
    venv, _ = training_envs(document)
    return make_model(document, venv, seed=1, device="cpu")


class _Inferring(BaseCallback):
    def __init__(self) -> None:
        super().__init__()
        self.mode = RolloutMode()
        self.seen: set[bool] = set()

    def _on_training_start(self) -> None:
        self.mode.infers = rollouts_keep_arrays_alone(self.model)

    def _on_rollout_start(self) -> None:
        self.mode.open()

    def _on_step(self) -> bool:
        self.seen.add(torch.is_inference_mode_enabled())
        return True

    def _on_rollout_end(self) -> None:
        self.mode.close()


@pytest.mark.parametrize("algo", ["sac", "td3", "ddpg", "tqc"])
def test_sparing_the_critics_gradients_changes_no_bit(algo: str) -> None:
    plain = _model(algo).learn(120)
    spared = _model(algo)
    leave_out_unused_gradients(spared)
    spared.learn(120)
    assert weights_hash(plain) == weights_hash(spared)
    assert all(weight.requires_grad for weight in spared.policy.parameters() if weight.ndim > 1)


def test_the_actors_loss_leaves_the_critic_without_gradients() -> None:
    model = _model("sac")
    leave_out_unused_gradients(model)
    critic: Any = model.policy.critic
    observations = torch.zeros(4, 3)
    wanted = torch.zeros(4, 1, requires_grad=True)
    torch.cat(critic(observations, wanted)).sum().backward()  # type: ignore[no-untyped-call]  # torch's
    assert wanted.grad is not None
    assert all(weight.grad is None for weight in critic.parameters())
    torch.cat(critic(observations, wanted.detach())).sum().backward()  # type: ignore[no-untyped-call]  # torch's
    assert all(weight.grad is not None for weight in critic.parameters())


@pytest.mark.parametrize("algo", ["ppo", "a2c", "dqn", "qrdqn", "sac", "td3", "ddpg", "tqc"])
def test_rollouts_in_inference_mode_change_no_bit(algo: str) -> None:
    plain, callback = _model(algo).learn(120), _Inferring()
    inferring = _model(algo).learn(120, callback)
    assert callback.seen == {True}
    assert weights_hash(plain) == weights_hash(inferring)
    assert not torch.is_inference_mode_enabled()


def test_noise_that_is_kept_as_tensors_is_made_outside_of_it() -> None:
    env = {"id": "Pendulum-v1"}
    sde = _model("a2c", env=env, hyperparams={"use_sde": True, "n_steps": 8})
    assert not rollouts_keep_arrays_alone(sde)
    assert rollouts_keep_arrays_alone(_model("a2c"))


@pytest.mark.parametrize("algo", ["dqn", "sac", "a2c"])
def test_switching_modes_only_where_they_differ_changes_no_bit(algo: str) -> None:
    plain = _model(algo).learn(120)
    quiet = _model(algo)
    switch_modes_only_where_they_differ(quiet)
    quiet.learn(120)
    assert weights_hash(plain) == weights_hash(quiet)
    assert quiet.policy.training == plain.policy.training
    quiet.policy.set_training_mode(not quiet.policy.training)
    assert quiet.policy.training != plain.policy.training


def test_networks_with_batch_normalisation_are_left_alone() -> None:
    model = _model("crossq", env={"id": "Pendulum-v1"}, hyperparams={"learning_starts": 50, "batch_size": 16})
    switch_modes_only_where_they_differ(model)
    assert "set_training_mode" not in vars(model.policy)
