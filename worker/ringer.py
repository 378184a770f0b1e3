"""Rings doorbells again, but each at most every few seconds: nobody hears better for constant ringing."""

import time
from collections.abc import Callable

from db.doorbell import Task
from worker.workplace import Workplace

AGAIN_AFTER_S = 15.0
FORGET_AFTER_S = 600.0


class Ringer:
    """Used by one thread. What it forgets, at a restart, is only rung once too often."""

    def __init__(self, work: Workplace, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._work = work
        self._monotonic = monotonic
        self._rung_at: dict[tuple[Task, int], float] = {}

    def ring(self, task: Task, number: int) -> None:
        """Rings on this host's queue, unless it rang for the same not long ago."""
        now = self._monotonic()
        if now - self._rung_at.get((task, number), -AGAIN_AFTER_S) < AGAIN_AFTER_S:
            return
        self._rung_at[task, number] = now
        self._forget(now)
        self._work.ring_here(task, number)

    def _forget(self, now: float) -> None:
        old = [key for key, at in self._rung_at.items() if now - at > FORGET_AFTER_S]
        for key in old:
            del self._rung_at[key]
