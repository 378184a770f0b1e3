"""Mistakes that an implementation of PPO may make, each planted by itself."""

from collections.abc import Callable
from typing import Any

import numpy as np

from trainer.fast import heads, rollout
from trainer.fast.arrays import Doubles, Floats, Integers
from trainer.fast.flat import FlatPolicy
from trainer.fast.ppo import FastPPO


def _setting(position: int, change: Callable[[float], float]) -> type[FastPPO]:
    class Faulty(FastPPO):
        def settings(self) -> Doubles:
            values = super().settings()
            values[position] = change(float(values[position]))
            return values

    return Faulty


def _orders(change: Callable[[Integers], Integers]) -> type[FastPPO]:
    class Faulty(FastPPO):
        def _orders(self) -> Integers:
            return np.ascontiguousarray(change(super()._orders()))

    return Faulty


def _samples(change: Callable[[Floats, Floats, Floats], Any]) -> type[FastPPO]:
    class Faulty(FastPPO):
        def _samples(self, width: int) -> tuple[Floats, Floats, Floats]:
            samples = super()._samples(width)
            change(*samples)
            return samples

    return Faulty


class _LongMinibatches(FastPPO):
    def train_traced(self, count: int) -> list[dict[str, Floats]]:
        self.batch_size += 1
        return super().train_traced(count)


class _Advantages(FastPPO):
    """As `FastPPO`, with one number of generalized advantage estimation wrong."""

    lambda_off = gamma_off = 0.0
    ends_seen = True

    def _finish(self, flat: FlatPolicy, buffer: Any, dones: Any) -> None:
        assert self._last_obs is not None
        rollout.advantages_and_returns(
            buffer.rewards, buffer.values, buffer.episode_starts, self._values(flat, self._last_obs),
            dones if self.ends_seen else np.zeros_like(dones), self.gamma + self.gamma_off,
            self.gae_lambda + self.lambda_off, buffer.advantages, buffer.returns,
        )  # fmt: skip
        buffer.pos, buffer.full = buffer.buffer_size, True


class _LambdaOff(_Advantages):
    lambda_off = -0.01


class _GammaOff(_Advantages):
    gamma_off = -0.005


class _NoBootstrap(FastPPO):
    def _bootstrap(self, *_: Any) -> None:
        pass


class _MiscountingFlat(FlatPolicy):
    off = 0

    def read_moments(self) -> None:
        super().read_moments()
        self.steps += self.off


def _miscounted(off: int) -> type[FastPPO]:
    """Adam's count of steps begins at `off`; at 1,000 its correction of the first averages vanishes."""

    class Faulty(FastPPO):
        def _flat_policy(self) -> FlatPolicy:
            if self._flat is None:
                flat = _MiscountingFlat(self.policy)
                flat.off = off
                self._flat = flat
            return super()._flat_policy()

    return Faulty


def _normalised_at_once(observations: Floats, actions: Floats, numbers: Floats) -> None:
    numbers[0] = (numbers[0] - numbers[0].mean()) / (numbers[0].std(ddof=1) + 1e-8)


class _NormalisedAtOnce(_samples(_normalised_at_once)):  # type: ignore[misc]  # a class made by a function
    def settings(self) -> Doubles:
        values: Doubles = super().settings()
        values[heads.NORMALIZE] = 0.0
        return values


def _other_order(observations: Floats, actions: Floats, numbers: Floats) -> None:
    actions[:] = np.roll(actions, 1, axis=0)


def _fresh_likelihoods(observations: Floats, actions: Floats, numbers: Floats) -> None:
    numbers[3] = 0.0


def _advantages_as_returns(observations: Floats, actions: Floats, numbers: Floats) -> None:
    numbers[1] = numbers[0]


PLAIN, GAUSS, VALUES, KL, ODD = (
    "two choices",
    "one number",
    "clipped values, plain advantages",
    "a KL target",
    "an incomplete minibatch, one epoch",
)

# What goes wrong, and the case that must show it.
FAULTS: dict[str, tuple[type[FastPPO], str]] = {
    "entropy coefficient doubled": (_setting(heads.ENTROPY_COEFFICIENT, lambda x: 2 * x), PLAIN),
    "entropy coefficient doubled, Gaussian": (_setting(heads.ENTROPY_COEFFICIENT, lambda x: 2 * x), GAUSS),
    "sign of the entropy wrong": (_setting(heads.ENTROPY_COEFFICIENT, lambda x: -x), PLAIN),
    "no clipping of the ratio": (_setting(heads.CLIP_RANGE, lambda x: 1e6), PLAIN),
    "clip range a hundredth too wide": (_setting(heads.CLIP_RANGE, lambda x: 1.01 * x), GAUSS),
    "no clipping of values": (_setting(heads.CLIP_RANGE_VALUE, lambda x: -1.0), VALUES),
    "no value coefficient": (_setting(heads.VALUE_COEFFICIENT, lambda x: 1.0), PLAIN),
    "no value loss": (_setting(heads.VALUE_COEFFICIENT, lambda x: 0.0), PLAIN),
    "no clipping of gradients": (_setting(heads.MAX_GRADIENT_NORM, lambda x: 1e9), ODD),
    "gradients clipped a hundredth too late": (_setting(heads.MAX_GRADIENT_NORM, lambda x: 1.01 * x), ODD),
    "Adam's epsilon of torch, not of SB3": (_setting(heads.EPSILON, lambda x: 1e-8), PLAIN),
    "Adam's first decay": (_setting(heads.BETA1, lambda x: 0.91), PLAIN),
    "Adam's second decay": (_setting(heads.BETA2, lambda x: 0.99), PLAIN),
    "no bias correction": (_miscounted(1_000), PLAIN),
    "bias correction one step late": (_miscounted(1), PLAIN),
    "learning rate a thousandth off": (_setting(heads.LEARNING_RATE, lambda x: 1.001 * x), PLAIN),
    "KL target not heeded": (_setting(heads.TARGET_KL, lambda x: 0.0), KL),
    "advantages not normalised": (_setting(heads.NORMALIZE, lambda x: 0.0), PLAIN),
    "advantages normalised though not asked": (_setting(heads.NORMALIZE, lambda x: 1.0), VALUES),
    "advantages normalised over the whole rollout": (_NormalisedAtOnce, PLAIN),
    "minibatches one sample too long": (_LongMinibatches, PLAIN),
    "samples shifted by one": (_orders(lambda orders: np.roll(orders, 1, axis=1)), PLAIN),
    "last incomplete minibatch dropped": (_orders(lambda orders: orders[:, :100]), ODD),
    "one epoch too few": (_orders(lambda orders: orders[1:]), PLAIN),
    "the same order in each epoch": (_orders(lambda orders: orders[[0, 0]]), PLAIN),
    "actions of the neighbouring sample": (_samples(_other_order), PLAIN),
    "old likelihoods forgotten": (_samples(_fresh_likelihoods), GAUSS),
    "advantages in place of returns": (_samples(_advantages_as_returns), PLAIN),
    "lambda of the advantages off": (_LambdaOff, PLAIN),
    "gamma of the advantages off": (_GammaOff, PLAIN),
    "no value where a time limit cuts": (_NoBootstrap, PLAIN),
}
