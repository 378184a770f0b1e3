"""The host loop's Celery worker: a child process, started again with growing pauses when it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import structlog

log = structlog.get_logger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STEADY_AFTER_S = 60.0
STOP_PATIENCE_S = 3.0
STANDARD_INPUT = 0


class Child:
    """A supervised child. It lives in a session of its own, and sees on its standard input when we die."""

    def __init__(
        self,
        command: Sequence[str],
        monotonic: Callable[[], float] = time.monotonic,
        *,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`environment` is all that the child is given; None stands for our own."""
        self._command = tuple(command)
        self._environment = environment
        self._monotonic = monotonic
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._next_start = 0.0
        self._pause_s = FIRST_PAUSE_S

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive_s(self) -> float:
        """How long the present child has lived; 0 where none does."""
        return self._monotonic() - self._started_at if self._process else 0.0

    def supervise(self) -> None:
        """Starts the child where none runs and the pause is over. Call it often."""
        if self._process is not None and self._process.poll() is not None:
            self._note_end(self._process)
        if self._process is None and self._monotonic() >= self._next_start:
            self._start()

    def restart(self) -> None:
        """Ends the present child at once; `supervise` starts the next one."""
        if self._process is not None:
            _kill_group(self._process)
            self._process.wait()

    def stop(self) -> None:
        """Asks the child to end what it is doing, and soon ends it: its tasks may be cut off anywhere."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_PATIENCE_S)
        _kill_group(self._process)
        self._process.wait()
        self._let_go(self._process)

    def _start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # an argument list of our own, no shell
            self._command,
            stdin=subprocess.PIPE,
            stdout=sys.stderr,
            start_new_session=True,
            env=self._environment,
        )
        self._started_at = self._monotonic()
        log.info("child_started", pid=self._process.pid)

    def _note_end(self, process: subprocess.Popen[bytes]) -> None:
        """What the child has left behind in its session goes too: pool processes without a master."""
        _kill_group(process)
        if self._monotonic() - self._started_at >= STEADY_AFTER_S:
            self._pause_s = FIRST_PAUSE_S
        self._next_start = self._monotonic() + self._pause_s
        log.warning("child_ended", code=process.returncode, again_in_s=self._pause_s)
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        self._let_go(process)

    def _let_go(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin:
            process.stdin.close()
        self._process = None


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def end_with_parent() -> None:
    """For the child: blocks until the parent has died, however that happened, then ends its whole group.

    Reads the descriptor itself: a lock of `sys.stdin`, held here for ever, would hang every fork.
    """
    while os.read(STANDARD_INPUT, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_PATIENCE_S)
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
