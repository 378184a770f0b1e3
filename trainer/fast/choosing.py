"""A policy's best actions from compiled code, for evaluations of a few observations at a time."""

from typing import Any

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy

from trainer.fast.arrays import Floats
from trainer.fast.flat import FlatPolicy
from trainer.fast.network import OUT_AT, OUT_ROW, OUTPUTS
from trainer.fast.rollout import evaluate
from trainer.fast.update import BLOCK, POLICY_LAYERS


class BestActions:
    """What `policy.predict(observations, deterministic=True)` answers for a batch, but for rounding.

    The policy is one that `trainer.fast` covers. Holds a copy of its parameters: what is learned later
    does not change the answers.
    """

    def __init__(self, policy: ActorCriticPolicy) -> None:
        self._space, self._kind = policy.action_space, policy.observation_space.dtype
        flat = FlatPolicy(policy)
        flat.read()
        self._parameters, self._work, self._shape = flat.parameters, flat.work, flat.shape
        # The kernel that asks the critic, for a table in which the actor stands in its place.
        self._table = flat.table[: flat.shape[POLICY_LAYERS]]
        self._shape[POLICY_LAYERS] = 0
        self._firsts = np.empty(BLOCK, np.float32)
        at, row, width = (int(self._table[-1, column]) for column in (OUT_AT, OUT_ROW, OUTPUTS))
        self._outputs: Floats = self._work[at : at + BLOCK * row].reshape(BLOCK, row)[:, :width]

    def __call__(self, observations: Any) -> Any:
        """The best action for each of `observations` [count, ...]."""
        count = len(observations)
        flattened = np.ascontiguousarray(observations, self._kind).reshape(count, -1)
        blocks = [self._choose(flattened[start : start + BLOCK]) for start in range(0, count, BLOCK)]
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)

    def _choose(self, observations: Any) -> Any:
        evaluate(self._table, self._shape, self._parameters, self._work, observations, self._firsts)
        means, space = self._outputs[: len(observations)], self._space
        match space:
            case spaces.Discrete():
                return means.argmax(axis=1) + space.start
            case spaces.MultiDiscrete():
                ends = np.cumsum(space.nvec)[:-1]
                return np.stack([part.argmax(axis=1) for part in np.split(means, ends, axis=1)], axis=1)
            case spaces.Box():
                return np.clip(means.reshape(-1, *space.shape), space.low, space.high)
        raise TypeError(f"no actions of {space} are covered")
