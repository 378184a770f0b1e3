"""A policy of SB3 as flat arrays: where each number lies, and how it gets there and back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy
from torch import nn

from trainer.fast import network
from trainer.fast.arrays import Floats, Integers
from trainer.fast.heads import CHOICES, GAUSSIAN
from trainer.fast.matrix import PADDING, padded
from trainer.fast.update import BLOCK

# Matrices begin at multiples of a cache line.
_LINE = 16


@dataclass(frozen=True)
class _Place:
    """Where a parameter lies: from `at` on, as rows of `row` numbers of which some are padding."""

    parameter: torch.Tensor
    at: int
    row: int
    transposed: bool

    def view(self, flat: Floats) -> Floats:
        """The parameter's part of a flat array, in the parameter's own shape."""
        shape = tuple(self.parameter.shape)
        if len(shape) == 1:
            return flat[self.at : self.at + shape[0]]
        stored = shape[::-1] if self.transposed else shape
        matrix = flat[self.at : self.at + stored[0] * self.row].reshape(stored[0], self.row)[:, : stored[1]]
        return matrix.T if self.transposed else matrix


class FlatPolicy:
    """The numbers of an actor and its critic, and the room to work on a block of samples.

    Holds copies: `read` takes the policy's parameters and Adam's state, `write` gives them back.
    """

    def __init__(self, policy: ActorCriticPolicy) -> None:
        self._policy = policy
        actor = linear_layers(policy.mlp_extractor.policy_net, policy.action_net)
        critic = linear_layers(policy.mlp_extractor.value_net, policy.value_net)
        self._places: list[_Place] = []
        self._used = {"parameters": 0, "copies": 0, "work": 0}
        widest = max(padded(max(layer.in_features, layer.out_features)) for layer in actor + critic)
        self._reserve("work", widest)  # zeros, which sums may start from
        self.input_width = padded(actor[0].in_features)
        inputs = self._reserve("work", BLOCK * self.input_width)
        rows = [*self._rows(actor, inputs), *self._rows(critic, inputs)]
        self.table: Integers = np.array(rows, np.int64)
        kind = CHOICES if not isinstance(policy.action_space, spaces.Box) else GAUSSIAN
        log_std = self._place_log_std(policy) if kind == GAUSSIAN else -1
        activation = network.RELU if policy.activation_fn is nn.ReLU else network.TANH
        self.shape: Integers = np.array([len(actor), kind, activation, log_std], np.int64)
        self.sizes: Integers = np.array(_sizes(policy.action_space), np.int64)
        self.parameters = _zeros(self._used["parameters"])
        self.gradients = _zeros(self._used["parameters"])
        self.moments = _zeros(2 * self._used["parameters"]).reshape(2, -1)
        self.copies = _zeros(max(1, self._used["copies"]))
        self.work = _zeros(self._used["work"])
        self.steps = 0

    def belongs_to(self, policy: ActorCriticPolicy) -> bool:
        """Whether the policy's parameters are still the ones that these places were made for."""
        return policy is self._policy

    def read(self) -> None:
        """Take the parameters."""
        for place in self._places:
            place.view(self.parameters)[...] = place.parameter.detach().numpy()

    def read_moments(self) -> None:
        """Take Adam's averages and its count of steps; zeros where it has not made one."""
        states = [self._policy.optimizer.state.get(place.parameter, {}) for place in self._places]
        for place, state in zip(self._places, states, strict=True):
            for moments, name in zip(self.moments, ("exp_avg", "exp_avg_sq"), strict=True):
                place.view(moments)[...] = state[name].numpy() if name in state else 0.0
        self.steps = int(states[0]["step"]) if "step" in states[0] else 0

    def write(self) -> None:
        """Give back the parameters, and Adam's state as Adam itself would have left it."""
        optimizer = self._policy.optimizer
        with torch.no_grad():
            for place in self._places:
                parameter = place.parameter
                parameter.detach().numpy()[...] = place.view(self.parameters)
                state = optimizer.state[parameter]
                if "step" not in state:
                    state["step"] = torch.tensor(0.0, dtype=torch.float32)
                    state["exp_avg"] = torch.zeros_like(parameter)
                    state["exp_avg_sq"] = torch.zeros_like(parameter)
                state["step"].fill_(float(self.steps))
                for moments, name in zip(self.moments, ("exp_avg", "exp_avg_sq"), strict=True):
                    state[name].numpy()[...] = place.view(moments)

    def named(self, flat: Floats) -> dict[str, Floats]:
        """Parts of a flat array by the names of the policy's parameters."""
        names = {id(parameter): name for name, parameter in self._policy.named_parameters()}
        return {names[id(place.parameter)]: place.view(flat) for place in self._places}

    def _rows(self, layers: Sequence[nn.Linear], inputs: int) -> Iterator[list[int]]:
        """The layers' rows in the table, room reserved for each."""
        for number, layer in enumerate(layers):
            narrow = layer.out_features <= PADDING
            in_row, out_row = padded(layer.in_features), padded(layer.out_features)
            height, row = (layer.out_features, in_row) if narrow else (layer.in_features, out_row)
            weight, bias = self._reserve("parameters", height * row), self._reserve("parameters", out_row)
            self._places.append(_Place(layer.weight, weight, row, transposed=not narrow))
            self._places.append(_Place(layer.bias, bias, out_row, transposed=False))
            copied = number > 0 and not narrow
            copy = self._reserve("copies", layer.out_features * in_row) if copied else -1
            outputs, slopes = (self._reserve("work", BLOCK * out_row) for _ in range(2))
            size = [layer.in_features, layer.out_features, in_row, out_row]
            hidden = number < len(layers) - 1
            yield [*size, inputs, outputs, slopes, weight, bias, copy, int(hidden), int(narrow)]
            inputs = outputs

    def _place_log_std(self, policy: ActorCriticPolicy) -> int:
        at = self._reserve("parameters", policy.log_std.numel())
        self._places.append(_Place(policy.log_std, at, 0, transposed=False))
        return at

    def _reserve(self, array: str, count: int) -> int:
        at = self._used[array]
        self._used[array] = at + -(-count // _LINE) * _LINE
        return at


def linear_layers(hidden: nn.Module, head: nn.Module) -> list[nn.Linear]:
    """The layers of a network with multiplications, from its input to its head."""
    layers = [module for module in (*hidden.children(), head) if isinstance(module, nn.Linear)]
    assert layers[-1] is head
    return layers


def _sizes(space: spaces.Space[object]) -> list[int]:
    """The number of logits of each choice; for continuous actions one of each."""
    if isinstance(space, spaces.Discrete):
        return [int(space.n)]
    if isinstance(space, spaces.MultiDiscrete):
        return [int(count) for count in space.nvec]
    return [1] * int(np.prod(space.shape or ()))


def _zeros(count: int) -> Floats:
    """Zeros that begin at a cache line."""
    whole = np.zeros(count + _LINE, np.float32)
    skipped = -(whole.ctypes.data // 4) % _LINE
    return whole[skipped : skipped + count]
