"""The process launcher's shim: starts one trainer, outlives the worker, writes `exit.json`.

    python -I -S shim.py ENTRY_FOLDER

Standard library only, and run as a file, so that it starts in milliseconds and imports nothing
of ours. `ENTRY_FOLDER/launch.json` says what to start. The truth about the trainer is then:

    lock held            it runs: the shim and the trainer share one descriptor of the lock, so
                         that a trainer whose shim was killed still holds it
    exit.json            it has ended, with this exit code
    neither              it is gone

The trainer is released only after its group id is on disk, so that nothing runs which cannot be
stopped; and an entry that has a group id is never started again, so that no attempt runs twice.
"""

import errno
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn, TypeAlias

LAUNCH_FILE = "launch.json"
GROUP_FILE = "group.json"
OUTPUT_FILE = "output.log"
SHIM_LOG_FILE = "shim.log"
LOCK_FILE = "lock"
EXIT_FILE = "exit.json"

STARTED = 0
FAILED = 2
HELD = 3
ALREADY_DONE = 4

LOCK_PATIENCE_S = 2.0
LOCK_POLL_S = 0.02
DEAF_TO = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
COMMAND_NOT_FOUND = 127
COMMAND_NOT_EXECUTABLE = 126


@dataclass(frozen=True)
class Launch:
    """`launch.json`: one attempt to start. `env` is the trainer's whole environment."""

    run: str
    attempt: int
    token: str
    folder: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    created_at: float


@dataclass(frozen=True)
class Group:
    """`group.json`: the process group that holds the trainer and its children."""

    group_id: int
    shim_id: int
    started_at: float


RunTrainer: TypeAlias = Callable[[Launch], NoReturn]


def read_launch(entry: Path) -> Launch:
    content = json.loads((entry / LAUNCH_FILE).read_text())
    return Launch(**{**content, "argv": tuple(content["argv"])})


def read_group(entry: Path) -> Group | None:
    try:
        return Group(**json.loads((entry / GROUP_FILE).read_text()))
    except FileNotFoundError:
        return None


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Whole or not at all, also after a power cut."""
    part = path.with_name(f"{path.name}.{os.getpid()}.{time.monotonic_ns()}.part")
    with part.open("w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def open_lock(folder: Path) -> int:
    return os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)


def try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise
    return True


def _take_lock(descriptor: int) -> bool:
    """Looking at a lock means holding it for an instant, so one refusal proves nothing."""
    give_up_at = time.monotonic() + LOCK_PATIENCE_S
    while not try_lock(descriptor):
        if time.monotonic() > give_up_at:
            return False
        time.sleep(LOCK_POLL_S)
    return True


def oom_kills() -> int:
    """How often the kernel ended a process for want of memory since boot; 0 where unknown."""
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


def main(entry: Path, run_trainer: RunTrainer | None = None) -> int:
    """Start the entry's trainer; by `run_trainer`, where this process has the trainer in memory."""
    launch = read_launch(entry)
    folder = Path(launch.folder)
    lock = open_lock(folder)
    if not _take_lock(lock):
        return HELD
    if (folder / EXIT_FILE).exists() or (entry / GROUP_FILE).exists():
        return ALREADY_DONE
    ready_read, ready_write = os.pipe()
    if os.fork():
        os.close(ready_write)
        return STARTED if os.read(ready_read, 1) else FAILED
    os.close(ready_read)
    _become_daemon()
    _supervise(entry, launch, lock, ready_write, run_trainer)
    os._exit(0)


def _become_daemon() -> None:
    """A session of its own, deaf to what ends the worker. Handlers, unlike SIG_IGN, end at exec."""
    os.setsid()
    for number in DEAF_TO:
        signal.signal(number, lambda *_: None)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    os.chdir("/")


def _supervise(entry: Path, launch: Launch, lock: int, ready: int, run_trainer: RunTrainer | None) -> None:
    kills_before = oom_kills()
    gate_read, gate_write = os.pipe()
    trainer = os.fork()
    if not trainer:
        os.close(gate_write)
        os.close(ready)
        _become_trainer(entry, launch, lock, gate_read, run_trainer)
    os.close(gate_read)
    _own_group(trainer)
    write_json(entry / GROUP_FILE, asdict(Group(trainer, os.getpid(), time.time())))
    os.write(gate_write, b"g")
    os.close(gate_write)
    os.write(ready, b"r")
    os.close(ready)
    code, signal_number = _wait(trainer)
    report = {
        "exit_code": code,
        "signal": signal_number,
        "oom_killed": signal_number == signal.SIGKILL and oom_kills() > kills_before,
        "finished_at": time.time(),
    }
    write_json(Path(launch.folder) / EXIT_FILE, report)


def _own_group(process: int) -> None:
    """Both sides set it, so that it holds whichever runs first."""
    try:
        os.setpgid(process, process)
    except (PermissionError, ProcessLookupError):  # it has been released or has ended already
        return


def _become_trainer(
    entry: Path, launch: Launch, lock: int, gate: int, run_trainer: RunTrainer | None
) -> NoReturn:
    try:
        for number in DEAF_TO:
            signal.signal(number, signal.SIG_DFL)
        _own_group(0)
        if os.read(gate, 1) != b"g":  # the shim died before the group id was on disk
            os._exit(COMMAND_NOT_FOUND)
        output = os.open(entry / OUTPUT_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o644)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(launch.folder)
        if run_trainer is not None:  # never comes back
            os.close(output)
            os.close(gate)
            run_trainer(launch)
        os.set_inheritable(lock, True)
        os.execve(launch.argv[0], launch.argv, dict(launch.env))  # noqa: S606  # an argument list, no shell
    except OSError as error:
        os.write(2, f"cannot start {launch.argv[0]!r}: {error}\n".encode())
        missing = isinstance(error, FileNotFoundError)
        os._exit(COMMAND_NOT_FOUND if missing else COMMAND_NOT_EXECUTABLE)
    finally:
        os._exit(COMMAND_NOT_EXECUTABLE)


def _wait(trainer: int) -> tuple[int, int | None]:
    """Waits for the trainer, ends what it left behind, and returns (exit code, signal).

    The rest of the group is ended before the trainer is reaped where the system allows it: until
    then its number cannot belong to anybody else.
    """
    if hasattr(os, "waitid"):
        os.waitid(os.P_PID, trainer, os.WEXITED | os.WNOWAIT)
        _kill_group(trainer)
        _, status = os.waitpid(trainer, 0)
    else:
        _, status = os.waitpid(trainer, 0)
        _kill_group(trainer)
    code = os.waitstatus_to_exitcode(status)
    return (128 - code, -code) if code < 0 else (code, None)


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # nobody is left
        return


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
