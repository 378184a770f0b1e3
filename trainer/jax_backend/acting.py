"""The actions of SBX's perceptrons for a few observations at a time, in numpy.

Handing JAX one observation costs more than the arithmetic on it. Batch normalisation, exploration by
state and other activations than relu and tanh are left to JAX.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import flax.linen
import numpy as np
from numpy.typing import NDArray

_LOG_STD = (-20.0, 2.0)  # SBX's bounds
Floats = NDArray[np.float32]
_ACTIVATIONS: Mapping[Any, Callable[[Floats], Floats]] = {
    flax.linen.relu: lambda values: np.maximum(values, 0),
    flax.linen.tanh: np.tanh,
}


class Quick:
    """For a policy of SBX: answers `_predict` from the weights of the moment."""

    # The state that holds them, by name.
    acting: ClassVar[str] = "actor_state"
    _known: Any = None
    _layers: tuple[tuple[Floats, Floats], ...] = ()

    def _predict(self, observation: Any, deterministic: bool = False) -> Any:
        """As the policy's own; noise is drawn from numpy's generator, which SB3 seeds."""
        if self.activation_fn not in _ACTIVATIONS or getattr(self, "use_sde", False):  # type: ignore[attr-defined]  # the policy's
            return super()._predict(observation, deterministic)  # type: ignore[misc]  # of the policy beside this class
        rows = np.asarray(observation, np.float32).reshape(len(observation), -1)
        return self.answer(rows, deterministic=deterministic)

    def answer(self, rows: Floats, *, deterministic: bool) -> Any:
        """What to do for observations [count, numbers]."""
        raise NotImplementedError

    def outputs(self, rows: Floats, heads: int) -> list[Floats]:
        """The outputs of the last `heads` layers, which lie side by side upon the others."""
        state = getattr(self, self.acting)
        if self._known is not state:
            self._known, self._layers = state, _layers(state.params)
        bend = _ACTIVATIONS[self.activation_fn]  # type: ignore[attr-defined]  # the policy's
        for kernel, bias in self._layers[:-heads]:
            rows = bend(rows @ kernel + bias)
        return [rows @ kernel + bias for kernel, bias in self._layers[-heads:]]


class BestOfValues(Quick):
    """DQN's: the choice that is worth most."""

    acting = "qf_state"

    def answer(self, rows: Floats, *, deterministic: bool) -> Any:  # noqa: ARG002  # the model explores
        return self.outputs(rows, 1)[0].argmax(axis=1)


class Steady(Quick):
    """TD3's: the actor's answer."""

    def answer(self, rows: Floats, *, deterministic: bool) -> Any:  # noqa: ARG002  # the model adds noise
        return np.tanh(self.outputs(rows, 1)[0])


class Gaussian(Quick):
    """SAC's and TQC's: drawn around the mean, and squashed."""

    def answer(self, rows: Floats, *, deterministic: bool) -> Any:
        mean, log_std = self.outputs(rows, 2)
        if not deterministic:
            noise = np.random.standard_normal(mean.shape).astype(np.float32)  # noqa: NPY002  # SB3's own generator
            mean += np.exp(np.clip(log_std, *_LOG_STD)) * noise
        return np.tanh(mean)


def _layers(params: Any) -> tuple[tuple[Floats, Floats], ...]:
    """Kernels and biases in the order in which SBX made them."""
    dense = params["params"]
    names = sorted(dense, key=lambda name: int(name.rpartition("_")[2]))
    return tuple((np.asarray(dense[name]["kernel"]), np.asarray(dense[name]["bias"])) for name in names)
