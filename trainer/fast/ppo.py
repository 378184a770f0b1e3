"""SB3's PPO with its update and its rollout's networks in compiled code.

All that stands outside a rollout and an update is SB3's own: a model saved here loads as a stock PPO
and goes on from there, and the other way round.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3 import PPO
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.utils import explained_variance
from stable_baselines3.common.vec_env import VecEnv

from trainer.fast import heads, rollout
from trainer.fast.arrays import Doubles, Floats, Integers
from trainer.fast.choosing import BestActions
from trainer.fast.compiled import one_at_a_time
from trainer.fast.eligibility import check_policy, check_spaces
from trainer.fast.flat import FlatPolicy
from trainer.fast.heads import SETTINGS, STATISTICS
from trainer.fast.update import update

# How long a part of an update may take before whoever waits for its end, or to stop it, is asked.
_PORTION_S = 0.1


class FastPPO(PPO):
    """As SB3's PPO. Draws its actions and minibatches from numpy's global generator, which SB3 seeds.

    :raises Unfit: at construction, where the compiled code does not cover the model.
    """

    # Of this process, so not saved: the arrays, and how many epochs are worth one call.
    _flat: FlatPolicy | None = None
    _epochs_at_once: int = 1
    # Seconds that `prepare` took.
    prepared_s: float = 0.0

    def _setup_model(self) -> None:
        check_spaces(self)
        super()._setup_model()
        check_policy(self)

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "_flat", "_epochs_at_once", "prepared_s"]

    def prepare(self) -> None:
        """Compile all that this model will run, or load it where it was compiled before; learns nothing."""
        began = time.monotonic()
        with one_at_a_time():
            self._compile()
        self.prepared_s = time.monotonic() - began

    def _compile(self) -> None:
        flat, buffer = self._flat_policy(), self.rollout_buffer
        buffer.reset()
        count = buffer.n_envs
        self._last_obs, self._last_episode_starts = buffer.observations[0], np.ones(count, bool)
        self._act(flat, np.zeros((1, count, len(flat.sizes)), np.float32), 0, buffer)
        self._finish(flat, buffer, np.zeros(count, bool))
        update(
            flat.table, flat.shape, flat.sizes, flat.parameters, flat.moments, flat.copies, flat.work,
            flat.gradients, *self._samples(flat.input_width), np.zeros((0, 1), np.int64), self.batch_size, 0,
            self.settings(), np.zeros(STATISTICS), np.zeros((0, len(flat.parameters)), np.float32),
        )  # fmt: skip
        self._last_obs = None
        buffer.reset()

    def collect_rollouts(
        self, env: VecEnv, callback: BaseCallback, rollout_buffer: RolloutBuffer, n_rollout_steps: int
    ) -> bool:
        """Fill the buffer, as SB3 does. False where the callback ended it."""
        self.policy.set_training_mode(False)
        rollout_buffer.reset()
        callback.on_rollout_start()
        flat = self._flat_policy()
        flat.read()
        noise = self._noise(n_rollout_steps, env.num_envs, flat)
        dones = np.zeros(env.num_envs, bool)
        for n_steps in range(n_rollout_steps):
            actions = self._act(flat, noise, n_steps, rollout_buffer)
            new_obs, rewards, dones, infos = env.step(actions)
            self.num_timesteps += env.num_envs
            seen = {"env": env, "new_obs": new_obs, "rewards": rewards, "dones": dones, "infos": infos}
            callback.update_locals({**seen, "self": self, "actions": actions, "n_steps": n_steps})
            if not callback.on_step():
                return False
            if dones.any():
                self._update_info_buffer(infos, dones)
                self._bootstrap(flat, rewards, dones, infos)
            rollout_buffer.rewards[n_steps] = rewards
            self._last_obs, self._last_episode_starts = new_obs, dones  # type: ignore[assignment]  # an array: observations are a Box
        self._finish(flat, rollout_buffer, dones)
        callback.update_locals({"env": env, "self": self, "rollout_buffer": rollout_buffer, "dones": dones})
        callback.on_rollout_end()
        return True

    def best_actions(self) -> BestActions:
        """The policy of now without exploration and without torch; learning on does not change it."""
        policy = self.policy
        assert isinstance(policy, ActorCriticPolicy)
        return BestActions(policy)

    def train(self) -> None:
        """All epochs and minibatches of one update, logged under SB3's names."""
        self.train_traced(0)

    def train_traced(self, count: int) -> list[dict[str, Floats]]:
        """As `train`; returns the clipped gradients of the first `count` steps, by the parameters' names."""
        self.policy.set_training_mode(True)
        self._update_learning_rate(self.policy.optimizer)
        flat = self._flat_policy()
        settings, result = self.settings(), np.zeros(STATISTICS)
        trace = np.zeros((count, len(flat.parameters)), np.float32)
        orders, samples = self._orders(), self._samples(flat.input_width)
        flat.read()
        flat.read_moments()
        before = flat.steps
        try:
            for epochs in self._portions(orders):
                asked = len(epochs) * -(-len(samples[0]) // self.batch_size)
                steps = update(
                    flat.table, flat.shape, flat.sizes, flat.parameters, flat.moments, flat.copies,
                    flat.work, flat.gradients, *samples, epochs, self.batch_size, flat.steps, settings,
                    result, trace[flat.steps - before :],
                )  # fmt: skip
                flat.steps += steps
                if steps < asked:
                    break
        finally:  # whoever stops an update keeps what was learned until then
            flat.write()
        self._n_updates += int(result[heads.EPOCHS])
        self._log(settings, result)
        return [flat.named(gradients) for gradients in trace[: flat.steps - before]]

    def _portions(self, orders: Integers) -> Iterator[Integers]:
        """All epochs at once, unless they take long: between portions the optimizer's step hooks are run."""
        done = 0
        while done < len(orders):
            count = self._epochs_at_once
            began = time.monotonic()
            yield orders[done : done + count]
            done += count
            if count < len(orders) and time.monotonic() - began < _PORTION_S:
                self._epochs_at_once = 2 * count
            optimizer = self.policy.optimizer
            for hook in tuple(optimizer._optimizer_step_post_hooks.values()):  # noqa: SLF001  # run as torch would
                hook(optimizer, (), {})

    def _orders(self) -> Integers:
        """Each epoch's order of the samples, drawn as SB3 draws it."""
        samples = self.rollout_buffer.buffer_size * self.rollout_buffer.n_envs
        return np.stack([np.random.permutation(samples) for _ in range(self.n_epochs)])  # noqa: NPY002  # SB3's own generator

    def _samples(self, width: int) -> tuple[Floats, Floats, Floats]:
        """The buffer's observations (padded to `width`), actions and numbers, in SB3's order of samples."""
        buffer = self.rollout_buffer
        count = buffer.buffer_size * buffer.n_envs
        flattened = buffer.swap_and_flatten(buffer.observations).reshape(count, -1)
        observations = np.zeros((count, width), np.float32)
        observations[:, : flattened.shape[1]] = flattened
        actions = buffer.swap_and_flatten(buffer.actions).astype(np.float32)
        numbers = np.empty((4, count), np.float32)
        parts = (buffer.advantages, buffer.returns, buffer.values, buffer.log_probs)
        for row, values in zip(numbers, parts, strict=True):
            row.reshape(buffer.n_envs, buffer.buffer_size)[...] = values.T
        return observations, actions, numbers

    def settings(self) -> Doubles:
        """How to learn now: coefficients, the schedules' present values, and Adam's."""
        (group,) = self.policy.optimizer.param_groups
        values = np.zeros(SETTINGS)
        values[heads.CLIP_RANGE] = self.clip_range(self._current_progress_remaining)  # type: ignore[operator]  # SB3 makes it a schedule
        kept = self.clip_range_vf
        values[heads.CLIP_RANGE_VALUE] = -1.0 if kept is None else kept(self._current_progress_remaining)  # type: ignore[operator]  # likewise
        values[heads.ENTROPY_COEFFICIENT], values[heads.VALUE_COEFFICIENT] = self.ent_coef, self.vf_coef
        values[heads.TARGET_KL] = self.target_kl or 0.0
        values[heads.MAX_GRADIENT_NORM] = self.max_grad_norm
        values[heads.LEARNING_RATE], values[heads.EPSILON] = group["lr"], group["eps"]
        values[heads.BETA1], values[heads.BETA2] = group["betas"]
        values[heads.NORMALIZE] = float(self.normalize_advantage)
        return values

    def _flat_policy(self) -> FlatPolicy:
        if self._flat is None or not self._flat.belongs_to(self.policy):
            self._flat = FlatPolicy(self.policy)
        return self._flat

    def _noise(self, steps: int, envs: int, flat: FlatPolicy) -> Floats:
        """All random numbers of a rollout's actions: [steps, environments, actions]."""
        size = (steps, envs, len(flat.sizes))
        if isinstance(self.action_space, spaces.Box):
            return np.random.standard_normal(size).astype(np.float32)  # noqa: NPY002  # SB3's own generator
        return np.random.random_sample(size).astype(np.float32)  # noqa: NPY002  # likewise

    def _act(self, flat: FlatPolicy, noise: Floats, step: int, buffer: RolloutBuffer) -> Any:
        """Draw actions and note all that is known before the step; returns them as environments take them."""
        assert self._last_obs is not None
        assert self._last_episode_starts is not None
        buffer.observations[step] = self._last_obs
        buffer.episode_starts[step] = self._last_episode_starts
        rollout.act(
            flat.table, flat.shape, flat.sizes, flat.parameters, flat.work,
            buffer.observations[step].reshape(buffer.n_envs, -1), noise, step, buffer.actions, buffer.values,
            buffer.log_probs,
        )  # fmt: skip
        actions = buffer.actions[step]
        if isinstance(self.action_space, spaces.Discrete):
            return actions[:, 0]
        if isinstance(self.action_space, spaces.Box):
            shaped = actions.reshape(-1, *self.action_space.shape)
            return np.clip(shaped, self.action_space.low, self.action_space.high)
        return actions

    def _bootstrap(
        self, flat: FlatPolicy, rewards: Floats, dones: Any, infos: Sequence[dict[str, Any]]
    ) -> None:
        """Add the value of where a time limit cut an episode off (SB3's issue 633)."""
        for env in np.flatnonzero(dones).tolist():
            info = infos[env]
            last = info.get("terminal_observation")
            if last is not None and info.get("TimeLimit.truncated", False):
                rewards[env] += self.gamma * self._values(flat, np.asarray(last)[None])[0]

    def _values(self, flat: FlatPolicy, observations: Any) -> Floats:
        """What the critic expects after each of the observations: [count]."""
        values = np.empty(len(observations), np.float32)
        kind = self.rollout_buffer.observations.dtype
        flattened = np.ascontiguousarray(observations, kind).reshape(len(observations), -1)
        rollout.evaluate(flat.table, flat.shape, flat.parameters, flat.work, flattened, values)
        return values

    def _finish(self, flat: FlatPolicy, buffer: RolloutBuffer, dones: Any) -> None:
        """Compute advantages and returns of a rollout whose last step ended where `dones` says."""
        rollout.advantages_and_returns(
            buffer.rewards, buffer.values, buffer.episode_starts, self._values(flat, self._last_obs), dones,
            float(self.gamma), float(self.gae_lambda), buffer.advantages, buffer.returns,
        )  # fmt: skip
        buffer.pos, buffer.full = buffer.buffer_size, True

    def _log(self, settings: Doubles, result: Doubles) -> None:
        """What SB3 logs: means over all minibatches, of the KL estimate over those of the last epoch."""
        buffer, record = self.rollout_buffer, self.logger.record
        count = result[heads.MINIBATCHES]
        record("train/entropy_loss", result[heads.ENTROPY_LOSS] / count)
        record("train/policy_gradient_loss", result[heads.POLICY_LOSS] / count)
        record("train/value_loss", result[heads.VALUE_LOSS] / count)
        record("train/approx_kl", result[heads.KL] / result[heads.KL_COUNT])
        record("train/clip_fraction", result[heads.CLIP_FRACTION] / count)
        record("train/loss", result[heads.LOSS])
        record("train/explained_variance", explained_variance(buffer.values.ravel(), buffer.returns.ravel()))
        if (log_std := getattr(self.policy, "log_std", None)) is not None:
            record("train/std", torch.exp(log_std).mean().item())
        record("train/n_updates", self._n_updates, exclude="tensorboard")
        record("train/clip_range", settings[heads.CLIP_RANGE])
        if self.clip_range_vf is not None:
            record("train/clip_range_vf", settings[heads.CLIP_RANGE_VALUE])
