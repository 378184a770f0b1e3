"""Start other rooms as child processes, wait until they are ready, and stop them again.

Each child has its own session, so that Ctrl-C reaches the command alone and the children end in
the order that it wants. What a child prints goes into a log file.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from db.errors import SignoffError

POLL_S = 0.05
TERM_WITHIN_S = 15.0
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


class ChildFailed(SignoffError):
    """A part of Signoff did not start, or ended when it should have gone on."""


class Interrupted(KeyboardInterrupt):
    """SIGTERM or SIGHUP was received; unwinds like Ctrl-C does."""


@dataclass(frozen=True)
class Child:
    """A running part: `name` as people know it, and the file with what it printed.

    What earlier children of that name printed stands before `log_from`.
    """

    name: str
    process: subprocess.Popen[bytes]
    log_path: Path
    log_from: int = 0

    def tail(self, lines: int = 20) -> str:
        """The last lines of what the child printed."""
        return "\n".join(self.text().splitlines()[-lines:])

    def text(self) -> str:
        """All that the child printed so far."""
        with self.log_path.open("rb") as log_file:
            log_file.seek(self.log_from)
            return log_file.read().decode("utf-8", errors="replace")

    def check(self) -> None:
        """Raise ChildFailed if the child has ended."""
        code = self.process.poll()
        if code is not None:
            raise ChildFailed(f"{self.name} ended with code {code}; its log ends with:\n{self.tail()}")

    def wait_for(self, start: str, *, within_s: float) -> str:
        """The first printed line that starts with `start`, without it. Raises ChildFailed in the end."""
        deadline = time.monotonic() + within_s
        while True:
            for line in self.text().splitlines():
                if line.startswith(start):
                    return line.removeprefix(start).strip()
            self.check()
            if time.monotonic() > deadline:
                raise ChildFailed(
                    f"{self.name} was not ready within {within_s:g} s; its log ends with:\n{self.tail()}"
                )
            time.sleep(POLL_S)


@dataclass
class Household:
    """The children of one command, stopped in the reverse order of their start.

    `term_within_s`: how long a child may take to end after SIGTERM before it is killed.
    """

    logs: Path
    children: list[Child] = field(default_factory=list)
    term_within_s: float = TERM_WITHIN_S

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str]) -> Child:
        """Start a child; its log is `<logs>/<name>.log`."""
        self.logs.mkdir(parents=True, exist_ok=True)
        path = self.logs / f"{name}.log"
        with path.open("ab") as log_file:
            log_from = log_file.tell()
            process = subprocess.Popen(  # noqa: S603 - the arguments are our own
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=subprocess.STDOUT,
                env=dict(env),
                start_new_session=True,
            )
        child = Child(name, process, path, log_from)
        self.children.append(child)
        return child

    def check(self) -> None:
        """Raise ChildFailed if any child has ended."""
        for child in self.children:
            child.check()

    def stop(self) -> None:
        """End all children: SIGTERM, then SIGKILL to the whole group of one that does not listen."""
        while self.children:
            _end(self.children.pop(), self.term_within_s)


def _end(child: Child, within_s: float) -> None:
    with suppress(ProcessLookupError):
        child.process.terminate()
    try:
        child.process.wait(within_s)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()


@contextmanager
def household(logs: Path) -> Iterator[Household]:
    """Children that end when the block does, also on Ctrl-C and SIGTERM."""
    family = Household(logs)
    with unwinding_on_signals():
        try:
            yield family
        finally:
            with _deaf_to_signals():
                family.stop()


@contextmanager
def unwinding_on_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind the block like Ctrl-C does, so that `finally` runs."""

    def unwind(number: int, _frame: FrameType | None) -> None:
        raise Interrupted(signal.Signals(number).name)

    before = {number: signal.signal(number, unwind) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _deaf_to_signals() -> Iterator[None]:
    """A second Ctrl-C must not leave half of the children behind."""
    before = {
        number: signal.signal(number, signal.SIG_IGN)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def child_environment(overrides: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without proxies (children talk to 127.0.0.1), with `overrides`.

    Settings of another Signoff in the environment (`SIGNOFF_*`, `SLACK_*`) stay: `overrides` wins.
    """
    kept = {name: value for name, value in os.environ.items() if name.lower() not in _PROXIES}
    return {**kept, "PYTHONUNBUFFERED": "1", **overrides}
