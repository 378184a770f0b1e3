"""Work that may crash, hang or eat memory, done in a forked copy of this process."""

import contextlib
import faulthandler
import os
import select
import signal
import time
from collections.abc import Callable
from typing import NoReturn

from trainer.errors import sentence

_POLL_S = 0.1
_SAID = 2_000
_DONE = b"\0"


def aside(task: Callable[[], None], *, within_s: float, meanwhile: Callable[[], bool]) -> str:
    """Do `task` in a copy of this process. "" where it came to its end, else a sentence why not.

    `meanwhile` is asked several times a second; once it is false, the copy is ended. Nothing that `task`
    changes in memory is seen here: it must leave files.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(task, writing, within_s)
    os.close(writing)
    try:
        said = _listen(reading, time.monotonic() + within_s, meanwhile)
    finally:
        os.close(reading)
        status = _end(child)
    if said is None:
        return f"it took longer than {within_s:.0f} s"
    if said.startswith(_DONE):
        return ""
    if said:
        return said.decode(errors="replace")
    if os.WIFSIGNALED(status):
        return f"it ended its process ({signal.Signals(os.WTERMSIG(status)).name})"
    return f"it ended its process (exit code {os.waitstatus_to_exitcode(status)})"


def _work(task: Callable[[], None], writing: int, within_s: float) -> NoReturn:
    """In the copy: it never returns, and says in the pipe how it went."""
    said = _DONE
    try:
        faulthandler.disable()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(within_s) + 5)  # where the one that waits is gone
        task()
    except BaseException as error:  # noqa: BLE001 - whatever it was, it is told and stays in here
        said = (sentence(error) or type(error).__name__).encode()[:_SAID]
    with contextlib.suppress(OSError):
        os.write(writing, said)
    os._exit(0)


def _listen(reading: int, deadline: float, meanwhile: Callable[[], bool]) -> bytes | None:
    """What the copy said; None where it took too long or was not wanted any more."""
    while time.monotonic() < deadline and meanwhile():
        if select.select([reading], [], [], _POLL_S)[0]:
            return os.read(reading, _SAID)
    return None


def _end(child: int) -> int:
    """Its exit status; it is killed where it still runs."""
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended == 0:
        time.sleep(0.01)  # one that has said how it went is about to end
        ended, status = os.waitpid(child, os.WNOHANG)
    if ended == 0:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return status
