"""A trained model as a deterministic policy, also where it remembers or is told what it may do."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from sb3_contrib import MaskablePPO, RecurrentPPO
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecNormalize

from trainer.errors import BadSpec

MASKS_METHOD = "action_masks"

Observations = Any
Actions = NDArray[Any]
Starts = NDArray[np.bool_]
Masks = NDArray[np.bool_]
State = tuple[NDArray[Any], ...]
Act = Callable[[Observations], Actions]
"""A policy: a batch of raw observations in, a batch of actions out."""


@runtime_checkable
class SituatedAct(Protocol):
    """A policy to which observations alone do not say enough.

    `starts`, shape (batch,), is true where the observation is the first of its episode. `masks`, shape
    (batch, actions), is true where an action is allowed; only asked for where `uses_masks`.
    """

    uses_masks: bool

    def act(self, observations: Observations, starts: Starts, masks: Masks | None) -> Actions: ...

    def __call__(self, observations: Observations) -> Actions: ...


@runtime_checkable
class LearningAct(Protocol):
    """A policy of which a copy, as it is now, answers faster than itself."""

    def fixed(self) -> Act: ...

    def __call__(self, observations: Observations) -> Actions: ...


@runtime_checkable
class Compiled(Protocol):
    """A model whose best actions need no torch: `trainer.fast`'s, which is imported only where it is used."""

    def best_actions(self) -> Act: ...


def deterministic(model: BaseAlgorithm, normalization: VecNormalize | None) -> Act:
    """The model's policy without exploration, fed with normalised observations where it was trained so."""

    def seen(observations: Observations) -> Observations:
        return observations if normalization is None else normalization.normalize_obs(observations)

    if isinstance(model, RecurrentPPO):
        return RecurrentAct(model, seen)
    if isinstance(model, MaskablePPO):
        return _MaskedAct(model, seen)
    if isinstance(model, Compiled):
        return _CompiledAct(model, seen)
    return lambda observations: model.predict(seen(observations), deterministic=True)[0]


def asking(act: Act, envs: Sequence[Any]) -> Callable[[Observations, Starts], Actions]:
    """How to ask for a batch's actions; `envs` are its rows' environments, asked for masks if needed."""
    if not isinstance(act, SituatedAct):
        return lambda observations, _starts: act(observations)
    situated = act
    return lambda observations, starts: situated.act(
        observations, starts, action_masks(envs) if situated.uses_masks else None
    )


def action_masks(envs: Sequence[Any]) -> Masks:
    """What each environment allows now.

    :raises BadSpec: where one cannot say it.
    """
    try:
        return np.stack([np.asarray(env.get_wrapper_attr(MASKS_METHOD)(), dtype=np.bool_) for env in envs])
    except AttributeError:
        name = envs[0].spec.id if envs[0].spec else type(envs[0].unwrapped).__name__
        raise BadSpec(
            f"MaskablePPO asks the environment which actions are allowed, and {name} has no method "
            f"{MASKS_METHOD}(); add one that answers true for each allowed action, or use PPO."
        ) from None


class _CompiledAct:
    """Answers for the weights of the moment; `fixed` for those of now, however often it is asked."""

    def __init__(self, model: Compiled, seen: Callable[[Observations], Observations]) -> None:
        self._model, self._seen = model, seen

    def fixed(self) -> Act:
        best, seen = self._model.best_actions(), self._seen
        return lambda observations: best(seen(observations))

    def __call__(self, observations: Observations) -> Actions:
        return self.fixed()(observations)


class RecurrentAct:
    """Remembers each row's state; an episode that starts in a row forgets it."""

    uses_masks = False

    def __init__(self, model: RecurrentPPO, seen: Callable[[Observations], Observations]) -> None:
        self._model, self._seen = model, seen
        self._state: State | None = None

    @property
    def state_shape(self) -> tuple[int, int]:
        """Of each of a state's two arrays, for one observation: layers, units."""
        shape = self._model.policy.lstm_hidden_state_shape
        assert isinstance(shape, tuple)
        layers, _, units = shape
        return layers, units

    def act(self, observations: Observations, starts: Starts, masks: Masks | None = None) -> Actions:
        del masks
        if starts.all():
            self._state = None  # the batch may have another size than the last one
        actions, self._state = self.go_on(observations, starts, self._state)
        return actions

    def go_on(self, observations: Observations, starts: Starts, state: State | None) -> tuple[Actions, State]:
        """For callers that remember by themselves: the actions, and the state for the next ones."""
        actions, state = self._model.predict(
            self._seen(observations), state=state, episode_start=starts, deterministic=True
        )
        assert state is not None
        return actions, state

    def __call__(self, observations: Observations) -> Actions:
        """As if each observation were the first of its episode."""
        parts = observations if not isinstance(observations, dict) else next(iter(observations.values()))
        return self.act(observations, np.ones(len(parts), dtype=np.bool_))


class _MaskedAct:
    uses_masks = True

    def __init__(self, model: MaskablePPO, seen: Callable[[Observations], Observations]) -> None:
        self._model, self._seen = model, seen

    def act(self, observations: Observations, starts: Starts, masks: Masks | None) -> Actions:
        del starts
        return self._model.predict(self._seen(observations), deterministic=True, action_masks=masks)[0]

    def __call__(self, observations: Observations) -> Actions:
        """As if each action were allowed."""
        return self.act(observations, np.ones(0, dtype=np.bool_), None)
