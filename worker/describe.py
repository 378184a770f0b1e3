"""Lets the trainer look at each code bundle once, through the launcher, and writes down what it found.

One job at a time and host. It remembers nothing: the launcher and the ledger know how far it has come.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import structlog

from db.config.extend import extend
from db.errors import CodeRefused
from db.redact import log_tail, one_line
from trainer.catalogue import load_catalogue
from trainer.contract import DESCRIBED_FILE, JsonObject
from worker.code import unpacked
from worker.files import UnsafeFile, read_capped
from worker.launchers.launcher import (
    Container,
    ContainerState,
    LauncherDown,
    LaunchFailed,
    LaunchRefused,
    LaunchSpec,
)
from worker.names import attempt_name
from worker.workplace import Workplace

log = structlog.get_logger(__name__)

MODULE = "trainer.describe"
LIMIT_S = 180.0
GRACE_S = 2.0
MAX_BYTES = 4 * 2**20
LOG_BYTES = 64 * 1024
_FOLDER = "described"


@dataclass(frozen=True)
class _Job:
    sha256: str
    runtime: str

    @property
    def name(self) -> str:
        return f"code-{self.sha256[:16]}-{self.runtime[:8]}"


class Describer:
    """Call `step` in each pass of the host loop."""

    def __init__(self, work: Workplace) -> None:
        self._work = work

    def step(self) -> None:
        """Start, watch or finish the job of the newest bundle that this host's trainer has not seen."""
        waiting = self._work.queries.undescribed(self._work.host_id)
        if not waiting:
            return
        job = _Job(*waiting[0])
        try:
            seen = self._work.launcher.inspect(self._handle(job))
            if seen is None:
                self._start(job)
            elif seen.state is ContainerState.EXITED:
                self._finish(job, seen)
            elif self._work.clock().timestamp() - seen.created_at > LIMIT_S:
                self._work.launcher.stop(seen.handle, grace_s=GRACE_S)
        except LauncherDown as error:
            log.warning("describe_unknown", bundle=job.sha256, reason=str(error))

    def _start(self, job: _Job) -> None:
        folder = self._folder(job)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            code = unpacked(self._work, job.sha256)
            folder.mkdir(parents=True)
            spec = LaunchSpec(run=job.name, attempt=1, folder=folder, code=code, module=MODULE)
            self._work.launcher.launch(spec, f"code.{job.sha256}.{job.runtime}")
        except (CodeRefused, LaunchRefused) as error:
            self._write(job, None, str(error), "")
        except LaunchFailed as error:  # the next pass tries again
            log.warning("describe_not_started", bundle=job.sha256, reason=str(error))
        else:
            log.info("describing", bundle=job.sha256)

    def _finish(self, job: _Job, seen: Container) -> None:
        said = log_tail(self._work.launcher.logs(seen.handle, max_bytes=LOG_BYTES))
        lines = said.splitlines()
        if seen.exit_code == 0:
            catalogue, message = _read(self._folder(job))
        elif seen.signal is not None:
            catalogue, message = None, f"looking at it took longer than {LIMIT_S:.0f} s, or was killed"
        else:
            catalogue, message = None, lines[-1] if lines else f"it ended with code {seen.exit_code}"
        self._write(job, catalogue, message, "" if catalogue is not None else said)
        self._work.launcher.remove(seen.handle)
        shutil.rmtree(self._folder(job), ignore_errors=True)

    def _write(self, job: _Job, catalogue: JsonObject | None, message: str, tail: str) -> None:
        self._work.ledger.code.describe(job.sha256, job.runtime, catalogue, one_line(message), tail)
        log.info("described", bundle=job.sha256, found=catalogue is not None, message=message)

    def _handle(self, job: _Job) -> str:
        return attempt_name(self._work.instance, job.name, 1)

    def _folder(self, job: _Job) -> Path:
        return self._work.state / _FOLDER / job.name


def _read(folder: Path) -> tuple[JsonObject | None, str]:
    """What the job has left, written by code that nobody has approved; or None and why it is no use."""
    try:
        found: JsonObject = json.loads(read_capped(folder / DESCRIBED_FILE, MAX_BYTES))
        extend(load_catalogue(), found)
    except (OSError, UnsafeFile, ValueError, RecursionError, CodeRefused) as error:
        return None, f"what the trainer found cannot be read: {error}"
    return found, ""
