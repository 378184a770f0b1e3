"""SB3's SAC with its update and its choice of actions written out.

All else is SB3's own: a model saved here loads as a stock SAC and goes on from there, and the other way
round. Random numbers are drawn as SB3 draws them.
"""

import math
from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np
import torch
from stable_baselines3 import SAC
from stable_baselines3.sac.policies import LOG_STD_MAX, LOG_STD_MIN, SACPolicy
from torch import Tensor

from trainer.by_hand.critics import Critics
from trainer.by_hand.eligibility import check_networks, check_spaces
from trainer.by_hand.flat import Flat, FlatAdam
from trainer.by_hand.minibatch import Minibatch, sample
from trainer.by_hand.network import Network, Seen
from trainer.by_hand.observing import as_rows, from_rows

# SB3's `SquashedDiagGaussianDistribution` keeps logarithms off zero by so much.
_EPSILON = 1e-6
_LOG_ROOT_TAU = math.log(math.sqrt(2 * math.pi))


class _Drawn(NamedTuple):
    """Actions drawn for a batch, and what their slopes need. [samples, actions] but the first two."""

    seen: Seen
    likelihoods: Tensor
    actions: Tensor
    wide: Tensor
    std: Tensor
    noise: Tensor


class _Actor:
    """The squashed Gaussian that acts."""

    def __init__(self, model: SAC) -> None:
        actor = model.actor
        self.flat = Flat(list(actor.parameters()))
        self._body = Network(actor.latent_pi, self.flat)
        self._mean, self._log_std = Network(actor.mu, self.flat), Network(actor.log_std, self.flat)  # type: ignore[arg-type]  # a module
        self.adam = FlatAdam(actor.optimizer, self.flat)

    def best(self, observations: Tensor) -> Tensor:
        return self._mean.outputs(self._body.outputs(observations)).tanh_()

    def draw(self, observations: Tensor) -> Tensor:
        """Actions alone, without their likelihoods."""
        latent = self._body.outputs(observations)
        mean, log_std = self._mean.outputs(latent), self._log_std.outputs(latent)
        std = log_std.clamp_(LOG_STD_MIN, LOG_STD_MAX).exp_()
        return std.mul_(torch.randn_like(mean)).add_(mean).tanh_()

    def draw_with_likelihoods(self, observations: Tensor) -> _Drawn:
        seen = self._body.forwards(observations)
        mean, wide = self._mean.outputs(seen[-1]), self._log_std.outputs(seen[-1])
        log_std = wide.clamp(LOG_STD_MIN, LOG_STD_MAX)
        std = log_std.exp()
        noise = torch.randn_like(mean)
        actions = (mean + std * noise).tanh_()
        squashing = torch.log(1 - actions * actions + _EPSILON)
        likelihoods = (-0.5 * noise * noise - log_std - _LOG_ROOT_TAU - squashing).sum(1, keepdim=True)
        return _Drawn(seen, likelihoods, actions, wide, std, noise)

    def learn(self, drawn: _Drawn, slopes: Tensor, temperature: float) -> None:
        """One step, up the values whose slopes by the actions are given, and down the likelihoods."""
        count, actions = len(slopes), drawn.actions
        room = 1 - actions * actions
        by_actions = (2 * temperature) * actions / (room + _EPSILON) - slopes
        by_mean = by_actions.mul_(room).div_(count)
        by_log_std = by_mean * drawn.noise * drawn.std - temperature / count
        by_log_std *= (drawn.wide >= LOG_STD_MIN) & (drawn.wide <= LOG_STD_MAX)
        latent = drawn.seen[-1]
        self._mean.backwards([latent, actions], by_mean)
        self._log_std.backwards([latent, actions], by_log_std)
        by_latent = self._mean.slopes_of_inputs([latent, actions], by_mean, 0)
        by_latent += self._log_std.slopes_of_inputs([latent, actions], by_log_std, 0)
        self._body.backwards(drawn.seen, by_latent)
        self.adam.step()


class _Temperature:
    """The logarithm of the entropy's coefficient, which learns to hold a wanted entropy."""

    def __init__(self, model: SAC) -> None:
        assert model.log_ent_coef is not None
        assert model.ent_coef_optimizer is not None
        self.flat = Flat([model.log_ent_coef])
        self.adam = FlatAdam(model.ent_coef_optimizer, self.flat)

    def learn(self, likelihoods: Tensor, wanted: float) -> float:
        """One step; returns the loss."""
        (value,), (gradient,) = self.flat.parts(self.flat.values), self.flat.parts(self.flat.gradients)
        surplus = (likelihoods + wanted).mean()
        loss = -(value * surplus).item()
        gradient.copy_(-surplus)
        self.adam.step()
        return loss


class _Parts:
    def __init__(self, model: SAC) -> None:
        self.actor = _Actor(model)
        self.critics = Critics(model.critic, model.critic_target)
        self.temperature = None if model.log_ent_coef is None else _Temperature(model)

    def belong_to(self, model: SAC) -> bool:
        held = self.temperature is None or (
            model.log_ent_coef is not None and self.temperature.flat.holds([model.log_ent_coef])
        )
        actor = self.actor.flat.holds(list(model.actor.parameters()))
        return held and actor and self.critics.belong_to(model.critic, model.critic_target)

    def read(self) -> None:
        """Take the optimizers' states."""
        self.actor.adam.read()
        self.critics.adam.read()
        if self.temperature is not None:
            self.temperature.adam.read()


class DirectSAC(SAC):
    """As SB3's SAC, but for rounding.

    :raises Unfit: at construction, where the written-out gradients do not cover the model.
    """

    _parts: _Parts | None = None  # of this process, so not saved

    def _setup_model(self) -> None:
        check_spaces(self, SACPolicy)
        super()._setup_model()
        self.check(self)

    @staticmethod
    def check(model: SAC) -> None:
        """Whether a built model is covered.

        :raises Unfit: naming what is not.
        """
        check_spaces(model, SACPolicy)
        actor, critic = model.actor, model.critic
        networks = (actor.latent_pi, actor.mu, actor.log_std, *critic.q_networks)
        check_networks(model.policy, networks, (actor.optimizer, critic.optimizer))  # type: ignore[arg-type]  # modules, and what SB3 hangs on

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "_parts"]

    def train(self, gradient_steps: int, batch_size: int = 64) -> None:
        parts = self._current_parts()
        optimizers = [parts.actor.adam.optimizer, parts.critics.adam.optimizer]
        if parts.temperature is not None:
            optimizers.append(parts.temperature.adam.optimizer)
        self._update_learning_rate(optimizers)
        parts.read()
        losses: dict[str, list[float]] = defaultdict(list)
        with torch.no_grad():
            for number in range(gradient_steps):
                for name, value in self._step(parts, sample(self, batch_size)).items():
                    losses[name].append(value)
                if number % self.target_update_interval == 0:
                    parts.critics.target_flat.follow(parts.critics.flat, self.tau)
        self._n_updates += gradient_steps
        self.logger.record("train/n_updates", self._n_updates, exclude="tensorboard")
        for name, values in losses.items():
            self.logger.record(f"train/{name}", np.mean(values))

    def _step(self, parts: _Parts, batch: Minibatch) -> dict[str, float]:
        """One step of each network; returns what is logged."""
        logged = {}
        drawn = parts.actor.draw_with_likelihoods(batch.observations)
        temperature = self._entropy_coefficient()
        if parts.temperature is not None:
            assert isinstance(self.target_entropy, float)
            logged["ent_coef_loss"] = parts.temperature.learn(drawn.likelihoods, self.target_entropy)
        logged["ent_coef"] = temperature
        wanted = self._wanted(parts, batch, temperature)
        logged["critic_loss"] = parts.critics.learn(batch.observations, batch.actions, wanted, 0.5)
        values, slopes = parts.critics.slopes_of_least(batch.observations, drawn.actions)
        logged["actor_loss"] = (temperature * drawn.likelihoods - values).mean().item()
        parts.actor.learn(drawn, slopes, temperature)
        return logged

    def _entropy_coefficient(self) -> float:
        """As it was before this step."""
        if self.log_ent_coef is None:
            return float(self.ent_coef_tensor)
        return float(torch.exp(self.log_ent_coef))

    def _wanted(self, parts: _Parts, batch: Minibatch, temperature: float) -> Tensor:
        """What the target networks say that the actions taken are worth, entropy included."""
        following = parts.actor.draw_with_likelihoods(batch.next_observations)
        worth = parts.critics.least_of_targets(batch.next_observations, following.actions)
        worth -= temperature * following.likelihoods
        return batch.rewards + (1 - batch.dones) * batch.discounts * worth

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
        actor = self._current_parts().actor
        with torch.no_grad():
            actions = actor.best(rows) if deterministic else actor.draw(rows)
        return from_rows(self.action_space, actions), state  # type: ignore[arg-type]  # a Box

    def _current_parts(self) -> _Parts:
        if self._parts is None or not self._parts.belong_to(self):
            with torch.inference_mode(mode=False):  # rollouts may run in it, and learning may not
                self._parts = _Parts(self)
        return self._parts
