"""A thread that keeps the heartbeat alive through long updates, and ends a run in which nothing moves.

The training itself looks at its limits between steps and between minibatches. Neither happens while
a step of the environment, or native code, does not return: then this thread says so, and where, and
ends the process. Where native code holds the interpreter, so that not even this thread runs,
`faulthandler`'s own timer ends it with exit code 1 and the stack in the log.
"""

import faulthandler
import logging
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from trainer.attempt import Attempt
from trainer.contract import ExitCode, Phase

log = logging.getLogger(__name__)

# How long a stop, or the time limit, may wait for a step that does not return.
PATIENCE_S = 20.0
_LOOK_S = 1.0
_REARM_S = 15.0
# The timer of last resort comes this much later, so that this thread has its chance to say more.
_LATER_S = 60.0

Finish = Callable[[ExitCode, str], None]
"""Writes the result and ends the process; must not come back."""


class Pulse:
    """Use as a context around everything that an attempt does."""

    def __init__(self, attempt: Attempt, finish: Finish, *, look_s: float = _LOOK_S) -> None:
        self._attempt, self._finish, self._look_s = attempt, finish, look_s
        self._over = threading.Event()
        self._main = threading.get_ident()
        self._thread = threading.Thread(target=self._watch, name="pulse", daemon=True)
        self._rearm_at = 0.0

    def __enter__(self) -> Self:
        self._attempt.moved()
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        faulthandler.cancel_dump_traceback_later()

    def _watch(self) -> None:
        while not self._over.wait(self._look_s):
            self._rearm()
            self._attempt.beat_for_another_thread()
            ending = self._verdict(time.monotonic())
            if ending is not None and not self._over.is_set():
                log.error("%s The stacks of all threads follow.", ending[1])
                faulthandler.dump_traceback(all_threads=True)
                self._finish(*ending)

    def _rearm(self) -> None:
        now = time.monotonic()
        if now >= self._rearm_at:
            self._rearm_at = now + _REARM_S
            faulthandler.dump_traceback_later(self._attempt.spec.stall_after_s + _LATER_S, exit=True)

    def _verdict(self, now: float) -> tuple[ExitCode, str] | None:
        """How to end a run that has not moved; None while it may go on."""
        attempt = self._attempt
        still_s = now - attempt.moved_at
        if still_s < min(PATIENCE_S, self._allowed_s()):
            return None
        where = (
            f"at step {attempt.timesteps:,} of {attempt.total_timesteps:,}; {self._where()} does not return"
        )
        saving = attempt.phase is Phase.SAVING  # what is worth waiting for; a large replay buffer takes long
        if attempt.stop.reason is not None and not saving:
            return ExitCode.STOPPED, f"Stopped ({attempt.stop.reason}) {where}, so nothing newer was saved."
        if now >= attempt.deadline + PATIENCE_S and not saving:
            return ExitCode.TIME_LIMIT, f"The time limit was reached {where}."
        if still_s >= self._allowed_s():
            return ExitCode.STALLED, f"Nothing moved for {still_s:,.0f} s {where}."
        return None

    def _allowed_s(self) -> float:
        """A smoke run is there to find a step that hangs, and has a minute for it."""
        spec = self._attempt.spec
        if spec.smoke is not None and self._attempt.phase in (Phase.TRAINING, Phase.EVALUATING):
            return min(spec.stall_after_s, spec.smoke.max_s)
        return spec.stall_after_s

    def _where(self) -> str:
        frame = sys._current_frames().get(self._main)  # noqa: SLF001  # documented, despite its name
        return _spoken(frame) if frame is not None else "native code"


def _spoken(frame: FrameType) -> str:
    code = frame.f_code
    return f"{code.co_name}() in {Path(code.co_filename).name}, line {frame.f_lineno},"
