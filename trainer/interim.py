"""Looks along the way: short evaluations while training goes on, and confirmed crossings.

They give no verdict. They never touch the training's random numbers, so that weights do not depend
on them.
"""

import bisect
import logging
import time
from collections.abc import Callable

from trainer.attempt import Attempt
from trainer.contract import SolvedAt
from trainer.evaluate import BATCH, Act, Yardstick, summarize
from trainer.recording import Recorder
from trainer.seeds import Purpose, evaluation_seeds

log = logging.getLogger(__name__)

MAX_SHARE = 0.1
MIN_BUDGET_S = 0.2
CONFIRMATION_EPISODES = 100


class InterimLooks:
    """Evaluates at evenly spaced steps, in at most a tenth of the training's time or a fifth of a second.

    The fifth, spent evenly, gives a curve to trainings that are over in a second or two. A look that
    would cost more waits until it is affordable. The looks that a solve target still needs never wait:
    they decide a claim, which must not depend on the machine's speed.
    """

    def __init__(self, attempt: Attempt, yardstick: Yardstick, act: Act, recorder: Recorder) -> None:
        self._attempt, self._yardstick, self._act, self._recorder = attempt, yardstick, act, recorder
        decided = {entry.target for entry in attempt.solved}
        self._open = [target for target in attempt.spec.solve_targets if target not in decided]
        self._points = _points(attempt)
        self._next = bisect.bisect_right(self._points, attempt.timesteps)
        self._spent_s = 0.0
        self._last_s = 0.0
        self._confirmations = 0

    def due(self, step_size: int) -> bool:
        """Whether to look now; `step_size` is how many timesteps the next step of training adds."""
        if self._next >= len(self._points) or self._attempt.timesteps + step_size <= self._points[self._next]:
            return False
        if any(self._attempt.timesteps <= target.within_steps for target in self._open):
            return True
        share = min(1.0, (self._attempt.timesteps + step_size) / self._attempt.total_timesteps)
        allowed = looks_budget_s(self._attempt.training_s + self._spent_s, share=share)
        return self._spent_s + self._last_s <= allowed

    def look(self, step_size: int) -> None:
        """Evaluate once, note it, and confirm crossings."""
        began = time.monotonic()
        self._next = bisect.bisect_left(self._points, self._attempt.timesteps + step_size)
        episodes = self._play(Purpose.INTERIM, self._attempt.config.eval.interim.episodes)
        self._recorder.evaluation(episodes)
        self._last_s = time.monotonic() - began
        self._spent_s += self._last_s
        self._attempt.evaluation_estimate_s = self._final_estimate()
        self._confirm(episodes["final_reward"])

    def _confirm(self, reward: float) -> None:
        steps = self._attempt.timesteps
        crossed = [
            target for target in self._open if reward >= target.threshold and steps <= target.within_steps
        ]
        if not crossed:
            return
        skip = self._confirmations * CONFIRMATION_EPISODES
        self._confirmations += 1
        confirmed = self._play(Purpose.SOLVED, CONFIRMATION_EPISODES, skip=skip)["final_reward"]
        for target in crossed:
            met = confirmed >= target.threshold
            log.info("crossing of %g at step %s: %g on fresh episodes", target.threshold, steps, confirmed)
            if met:
                self._attempt.solved += (SolvedAt(target=target, timesteps=steps),)
                self._open.remove(target)

    def _play(self, purpose: Purpose, count: int, *, skip: int = 0) -> dict[str, float]:
        seeds = evaluation_seeds(purpose, self._attempt.spec.seed_index, count, skip=skip)
        check = _beating(self._attempt)
        return summarize(self._yardstick.play(self._act, seeds, check=check))

    def _final_estimate(self) -> float:
        config = self._attempt.config.eval
        rounds = -(-config.n_eval_episodes // BATCH) / -(-config.interim.episodes // BATCH)
        return self._last_s * rounds


def looks_budget_s(so_far_s: float, *, share: float = 1.0) -> float:
    """How long looks may take, in seconds, until `share` of a training is done, which took `so_far_s`."""
    return max(MIN_BUDGET_S * share, MAX_SHARE * so_far_s)


def solved_at_last(attempt: Attempt) -> tuple[SolvedAt, ...]:
    """Each target's answer after the final evaluation, whose episodes are fresh and confirm as well."""
    known = {entry.target: entry for entry in attempt.solved}
    reward = attempt.metrics["final_reward"]
    answers = []
    for target in attempt.spec.solve_targets:
        in_time = attempt.timesteps <= target.within_steps
        met = in_time and attempt.n_eval_episodes >= CONFIRMATION_EPISODES and reward >= target.threshold
        last = SolvedAt(target=target, timesteps=attempt.timesteps if met else None)
        answers.append(known.get(target, last))
    return tuple(answers)


def _points(attempt: Attempt) -> list[int]:
    total, count = attempt.total_timesteps, attempt.config.eval.interim.points
    points = {total * point // count for point in range(1, count + 1)}
    points |= {target.within_steps for target in attempt.spec.solve_targets if target.within_steps <= total}
    return sorted(points)


def _beating(attempt: Attempt) -> Callable[[], None]:
    def check() -> None:
        attempt.check()
        attempt.beat()

    return check
