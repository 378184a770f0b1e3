"""What a launcher must do, so that processes and containers look alike to the rest of the room.

A launcher never decides anything about a run. It starts things under deterministic names, says
what it sees, and stops what it is told to stop. Every verb may be repeated: a second call with the
same arguments has no further effect.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

TRAINER = "trainer"


DOCKER = "docker"


class LauncherError(Exception):
    """A launcher could not do what was asked of it."""


class LauncherDown(LauncherError):
    """The launcher did not answer in time: nothing is known, so nothing may be decided."""


class LaunchFailed(LauncherError):
    """The attempt was certainly not started; another attempt may succeed."""


class LaunchRefused(LauncherError):
    """The attempt was certainly not started, and no later attempt of the same spec can be."""


class ContainerState(StrEnum):
    """`CREATED` exists but was not started (containers alone: a process is created running).

    `UNCLEAR` is there, but cannot be read: only its handle is known, and nothing may be decided about it.
    """

    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class LaunchSpec:
    """What to start: attempt `attempt` of run `run` ("E-42/s1"), whose `spec.json` lies in `folder`.

    `device` is "cpu", "cuda" or "auto"; `gpus` are the UUIDs of the GPUs that the attempt owns. `code` is
    a folder with the unpacked bundle, to be imported from but never written to. `module` is what runs:
    the trainer, a part of it, or a training program of the bundle, which comes before all else on the path.
    `memory_bytes` and `cpus` are what it may use of the host; None leaves the launcher's own limit.
    `reads` are files and folders outside of `folder` that `spec.json` names by these absolute paths; they
    are only read. `image` is the id of the image that was signed; None leaves the launcher's own.
    """

    run: str
    attempt: int
    folder: Path
    device: str = "cpu"
    gpus: tuple[str, ...] = ()
    code: Path | None = None
    module: str = TRAINER
    memory_bytes: int | None = None
    cpus: float | None = None
    reads: tuple[Path, ...] = ()
    image: str | None = None

    @property
    def runs_bundle(self) -> bool:
        """Whether the bundle's own program runs, and not the trainer."""
        return self.code is not None and self.module.partition(".")[0] != TRAINER


@dataclass(frozen=True)
class Container:
    """One container (or process) as seen. Times are seconds since the epoch, by this host's clock.

    `exit_code` is 128 + `signal` where a signal ended it, as Docker has it. `oom_killed` is a hint.
    """

    handle: str
    run: str
    attempt: int
    token: str
    state: ContainerState
    created_at: float
    started_at: float | None = None
    exit_code: int | None = None
    signal: int | None = None
    oom_killed: bool = False
    finished_at: float | None = None


def unclear(handle: str) -> Container:
    """What is there, and cannot be read: it decides nothing about itself, and hides no other."""
    return Container(handle, run="", attempt=0, token="", state=ContainerState.UNCLEAR, created_at=0.0)


class Launcher(Protocol):
    """Safe to call from several processes of one host at once. Each call is bounded in time."""

    @property
    def name(self) -> str:
        """The value of `SIGNOFF_LAUNCHER` that selects this launcher."""

    def launch(self, spec: LaunchSpec, token: str) -> str:
        """Starts the attempt once, and returns its handle, the same for each call.

        `token` names the attempt across all ledgers: where the name is taken by the same token, the
        running or finished container is adopted; by another one, `LaunchRefused` is raised.
        Raises `LaunchFailed` and `LaunchRefused` only where nothing was started, `LauncherDown`
        where that is not known.
        """

    def inspect(self, handle: str) -> Container | None:
        """What stands under the handle now; None if nothing does. Raises `LauncherDown`."""

    def list(self) -> tuple[Container, ...]:
        """Everything of this instance on this host, running or exited. Raises `LauncherDown`."""

    def stop(self, handle: str, *, grace_s: float) -> None:
        """Asks it to end (SIGTERM, once), and kills it `grace_s` seconds after that first request.

        Returns at once: call it again until `inspect` says that it has ended.
        """

    def logs(self, handle: str, *, max_bytes: int) -> str:
        """The end of what it wrote to its standard output and error; "" if nothing is kept."""

    def remove(self, handle: str) -> None:
        """Forgets one that has exited or is gone. One that runs is left alone."""
