"""Whether a model is one whose gradients are written out here."""

from collections.abc import Iterable

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.torch_layers import FlattenExtractor
from torch import nn

from trainer.by_hand.network import layers
from trainer.fast.eligibility import Unfit

_FLOATS = (np.float32, np.float64)


def check_spaces(model: OffPolicyAlgorithm, policy: type[BasePolicy]) -> None:
    """What can be told before the networks are built.

    :raises Unfit: naming what is not covered.
    """
    observations, actions = model.observation_space, model.action_space
    if model.policy_class is not policy:
        raise Unfit(f"its policy is not MlpPolicy but {model.policy_class.__name__}")
    if not isinstance(observations, spaces.Box) or observations.dtype not in _FLOATS:
        raise Unfit(f"its observations are not a Box of floats but {_short(observations)}")
    if isinstance(actions, spaces.Discrete) and actions.start != 0:
        raise Unfit(f"its actions are {_short(actions)}")
    if model.use_sde:
        raise Unfit("it explores by state (use_sde)")
    if model.device.type != "cpu":
        raise Unfit(f"it runs on {model.device.type}, not on the CPU")


def check_networks(
    policy: BasePolicy, networks: Iterable[nn.Module], optimizers: Iterable[torch.optim.Optimizer]
) -> None:
    """What the built model tells.

    :raises Unfit: naming what is not covered.
    """
    if policy.features_extractor_class is not FlattenExtractor:
        raise Unfit(f"its features come from {policy.features_extractor_class.__name__}")
    for network in networks:
        try:
            layers(network)
        except TypeError as error:
            raise Unfit(f"its networks have {error}, neither Tanh nor ReLU") from error
    if any(parameter.dtype != torch.float32 for parameter in policy.parameters()):
        raise Unfit("its weights are not of 32 bits")
    for optimizer in optimizers:
        _check_optimizer(optimizer)


def _check_optimizer(optimizer: torch.optim.Optimizer) -> None:
    if type(optimizer) is not torch.optim.Adam:
        raise Unfit(f"its optimizer is {type(optimizer).__name__}, not Adam")
    if len(optimizer.param_groups) != 1:
        raise Unfit("its optimizer has several groups of weights")
    (group,) = optimizer.param_groups
    for name in ("weight_decay", "amsgrad", "maximize", "differentiable", "capturable"):
        if group.get(name):
            raise Unfit(f"its Adam has {name} set")


def _short(space: spaces.Space[object], limit: int = 60) -> str:
    text = repr(space)
    return text if len(text) <= limit else text[: limit - 1] + "…"
