"""The launcher of the embedded default: each attempt is a supervised process of this host.

Beside the run folders, which belong to the trainer, it keeps one folder per attempt with what it
must find again after a restart: what was asked for, the group id, when a stop was first asked for.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import structlog
from pydantic import ValidationError

from trainer.contract import EXIT_FILE, ExitReport
from worker.child import Child
from worker.files import UnsafeFile, read_capped, read_tail
from worker.launchers import shim, warm
from worker.launchers.launcher import (
    Container,
    ContainerState,
    LauncherDown,
    LaunchFailed,
    LaunchRefused,
    LaunchSpec,
    unclear,
)
from worker.launchers.stops import first_request
from worker.names import attempt_name

log = structlog.get_logger(__name__)

SHIM_PATIENCE_S = 20.0
STOP_FILE = "stop.json"
EXIT_REPORT_BYTES = 64 * 1024
KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "LD_LIBRARY_PATH")

# What is wrong with an entry that cannot be read: nothing may be decided about it.
UNREADABLE = (OSError, ValueError, TypeError)

# The shim lets go of the lock within milliseconds of writing `exit.json`. What holds it longer has
# left the trainer's process group, and must not keep the run from ending.
STRAY_PATIENCE_S = 10.0


class ProcessLauncher:
    """`registry` is a folder on a local disk; `python` the interpreter that has the trainer."""

    name = "process"

    def __init__(
        self, registry: Path, *, instance: str, python: str, package_root: Path, warm_start: bool = False
    ) -> None:
        """With `warm_start`, attempts without a GPU are forked from the warm parent, where one answers."""
        self._warm_start = warm_start and warm.supported()
        self._registry = registry.absolute()
        self._instance = instance
        self._python = python
        self._package_root = package_root

    def launch(self, spec: LaunchSpec, token: str) -> str:
        handle = attempt_name(self._instance, spec.run, spec.attempt)
        entry = self._registry / handle
        try:
            self._claim(entry, spec, token)
            if self._look(entry) is None:
                self._start(entry)
        except OSError as error:
            raise LaunchFailed(f"cannot prepare {entry}: {error}") from error
        return handle

    def inspect(self, handle: str) -> Container | None:
        try:
            return self._look(self._registry / handle)
        except UNREADABLE as error:
            raise LauncherDown(f"cannot look at {handle}: {error!r}") from error

    def list(self) -> tuple[Container, ...]:
        try:
            prefix = attempt_name(self._instance)
            entries = sorted(self._registry.glob(f"{prefix}*")) if self._registry.exists() else []
        except OSError as error:
            raise LauncherDown(f"cannot list {self._registry}: {error!r}") from error
        seen = [self._look_or_unclear(entry) for entry in entries]
        return tuple(container for container in seen if container is not None)

    def stop(self, handle: str, *, grace_s: float) -> None:
        entry = self._registry / handle
        group = shim.read_group(entry) if entry.exists() else None
        if group is None or not self._holds_lock(entry):
            return
        asked_at = first_request(entry / STOP_FILE)
        if asked_at is None:
            with suppress(ProcessLookupError, PermissionError):  # it has ended in the meantime
                os.kill(group.group_id, signal.SIGTERM)
        elif time.time() >= asked_at + grace_s and self._holds_lock(entry):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group.group_id, signal.SIGKILL)

    def logs(self, handle: str, *, max_bytes: int) -> str:
        try:
            return read_tail(self._registry / handle / shim.OUTPUT_FILE, max_bytes)
        except (OSError, UnsafeFile):
            return ""

    def remove(self, handle: str) -> None:
        seen = self.inspect(handle)
        if seen is None or seen.state is ContainerState.EXITED:
            shutil.rmtree(self._registry / handle, ignore_errors=True)

    def _claim(self, entry: Path, spec: LaunchSpec, token: str) -> None:
        """Takes the name, or finds that the same token took it before."""
        entry.mkdir(parents=True, exist_ok=True)
        path = entry / shim.LAUNCH_FILE
        if not path.exists():
            launch = shim.Launch(
                run=spec.run,
                attempt=spec.attempt,
                token=token,
                folder=str(spec.folder.absolute()),
                argv=(self._python, "-m", spec.module, str(spec.folder.absolute())),
                env=self._environment(spec),
                created_at=time.time(),
            )
            shim.write_json(path, asdict(launch))
        owner = shim.read_launch(entry).token
        if owner != token:
            raise LaunchRefused(
                f"the name {entry.name} is taken by another ledger's attempt ({owner}, not {token}); "
                "give this instance its own SIGNOFF_INSTANCE"
            )

    @property
    def warm_parent(self) -> Child | None:
        """The process that the host loop is to keep alive; None where starts are cold."""
        if not self._warm_start:
            return None
        self._registry.mkdir(parents=True, exist_ok=True)
        command = warm.command(self._python, self._registry.parent, self._package_root)
        environment = self._warm_environment()
        found_at = (environment["PYTHONPATH"], str(Path(__file__).parents[2]))  # the trainer, and its module
        return Child(command, environment={**environment, "PYTHONPATH": os.pathsep.join(found_at)})

    def _start(self, entry: Path) -> None:
        code = self._fork(entry) if self._warm_start else None
        self._judge(entry, self._start_cold(entry) if code is None else code)

    def _fork(self, entry: Path) -> int | None:
        """The warm parent's answer; None where this attempt is to be started cold."""
        launch = shim.read_launch(entry)
        same = warm.asks_the_same(launch.env, self._warm_environment())
        if not same or launch.argv[0] != self._python:
            return None
        return warm.fork(self._registry.parent, entry)

    def _start_cold(self, entry: Path) -> int:
        with (entry / shim.SHIM_LOG_FILE).open("ab") as log:
            command = (self._python, "-I", "-S", shim.__file__, str(entry))
            try:
                done = subprocess.run(  # noqa: S603  # an argument list of our own, no shell
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    timeout=SHIM_PATIENCE_S,
                    env=_minimal_environment(os.environ),
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise LauncherDown(f"the shim of {entry.name} did not answer") from error
        return done.returncode

    def _judge(self, entry: Path, code: int) -> None:
        """What the shim's answer means."""
        if code not in (shim.STARTED, shim.HELD, shim.ALREADY_DONE):
            # Killed at the wrong moment, it may have let the trainer go: then nothing is decided here.
            if code < 0 or (entry / shim.GROUP_FILE).exists():
                raise LauncherDown(f"the shim of {entry.name} was lost on the way ({code})")
            reason = self._last_line(entry / shim.SHIM_LOG_FILE)
            raise LaunchFailed(f"the shim of {entry.name} ended with {code}: {reason}")

    def _last_line(self, path: Path) -> str:
        lines = read_tail(path, 4096).strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def _look(self, entry: Path) -> Container | None:
        """Lock held: running. Else `exit.json`: exited. Else: gone, or never started."""
        try:
            launch = shim.read_launch(entry)
        except FileNotFoundError:
            return None
        held = self._holds_lock(entry)
        report = _exit_report(Path(launch.folder))
        running = held and (report is None or report.finished_at > time.time() - STRAY_PATIENCE_S)
        if not running and report is None:
            return None
        group = shim.read_group(entry)
        return Container(
            handle=entry.name,
            run=launch.run,
            attempt=launch.attempt,
            token=launch.token,
            state=ContainerState.RUNNING if running else ContainerState.EXITED,
            created_at=launch.created_at,
            started_at=group.started_at if group else None,
            exit_code=report.exit_code if report and not running else None,
            signal=report.signal if report and not running else None,
            oom_killed=report.oom_killed if report and not running else False,
            finished_at=report.finished_at if report and not running else None,
        )

    def _look_or_unclear(self, entry: Path) -> Container | None:
        """One entry that cannot be read hides no other, and nothing is decided about it."""
        try:
            return self._look(entry)
        except UNREADABLE as error:
            log.warning("process_unclear", handle=entry.name, reason=repr(error))
            return unclear(entry.name)

    def _holds_lock(self, entry: Path) -> bool:
        folder = Path(shim.read_launch(entry).folder)
        if not (folder / shim.LOCK_FILE).exists():
            return False
        descriptor = shim.open_lock(folder)
        try:
            return not shim.try_lock(descriptor)
        finally:
            os.close(descriptor)

    def _warm_environment(self) -> dict[str, str]:
        """That of an attempt without a GPU, for which alone the warm parent can stand."""
        return self._environment(LaunchSpec(run="", attempt=0, folder=self._registry))

    def _environment(self, spec: LaunchSpec) -> dict[str, str]:
        """No secret of ours reaches the trainer: what is not named here is left out.

        A bundle cannot stand in for a module of the trainer's, nor the other way round for its own program.
        """
        found_at = [self._package_root, *([spec.code] if spec.code else [])]
        if spec.runs_bundle:
            found_at.reverse()
        return {
            **_minimal_environment(os.environ),
            "PYTHONPATH": os.pathsep.join(map(str, found_at)),
            "PYTHONUNBUFFERED": "1",
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "CUDA_VISIBLE_DEVICES": ",".join(spec.gpus),
            "SIGNOFF_ATTEMPT": str(spec.attempt),
            **({"PYTHONDONTWRITEBYTECODE": "1"} if spec.code else {}),  # it is read-only
        }


def _minimal_environment(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: environment[name] for name in KEPT_ENVIRONMENT if name in environment}


def _exit_report(folder: Path) -> ExitReport | None:
    """None where there is none. One that cannot be read says no exit code: it counts as gone."""
    try:
        return ExitReport.model_validate_json(read_capped(folder / EXIT_FILE, EXIT_REPORT_BYTES))
    except (FileNotFoundError, UnsafeFile, ValidationError):
        return None
