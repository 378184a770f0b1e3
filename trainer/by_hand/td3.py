"""SB3's TD3, and DDPG, with their update and their choice of actions written out.

All else is SB3's own: a model saved here loads as a stock one and goes on from there, and the other way
round. Random numbers are drawn as SB3 draws them.
"""

from typing import Any

import numpy as np
import torch
from stable_baselines3 import DDPG, TD3
from stable_baselines3.td3.policies import TD3Policy
from torch import Tensor

from trainer.by_hand.critics import Critics
from trainer.by_hand.eligibility import check_networks, check_spaces
from trainer.by_hand.flat import Flat, FlatAdam
from trainer.by_hand.minibatch import Minibatch, sample
from trainer.by_hand.network import Network
from trainer.by_hand.observing import as_rows, from_rows


class _Parts:
    def __init__(self, model: TD3) -> None:
        actor, target = model.actor, model.actor_target
        self.flat, self.target_flat = Flat(list(actor.parameters())), Flat(list(target.parameters()))
        self.actor, self.target = Network(actor.mu, self.flat), Network(target.mu, self.target_flat)
        self.adam = FlatAdam(actor.optimizer, self.flat)
        self.critics = Critics(model.critic, model.critic_target)

    def belong_to(self, model: TD3) -> bool:
        actor = self.flat.holds(list(model.actor.parameters()))
        target = self.target_flat.holds(list(model.actor_target.parameters()))
        return actor and target and self.critics.belong_to(model.critic, model.critic_target)


class DirectTD3(TD3):
    """As SB3's TD3, but for rounding.

    :raises Unfit: at construction, where the written-out gradients do not cover the model.
    """

    _parts: _Parts | None = None  # of this process, so not saved

    def _setup_model(self) -> None:
        check_spaces(self, TD3Policy)
        super()._setup_model()
        self.check(self)

    @staticmethod
    def check(model: TD3) -> None:
        """Whether a built model is covered.

        :raises Unfit: naming what is not.
        """
        check_spaces(model, TD3Policy)
        networks = (model.actor.mu, *model.critic.q_networks)
        check_networks(model.policy, networks, (model.actor.optimizer, model.critic.optimizer))

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "_parts"]

    def train(self, gradient_steps: int, batch_size: int = 100) -> None:
        parts = self._current_parts()
        self._update_learning_rate([parts.adam.optimizer, parts.critics.adam.optimizer])
        parts.adam.read()
        parts.critics.adam.read()
        actor_losses, critic_losses = [], []
        with torch.no_grad():
            for _ in range(gradient_steps):
                self._n_updates += 1
                batch = sample(self, batch_size)
                wanted = self._wanted(parts, batch)
                critic_losses.append(parts.critics.learn(batch.observations, batch.actions, wanted, 1.0))
                if self._n_updates % self.policy_delay == 0:
                    actor_losses.append(self._improve(parts, batch.observations))
                    parts.critics.target_flat.follow(parts.critics.flat, self.tau)
                    parts.target_flat.follow(parts.flat, self.tau)
        self.logger.record("train/n_updates", self._n_updates, exclude="tensorboard")
        if actor_losses:
            self.logger.record("train/actor_loss", np.mean(actor_losses))
        self.logger.record("train/critic_loss", np.mean(critic_losses))

    def _wanted(self, parts: _Parts, batch: Minibatch) -> Tensor:
        """What the target networks say that the actions taken are worth."""
        noise = torch.empty_like(batch.actions).normal_(0, self.target_policy_noise)
        noise.clamp_(-self.target_noise_clip, self.target_noise_clip)
        following = parts.target.outputs(batch.next_observations).add_(noise).clamp_(-1, 1)
        worth = parts.critics.least_of_targets(batch.next_observations, following)
        return batch.rewards + (1 - batch.dones) * batch.discounts * worth

    def _improve(self, parts: _Parts, observations: Tensor) -> float:
        """One step of the actor, up what the first critic expects; returns the loss."""
        seen = parts.actor.forwards(observations)
        values, slopes = parts.critics.slopes_of_first(observations, seen[-1])
        parts.actor.backwards(seen, slopes.div_(-len(slopes)))
        parts.adam.step()
        return -values.mean().item()

    def predict(
        self,
        observation: Any,
        state: tuple[Any, ...] | None = None,
        episode_start: Any = None,
        deterministic: bool = False,  # SB3's signature
    ) -> tuple[Any, tuple[Any, ...] | None]:
        """As SB3's, but for rounding; actions for a batch are found without its way there."""
        rows = as_rows(self.observation_space, observation)
        if rows is None:
            return super().predict(observation, state, episode_start, deterministic)
        with torch.no_grad():
            actions = self._current_parts().actor.outputs(rows)
        return from_rows(self.action_space, actions), state  # type: ignore[arg-type]  # a Box

    def _current_parts(self) -> _Parts:
        if self._parts is None or not self._parts.belong_to(self):
            with torch.inference_mode(mode=False):  # rollouts may run in it, and learning may not
                self._parts = _Parts(self)
        return self._parts


class DirectDDPG(DirectTD3, DDPG):
    """As SB3's DDPG, which is TD3 without its three tricks; but for rounding."""
