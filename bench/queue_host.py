"""A host for `bench.queue`: its loop with the process launcher, whose trainer only lets time pass.

    python -m bench.queue_host ROOT SLOTS

Doorbells are answered in the loop itself, so that the figure is about the queue, not about Celery. It is
meant to be killed at any moment.
"""

import os
import sys
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import structlog

from db.doorbell import Task
from db.ledger import Ledger
from db.queries import Queries
from db.records import Runtime
from db.session import Database
from worker.child import Child
from worker.host import HostLoop
from worker.launchers.process import ProcessLauncher
from worker.reconcile import Reconciler
from worker.ringer import Ringer
from worker.settings import WorkerSettings
from worker.tasks import perform
from worker.workplace import Workplace

HOST = "bench"
PASS_S = 0.25


class Bell:
    """Keeps what rings for the next turn of the loop."""

    def __init__(self) -> None:
        self.rung: deque[tuple[Task, int]] = deque()

    def ring(self, task: Task, number: int, queue: str | None = None) -> None:  # noqa: ARG002 - one queue
        self.rung.append((task, number))


class NoArtist:
    """Draws nothing: pictures are not what is measured."""

    def draw(self, number: int, path: Path) -> str:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return f"picture of E-{number}"

    def draw_sheet(self, number: int, path: Path) -> str:
        return self.draw(number, path)


class NoChild(Child):
    """No Celery worker: the loop does its work."""

    def __init__(self) -> None:
        super().__init__(["true"])

    def supervise(self) -> None:
        """Nobody is started."""


def ledger_url(root: Path) -> str:
    return (root / "ledger-url").read_text().strip()


def main() -> None:
    root, slots = Path(sys.argv[1]), int(sys.argv[2])
    structlog.configure(logger_factory=structlog.PrintLoggerFactory((root / "host.log").open("a")))
    work, bell = make_workplace(root, slots)
    rules = work.settings.rules()
    ringer = Ringer(work)
    loop = HostLoop(
        work,
        owner=str(os.getpid()),
        reconciler=Reconciler(work, ringer, rules),
        ringer=ringer,
        child=NoChild(),
    )
    pause = Event()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        loop.step()
        for _ in range(len(bell.rung)):
            perform(work, *bell.rung.popleft())
        pause.wait(PASS_S)


def make_launcher(root: Path) -> ProcessLauncher:
    """Starts the trainer of the package that lies in the root."""
    return ProcessLauncher(
        root / "processes", instance="bench", python=sys.executable, package_root=root / "package"
    )


def make_workplace(root: Path, slots: int) -> tuple[Workplace, Bell]:
    database = Database(ledger_url(root), lock_timeout_s=10)
    settings = WorkerSettings(host_id=HOST, cpu_slots=slots, min_free_mb=0, settle_s=2, gpus="none")
    ledger = Ledger(database, lambda: datetime.now(UTC))
    bell = Bell()
    host = ledger.hosts.register(
        HOST,
        owner=str(os.getpid()),
        cpu_slots=slots,
        runtime=Runtime("sha256:bench", {"trainer": "lets time pass"}, HOST, "process"),
        boot_id="bench",
    )
    work = Workplace(
        settings=settings,
        ledger=ledger,
        queries=Queries(database),
        launcher=make_launcher(root),
        doorbell=bell,
        artist=NoArtist(),
        artifacts=root / "runs",
        datasets=root / "datasets",
        state=root / "state",
        instance="bench",
        epoch=host.epoch,
        clock=lambda: datetime.now(UTC),
    )
    work.state.mkdir(exist_ok=True)
    return work, bell


if __name__ == "__main__":
    main()
