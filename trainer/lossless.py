"""Work that SB3's algorithms do and that changes no bit of what they learn: left out here."""

from typing import Any

import torch
from sb3_contrib import QRDQN, TQC, MaskablePPO
from sb3_contrib.common.torch_layers import BatchRenorm
from stable_baselines3 import A2C, DDPG, DQN, PPO, SAC, TD3
from stable_baselines3.common.base_class import BaseAlgorithm
from torch import nn

# Their actor's loss goes through a critic whose own gradients are thrown away right after.
_THROUGH_THE_CRITIC = (SAC, TD3, DDPG, TQC)
# Modules that act otherwise while they train.
_MODAL = (nn.modules.batchnorm._NormBase, nn.modules.dropout._DropoutNd, BatchRenorm)  # noqa: SLF001  # torch names no base
# Their rollouts keep nothing but arrays.
_ROLLOUTS_OF_ARRAYS = (PPO, A2C, MaskablePPO, DQN, QRDQN, SAC, TD3, DDPG, TQC)


def leave_out_unused_gradients(model: BaseAlgorithm) -> None:
    """Spare the critic's weight gradients of the actor's loss, an eighth of an update's arithmetic.

    The critic sees then actions that carry a gradient, and observations that do not: its features
    must have no weights of their own, or the critic's own loss would look the same.
    """
    critic = vars(model).get("critic")
    if not isinstance(model, _THROUGH_THE_CRITIC) or not isinstance(critic, nn.Module):
        return
    if any(True for _ in critic.features_extractor.parameters()):  # type: ignore[union-attr]  # a module
        return
    for network in critic.q_networks:  # type: ignore[union-attr]  # a list of modules
        weights = list(network.parameters())
        network.register_forward_pre_hook(_Freeze(weights))
        network.register_forward_hook(_Thaw(weights), always_call=True)


def switch_modes_only_where_they_differ(model: BaseAlgorithm) -> None:
    """Spare the walk through all modules with which each prediction says again that it does not train.

    Only for networks in which the mode means nothing.
    """
    policy = model.policy
    if any(isinstance(module, _MODAL) for module in policy.modules()):
        return
    switch = policy.set_training_mode

    def set_training_mode(mode: bool) -> None:
        if policy.training != mode:
            switch(mode)

    vars(policy)["set_training_mode"] = set_training_mode


def rollouts_keep_arrays_alone(model: BaseAlgorithm) -> bool:
    """Whether its rollouts may run in torch's inference mode: no tensor of theirs is learnt from."""
    plain = not getattr(model, "use_sde", False)  # gSDE keeps the noise's tensors
    return type(model) in _ROLLOUTS_OF_ARRAYS and plain


class RolloutMode:
    """Torch's inference mode from a rollout's beginning to its end, where `infers` says that it may be."""

    def __init__(self) -> None:
        self.infers = False
        self._mode: torch.inference_mode | None = None

    def open(self) -> None:
        if self.infers and self._mode is None:
            self._mode = torch.inference_mode()
            self._mode.__enter__()

    def close(self) -> None:
        """Record gradients again; also where a rollout was broken off."""
        if self._mode is not None:
            mode, self._mode = self._mode, None
            mode.__exit__(None, None, None)


class _Freeze:
    def __init__(self, weights: list[nn.Parameter]) -> None:
        self._weights = weights

    def __call__(self, _module: nn.Module, inputs: tuple[Any, ...]) -> None:
        if torch.is_grad_enabled() and inputs[0].requires_grad:
            for weight in self._weights:
                weight.requires_grad = False


class _Thaw:
    def __init__(self, weights: list[nn.Parameter]) -> None:
        self._weights = weights

    def __call__(self, *_: object) -> None:
        if not self._weights[0].requires_grad:
            for weight in self._weights:
                weight.requires_grad = True
