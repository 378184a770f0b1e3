"""What the tasks and the host loop work with; built once per process in `worker.app`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from db.doorbell import Task, host_queue
from db.ledger import Ledger
from db.queries import Queries
from worker.gpus.probe import GpuProbe, NoGpus
from worker.launchers.launcher import Launcher
from worker.picture import Artist
from worker.settings import WorkerSettings


class Bell(Protocol):
    """A doorbell: never raises, never waits long, and may not be heard."""

    def ring(self, task: Task, number: int, queue: str | None = None) -> None: ...


@dataclass(frozen=True)
class Workplace:
    """One host's worker. `epoch` is the host's fencing number, carried by each of its writes.

    `artifacts` holds the run folders and plots; `state` what this host keeps for itself; `datasets` what
    runs may learn from, which is only read.
    `environments` are patterns of ids that runs may use beside those of the catalogue.
    """

    settings: WorkerSettings
    ledger: Ledger
    queries: Queries
    launcher: Launcher
    doorbell: Bell
    artist: Artist
    artifacts: Path
    state: Path
    datasets: Path
    instance: str
    epoch: int
    clock: Callable[[], datetime]
    gpus: GpuProbe = field(default_factory=NoGpus)
    environments: tuple[str, ...] = ()

    @property
    def host_id(self) -> str:
        return self.settings.host_id

    def ring_here(self, task: Task, number: int) -> None:
        """Rings on this host's own queue: launches, which only this host can do."""
        self.doorbell.ring(task, number, queue=host_queue(self.host_id))
