"""SB3's DQN with its update and its choice of actions written out.

All else is SB3's own: a model saved here loads as a stock DQN and goes on from there, and the other way
round. Random numbers are drawn as SB3 draws them.
"""

from typing import Any

import numpy as np
import torch
from stable_baselines3 import DQN
from stable_baselines3.dqn.policies import DQNPolicy
from torch import Tensor

from trainer.by_hand.eligibility import check_networks, check_spaces
from trainer.by_hand.flat import Flat, FlatAdam
from trainer.by_hand.minibatch import Minibatch, sample
from trainer.by_hand.network import Network
from trainer.by_hand.observing import as_rows


class _Parts:
    """The network, its target, and what changes them."""

    def __init__(self, model: DQN) -> None:
        values, target = model.q_net, model.q_net_target
        self.flat, target_flat = Flat(list(values.parameters())), Flat(list(target.parameters()))
        self.values, self.target = Network(values.q_net, self.flat), Network(target.q_net, target_flat)
        self.adam = FlatAdam(model.policy.optimizer, self.flat)
        self._target_flat = target_flat

    def belong_to(self, model: DQN) -> bool:
        ours = self.flat.holds(list(model.q_net.parameters()))
        return ours and self._target_flat.holds(list(model.q_net_target.parameters()))


class DirectDQN(DQN):
    """As SB3's DQN, but for rounding.

    :raises Unfit: at construction, where the written-out gradients do not cover the model.
    """

    _parts: _Parts | None = None  # of this process, so not saved

    def _setup_model(self) -> None:
        check_spaces(self, DQNPolicy)
        super()._setup_model()
        self.check(self)

    @staticmethod
    def check(model: DQN) -> None:
        """Whether a built model is covered.

        :raises Unfit: naming what is not.
        """
        check_spaces(model, DQNPolicy)
        check_networks(model.policy, (model.q_net.q_net,), (model.policy.optimizer,))

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "_parts"]

    def train(self, gradient_steps: int, batch_size: int = 100) -> None:
        self._update_learning_rate(self.policy.optimizer)
        parts = self._current_parts()
        parts.adam.read()
        with torch.no_grad():
            losses = [self._step(parts, sample(self, batch_size)) for _ in range(gradient_steps)]
        self._n_updates += gradient_steps
        self.logger.record("train/n_updates", self._n_updates, exclude="tensorboard")
        self.logger.record("train/loss", np.mean(losses))

    def _step(self, parts: _Parts, batch: Minibatch) -> float:
        """One step down the gradient of the Huber loss; returns the loss."""
        wanted = self._wanted(parts, batch)
        seen = parts.values.forwards(batch.observations)
        actions = batch.actions.long()
        error = seen[-1].gather(1, actions).sub_(wanted)
        slopes = error.clamp(-1, 1)
        loss = slopes.mul(error - 0.5 * slopes).mean().item()
        parts.values.backwards(
            seen, torch.zeros_like(seen[-1]).scatter_(1, actions, slopes.div_(len(slopes)))
        )
        norm = torch.linalg.vector_norm(parts.flat.gradients)
        parts.flat.gradients.mul_((self.max_grad_norm / (norm + 1e-6)).clamp_(max=1.0))
        parts.adam.step()
        return loss

    def _wanted(self, parts: _Parts, batch: Minibatch) -> Tensor:
        """What the target network says that the actions taken are worth."""
        best = parts.target.outputs(batch.next_observations).amax(1, keepdim=True)
        return batch.rewards + (1 - batch.dones) * batch.discounts * best

    def predict(
        self,
        observation: Any,
        state: tuple[Any, ...] | None = None,
        episode_start: Any = None,
        deterministic: bool = False,  # SB3's signature
    ) -> tuple[Any, tuple[Any, ...] | None]:
        """As SB3's; the best actions of a batch are chosen without its way there."""
        rows = as_rows(self.observation_space, observation)
        if rows is None or (not deterministic and np.random.rand() < self.exploration_rate):  # noqa: NPY002  # as SB3
            if rows is None:
                return super().predict(observation, state, episode_start, deterministic)
            return np.array([self.action_space.sample() for _ in range(len(rows))]), state
        with torch.no_grad():
            chosen = self._current_parts().values.outputs(rows).argmax(1)
        return chosen.numpy(), state

    def _current_parts(self) -> _Parts:
        if self._parts is None or not self._parts.belong_to(self):
            with torch.inference_mode(mode=False):  # rollouts may run in it, and learning may not
                self._parts = _Parts(self)
        return self._parts
