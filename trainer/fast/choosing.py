"""A policy's best actions without the work of torch around them, for evaluations of a few at a time."""

from typing import Any

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy
from torch import nn

from trainer.fast.arrays import Floats
from trainer.fast.flat import linear_layers


def best_actions(policy: ActorCriticPolicy, observations: Any) -> Any:
    """What `policy.predict(observations, deterministic=True)` answers for a batch, but for rounding.

    `observations` is [count, ...] of a Box; the policy is one that `trainer.fast` covers. Reads the
    parameters anew each time, so that it never answers for older ones.
    """
    means = _outputs(policy, observations)
    space = policy.action_space
    match space:
        case spaces.Discrete():
            return means.argmax(axis=1) + space.start
        case spaces.MultiDiscrete():
            ends = np.cumsum(space.nvec)[:-1]
            return np.stack([part.argmax(axis=1) for part in np.split(means, ends, axis=1)], axis=1)
        case spaces.Box():
            return np.clip(means.reshape(-1, *space.shape), space.low, space.high)
    raise TypeError(f"no actions of {space} are covered")


def _outputs(policy: ActorCriticPolicy, observations: Any) -> Floats:
    values: Floats = np.asarray(observations, np.float32).reshape(len(observations), -1)
    *hidden, head = linear_layers(policy.mlp_extractor.policy_net, policy.action_net)
    for layer in hidden:
        values = _apply(layer, values)
        values = np.maximum(values, 0) if policy.activation_fn is nn.ReLU else np.tanh(values)
    return _apply(head, values)


def _apply(layer: nn.Linear, values: Floats) -> Floats:
    applied: Floats = values @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()
    return applied
