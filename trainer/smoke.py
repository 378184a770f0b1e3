"""The smoke run's measurements: when it has seen enough, and what a whole seed will take."""

import time
from dataclasses import dataclass

from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm

from trainer.attempt import Attempt, peak_memory_mb
from trainer.contract import SmokeLimits, SmokeReport
from trainer.evaluate import BATCH, Act, Yardstick
from trainer.interim import looks_budget_s
from trainer.replay import unfilled_bytes
from trainer.seeds import Purpose, evaluation_seeds

# The part of `max_s` that training may use; the rest is for one look at the yardstick and for saving.
_TRAINING_SHARE = 0.8
_LOOK_SHARE = 0.1
# Updates must be measured for this part of `min_s`, where filling the replay buffer took the rest.
_UPDATING_SHARE = 0.4


class EnoughSeen(Exception):
    """Ends the training of a smoke run. It is no error."""


@dataclass(frozen=True)
class _Mark:
    at: float
    timesteps: int


class SmokeMeter:
    """Counts updates and times them."""

    def __init__(self, attempt: Attempt, limits: SmokeLimits, model: BaseAlgorithm) -> None:
        self._attempt, self._limits, self._model = attempt, limits, model
        self._start = _Mark(time.monotonic(), attempt.timesteps)
        self._first_update: _Mark | None = None
        self._last_update: _Mark | None = None
        self._seen = self._n_updates()
        self.updates = 0

    def rollout_start(self) -> None:
        """Called before each rollout, so right after each update."""
        seen = self._n_updates()
        if seen == self._seen:
            return
        self._seen = seen
        self.updates += 1
        self._last_update = _Mark(time.monotonic(), self._attempt.timesteps)
        self._first_update = self._first_update or self._last_update
        self.step()

    def step(self) -> None:
        """Called after each step.

        :raises EnoughSeen: where the limits say so.
        """
        now = time.monotonic()
        used_s = now - self._attempt.started - self._attempt.preparing_s
        if used_s >= self._limits.max_s * _TRAINING_SHARE:
            raise EnoughSeen
        updating_s = now - self._first_update.at if self._first_update else 0.0
        enough = self.updates >= self._limits.min_updates and now - self._start.at >= self._limits.min_s
        if enough and updating_s >= self._limits.min_s * _UPDATING_SHARE:
            raise EnoughSeen

    def report(self, yardstick: Yardstick, act: Act) -> SmokeReport:
        """Look at the yardstick for a moment, then estimate one full seed."""
        total = self._attempt.total_timesteps
        speed = self._speed()
        training_s = self._training_s(total, speed)
        look_s, final_s = self._evaluation_s(yardstick, act)
        startup_s = self._start.at - self._attempt.started - self._attempt.preparing_s
        estimated = startup_s + training_s + min(look_s, looks_budget_s(training_s)) + final_s
        return SmokeReport(
            updates=self.updates,
            steps_per_s=speed,
            estimated_s=estimated,
            peak_memory_mb=peak_memory_mb() + self._memory_to_come_mb(total),
        )

    def _n_updates(self) -> int:
        return int(getattr(self._model, "_n_updates", 0))

    def _speed(self) -> float:
        first, last = self._first_update, self._last_update
        if first is None or last is None or last.timesteps == first.timesteps:
            first, last = self._start, _Mark(time.monotonic(), self._attempt.timesteps)
        return (last.timesteps - first.timesteps) / max(last.at - first.at, 1e-9)

    def _training_s(self, total: int, speed: float) -> float:
        """Steps before an off-policy algorithm learns are much faster than those after."""
        if not isinstance(self._model, OffPolicyAlgorithm) or self._first_update is None:
            return total / max(speed, 1e-9)
        filling = self._first_update
        fill_steps = min(filling.timesteps - self._start.timesteps, total)
        return (filling.at - self._start.at) + (total - fill_steps) / max(speed, 1e-9)

    def _evaluation_s(self, yardstick: Yardstick, act: Act) -> tuple[float, float]:
        """Seconds of all interim looks and of the final evaluation, from a moment of the final one."""
        config, spec = self._attempt.config.eval, self._attempt.spec
        count = min(BATCH, config.n_eval_episodes)
        began = time.monotonic()
        until = began + self._limits.max_s * _LOOK_SHARE
        steps = 0

        def check() -> None:
            nonlocal steps
            self._attempt.check_stop()
            steps += 1

        episodes = yardstick.play(
            act,
            evaluation_seeds(Purpose.MEASURE, spec.seed_index, count),
            check=check,
            may_go_on=lambda: time.monotonic() < until,
        )
        step_s = (time.monotonic() - began) / max(steps, 1)
        lengths = [episode.length for episode in episodes]
        length = yardstick.step_limit or max(lengths, default=steps)
        final_s = step_s * length * -(-config.n_eval_episodes // BATCH)
        looks_s = step_s * length * -(-config.interim.episodes // BATCH) * config.interim.points
        return looks_s, final_s

    def _memory_to_come_mb(self, total: int) -> float:
        if not isinstance(self._model, OffPolicyAlgorithm):
            return 0.0
        return unfilled_bytes(self._model, total) / 2**20
