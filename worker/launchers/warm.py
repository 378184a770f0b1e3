"""Starts attempts by forking a process that has the trainer in memory already.

The warm parent (`worker.launchers.warm_parent`) has imported torch and trained one tiny PPO. For each
attempt it forks the shim, which does all that it does after a cold start (lock, session, group id,
`exit.json`), but runs the trainer in the forked memory in place of starting Python anew. The parent
is no part of what runs: it may die at any time, and where it does not answer, starts are cold.
"""

import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from worker.launchers.launcher import LauncherDown

SOCKET_FILE = "warm.sock"
GREETING = b"warm\n"
# A parent that lives greets at once; one that does not is not asked for anything.
GREETING_PATIENCE_S = 1.0
ANSWER_PATIENCE_S = 20.0
_LONGEST_LINE = 64 * 1024

# What differs from one attempt to the next: an attempt that differs in more is started cold.
OWN_VARIABLES = frozenset({"SIGNOFF_ATTEMPT"})


def supported() -> bool:
    """Forking a process that has used native libraries is safe on Linux; on macOS it is not."""
    return sys.platform == "linux"


def command(python: str, state: Path, package_root: Path) -> tuple[str, ...]:
    """How the warm parent is started; its standard input tells it when we die."""
    module = "worker.launchers.warm_parent"
    return (python, "-P", "-m", module, str(state.absolute()), str(package_root))


def fork(state: Path, entry: Path) -> int | None:
    """Have the warm parent start an entry; the shim's answer, or None where there is no warm parent.

    :raises LauncherDown: where it was asked, and no answer came: the entry may have been started.
    """
    with connected(state) as line:
        if line is None:
            return None
        try:
            line.sendall(json.dumps({"entry": str(entry)}).encode() + b"\n")
            line.settimeout(ANSWER_PATIENCE_S)
            answer = read_line(line)
        except OSError as error:
            raise LauncherDown(f"the warm parent did not answer for {entry.name}: {error}") from error
        if not answer:
            raise LauncherDown(f"the warm parent was lost while it started {entry.name}")
        code = json.loads(answer)["code"]
        return int(code) if code is not None else None


def asks_the_same(environment: Mapping[str, str], parents: Mapping[str, str]) -> bool:
    """Whether a process with the parent's variables is as good as one started with these."""
    ours, theirs = (
        {name: value for name, value in variables.items() if name not in OWN_VARIABLES}
        for variables in (environment, parents)
    )
    return ours == theirs


@contextmanager
def socket_at(state: Path) -> Iterator[str]:
    """An address of the socket that is short enough, however long the folder's name is."""
    folder = os.open(state, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET_FILE}"
    finally:
        os.close(folder)


def read_line(line: socket.socket) -> bytes:
    """Up to the end of a line; b"" where the other side has gone before it."""
    said = b""
    while not said.endswith(b"\n"):
        part = line.recv(_LONGEST_LINE)
        if not part or len(said) > _LONGEST_LINE:
            return b""
        said += part
    return said


@contextmanager
def connected(state: Path) -> Iterator[socket.socket | None]:
    """A line to a warm parent that has greeted us; None where none does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(GREETING_PATIENCE_S)
        try:
            with socket_at(state) as address:
                line.connect(address)
            greeted = read_line(line) == GREETING
        except OSError:
            greeted = False
        yield line if greeted else None
