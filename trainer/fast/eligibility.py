"""Whether a PPO model is one that the compiled update covers."""

from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3 import PPO
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.torch_layers import FlattenExtractor
from torch import nn

_ACTIVATIONS = (nn.Tanh, nn.ReLU)
_FLOATS = (np.float32, np.float64)


class Unfit(ValueError):
    """The compiled update does not cover this model; the message is what stands in the way."""


def check_spaces(model: PPO) -> None:
    """What can be told before the networks are built.

    :raises Unfit: naming what is not covered.
    """
    observations, actions = model.observation_space, model.action_space
    if model.policy_class is not ActorCriticPolicy:
        raise Unfit(f"its policy is not MlpPolicy but {model.policy_class.__name__}")
    if not _is_of_floats(observations):
        raise Unfit(f"its observations are not a Box of floats but {_short(observations)}")
    if model.use_sde:
        raise Unfit("it explores by state (use_sde)")
    if model.device.type != "cpu":
        raise Unfit(f"it runs on {model.device.type}, not on the CPU")
    _check_actions(actions)


def check_policy(model: PPO) -> None:
    """What the built model tells.

    :raises Unfit: naming what is not covered.
    """
    policy = model.policy
    assert isinstance(policy, ActorCriticPolicy)
    if policy.features_extractor_class is not FlattenExtractor:
        raise Unfit(f"its features come from {policy.features_extractor_class.__name__}")
    if policy.squash_output:
        raise Unfit("it squashes its actions (squash_output)")
    if policy.activation_fn not in _ACTIVATIONS:
        raise Unfit(f"its activation is {policy.activation_fn.__name__}, neither Tanh nor ReLU")
    if any(parameter.dtype != torch.float32 for parameter in policy.parameters()):
        raise Unfit("its weights are not of 32 bits")
    if not all(parameter.requires_grad for parameter in policy.parameters()):
        raise Unfit("some of its weights are frozen")
    _check_optimizer(policy.optimizer)
    if type(model.rollout_buffer) is not RolloutBuffer:
        raise Unfit(f"its rollout buffer is {type(model.rollout_buffer).__name__}")


def _check_actions(actions: spaces.Space[Any]) -> None:
    if isinstance(actions, spaces.Discrete):
        if actions.start == 0:
            return
    elif isinstance(actions, spaces.MultiDiscrete):
        if actions.nvec.ndim == 1:
            return
    elif _is_of_floats(actions):
        return
    raise Unfit(f"its actions are {_short(actions)}")


def _is_of_floats(space: spaces.Space[Any]) -> bool:
    return isinstance(space, spaces.Box) and space.dtype in _FLOATS


def _check_optimizer(optimizer: torch.optim.Optimizer) -> None:
    if type(optimizer) is not torch.optim.Adam:
        raise Unfit(f"its optimizer is {type(optimizer).__name__}, not Adam")
    if len(optimizer.param_groups) != 1:
        raise Unfit("its optimizer has several groups of weights")
    (group,) = optimizer.param_groups
    for name in ("weight_decay", "amsgrad", "maximize", "differentiable", "capturable"):
        if group.get(name):
            raise Unfit(f"its Adam has {name} set")


def _short(space: spaces.Space[Any], limit: int = 60) -> str:
    text = repr(space)
    return text if len(text) <= limit else text[: limit - 1] + "…"
