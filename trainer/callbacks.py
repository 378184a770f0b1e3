"""What happens between the steps of SB3's training: limits, recording, looks and checkpoints."""

import logging
import math
import time
from collections.abc import Callable, Mapping

import numpy as np
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from torch.optim import Optimizer
from torch.utils.hooks import RemovableHandle

from trainer.attempt import Attempt
from trainer.checkpoints import counters, weights_are_finite
from trainer.errors import NotFinite
from trainer.interim import InterimLooks
from trainer.lossless import RolloutMode, rollouts_keep_arrays_alone
from trainer.recording import Recorder
from trainer.smoke import SmokeMeter

log = logging.getLogger(__name__)

CHECKPOINT_EVERY_S = 30.0
# What the log says, and `bench` reads, when learning begins.
FIRST_GRADIENT_STEP = "the first gradient step was taken"
# Saving may take at most one part in so many of the time.
_SAVING_PART = 20
_WEIGHTS_EVERY_S = 1.0


class RunCallback(BaseCallback):
    """SB3's callback of a run. One for all that happens between steps, because each call costs time."""

    def __init__(
        self,
        attempt: Attempt,
        recorder: Recorder,
        *,
        looks: InterimLooks | None,
        meter: SmokeMeter | None,
        save: Callable[[], None],
    ) -> None:
        super().__init__()
        self._attempt, self._recorder = attempt, recorder
        self._looks, self._meter = looks, meter
        self._saver = _TimedSaver(save)
        self._guard = _LossGuard()
        self._began = 0.0
        self._paused_s = 0.0
        self._first_step = 0
        self._step_size = 1
        self._hooks: list[RemovableHandle] = []
        self._learned = False
        self._updates = 0
        self.rollout = RolloutMode()

    def _on_training_start(self) -> None:
        # A long update looks at the stop and the time limit after each minibatch.
        self._hooks = [
            optimizer.register_step_post_hook(self._stepped) for optimizer in optimizers(self.model)
        ]
        self.rollout.infers = rollouts_keep_arrays_alone(self.model)
        self._began = time.monotonic()
        self._first_step = self.num_timesteps
        self._step_size = self.training_env.num_envs
        self._updates = counters(self.model).get("_n_updates", 0)

    def _stepped(self, *_: object) -> None:
        self._note_learning()
        self._attempt.check()

    def _note_learning(self) -> None:
        if not self._learned:
            self._learned = True
            log.info(FIRST_GRADIENT_STEP)

    def _on_rollout_start(self) -> None:
        if not self._learned and counters(self.model).get("_n_updates", 0) > self._updates:
            self._note_learning()  # the compiled path has no optimizer that takes steps
        losses = newest_losses(self.model)
        if self.num_timesteps == self._first_step:
            losses.pop("exploration_rate", None)  # SB3 says 0 until it has stepped
        self._recorder.losses(losses)
        self._guard.check(losses, self.model)
        if self._saver.due():
            self._pause(self._saver.save)
        if self._meter is not None:
            self._meter.rollout_start()
        self.rollout.open()

    def _on_rollout_end(self) -> None:
        self.rollout.close()

    def _on_step(self) -> bool:
        attempt, looks = self._attempt, self._looks
        attempt.timesteps = steps = self.num_timesteps
        attempt.trained = steps - self._first_step
        attempt.check()
        now = attempt.moved_at
        attempt.training_s = now - self._began - self._paused_s
        if True in self.locals["dones"].tolist():  # for a few, four times as fast as any()
            self._recorder.episodes(self.locals["infos"])
        self._recorder.step(now)
        if self._meter is not None:
            self._meter.step()
        if looks is not None and looks.due(self._step_size):
            self._pause(lambda: looks.look(self._step_size))
        return True

    def _on_training_end(self) -> None:
        for hook in self._hooks:
            hook.remove()
        losses = newest_losses(self.model)
        self._recorder.losses(losses)
        self._guard.check(losses, self.model, always=True)

    def _pause(self, action: Callable[[], None]) -> None:
        began = time.monotonic()
        action()
        self._paused_s += time.monotonic() - began


class _TimedSaver:
    """Saves by time, and less often where saving itself takes long."""

    def __init__(self, save: Callable[[], None]) -> None:
        self._save = save
        self._next = time.monotonic() + CHECKPOINT_EVERY_S

    def due(self) -> bool:
        return time.monotonic() >= self._next

    def save(self) -> None:
        began = time.monotonic()
        self._save()
        now = time.monotonic()
        self._next = now + max(CHECKPOINT_EVERY_S, _SAVING_PART * (now - began))


class _LossGuard:
    """Ends the run after the first update whose losses or weights are not finite numbers."""

    def __init__(self) -> None:
        self._next = 0.0

    def check(self, losses: Mapping[str, float], model: BaseAlgorithm, *, always: bool = False) -> None:
        for name, value in losses.items():
            if _must_be_finite(name) and not math.isfinite(value):
                raise NotFinite(f"The {_spoken(name)} became {spell(value)} at {_where(model, losses)}.")
        now = time.monotonic()
        if not always and now < self._next:
            return
        self._next = now + _WEIGHTS_EVERY_S
        if not weights_are_finite(model):
            raise NotFinite(f"The policy's weights became NaN or infinite at {_where(model, losses)}.")


def optimizers(model: BaseAlgorithm) -> list[Optimizer]:
    """Every optimizer of the model, of its policy and of the policy's networks."""
    holders = (model, model.policy, *model.policy.modules())
    found = [value for holder in holders for value in vars(holder).values() if isinstance(value, Optimizer)]
    return list({id(optimizer): optimizer for optimizer in found}.values())


def newest_losses(model: BaseAlgorithm) -> dict[str, float]:
    """What the newest update logged, by SB3's names without "train/" and "rollout/"."""
    values = model.logger.name_to_value
    losses = {
        key.partition("/")[2]: float(value)
        for key, value in values.items()
        if key.startswith("train/") and isinstance(value, (int, float, np.floating))
    }
    if (exploration := getattr(model, "exploration_rate", None)) is not None:
        losses["exploration_rate"] = float(exploration)
    return losses


def spell(value: float) -> str:
    return "NaN" if math.isnan(value) else "infinite"


def _must_be_finite(name: str) -> bool:
    """Explained variance is NaN by definition where returns are constant; the KL estimate may overflow."""
    return name.endswith("loss") or name in {"ent_coef", "std"}


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _where(model: BaseAlgorithm, losses: Mapping[str, float]) -> str:
    rate = losses.get("learning_rate")
    at = f"step {model.num_timesteps:,}"
    return f"{at} (learning rate {rate:.3g})" if rate is not None else at
