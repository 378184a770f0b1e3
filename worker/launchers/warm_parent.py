"""The warm parent: imports the trainer, trains one tiny PPO, then forks a shim for each request.

    python -m worker.launchers.warm_parent STATE PACKAGE_ROOT

It listens on a socket in that folder and answers one request at a time. It ends when its
standard input is closed (the host loop that started it has died), and when the trainer's files or the
installed packages are no longer those that it has imported. What it has started lives in sessions of its own.
"""

import gc
import importlib
import json
import os
import random
import runpy
import select
import site
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from worker.launchers import shim
from worker.launchers.warm import GREETING, SOCKET_FILE, read_line, socket_at
from worker.machine import trainer_digest

REQUEST_PATIENCE_S = 5.0
STANDARD_INPUT = 0
WARM_UP = "trainer.warm"


def main(state: Path, root: Path) -> int:
    imported = installed(root)
    warm_up()
    kept = _open_descriptors()
    with _listening(state) as door:
        while _somebody_comes(door):
            line, _ = door.accept()
            with line:
                if installed(root) != imported:
                    return 0
                with suppress(OSError, ValueError):  # whoever asked has gone, or asked for nothing
                    _serve(line, kept)
    return 0


def installed(root: Path, packages: Sequence[str] | None = None) -> tuple[str, tuple[int, ...]]:
    """The trainer's files, and when a package was last installed or removed: another answer, another program.

    `packages` are the folders of installed packages; None stands for this interpreter's.
    """
    folders = [Path(name) for name in (site.getsitepackages() if packages is None else packages)]
    return trainer_digest(root), tuple(path.stat().st_mtime_ns for path in folders if path.is_dir())


def warm_up() -> None:
    """Do once what every training does first. No thread may be left: a fork would lose it."""
    importlib.import_module(WARM_UP).warm_up()  # by name: it is the trainer's program, no part of this room
    gc.collect()
    gc.freeze()
    assert threading.active_count() == 1, f"left threads: {threading.enumerate()}"


def _listening(state: Path) -> socket.socket:
    """The door, in place of one that an earlier parent has left."""
    (state / SOCKET_FILE).unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with socket_at(state) as address:
        door.bind(address)
    (state / SOCKET_FILE).chmod(0o600)
    door.listen()
    return door


def _somebody_comes(door: socket.socket) -> bool:
    """Waits. False when the host loop has died: nothing is ever written to our standard input."""
    ready, _, _ = select.select([door.fileno(), STANDARD_INPUT], [], [])
    return STANDARD_INPUT not in ready


def _serve(line: socket.socket, kept: frozenset[int]) -> None:
    line.settimeout(REQUEST_PATIENCE_S)
    line.sendall(GREETING)
    asked = read_line(line)
    if asked:
        code = _fork_shim(Path(json.loads(asked)["entry"]), kept)
        line.sendall(json.dumps({"code": code}).encode() + b"\n")


def _fork_shim(entry: Path, kept: frozenset[int]) -> int:
    """What the shim says about the start: it comes back as soon as the trainer has been let go."""
    child = os.fork()
    if not child:
        _run_shim(entry, kept)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _run_shim(entry: Path, kept: frozenset[int]) -> NoReturn:
    """In the forked child: nothing of ours may come back to the parent's loop."""
    code = shim.FAILED
    try:
        for descriptor in _open_descriptors() - kept:
            with suppress(OSError):
                os.close(descriptor)
        log = os.open(
            entry / shim.SHIM_LOG_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644
        )
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        code = shim.main(entry, run_trainer=_run_trainer)
    except Exception as error:  # noqa: BLE001  # whatever it is, the launcher reads it in the shim's log
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(code)


def _run_trainer(launch: shim.Launch) -> NoReturn:
    """What `python -m trainer FOLDER` does after its imports, in the memory that has them."""
    os.environ.clear()
    os.environ.update(launch.env)
    _forget_random_numbers()
    module, *arguments = launch.argv[launch.argv.index("-m") + 1 :]
    sys.argv = [module, *arguments]
    code = 1
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = _exit_code(ended)
    except BaseException:  # noqa: BLE001  # what Python does at the end of a program
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def _forget_random_numbers() -> None:
    """Two attempts must not share what nobody has seeded."""
    random.seed()
    for module, forget in (("numpy.random", "seed"), ("torch", "seed")):
        if module in sys.modules:
            getattr(sys.modules[module], forget)()


def _exit_code(ended: SystemExit) -> int:
    if ended.code is None:
        return 0
    if isinstance(ended.code, int):
        return ended.code
    sys.stderr.write(f"{ended.code}\n")
    return 1


def _open_descriptors() -> frozenset[int]:
    listed = [int(path.name) for path in Path("/proc/self/fd").iterdir()]
    return frozenset(number for number in listed if _is_open(number))  # without the one that listed them


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
