"""The worker's wiring: everything that its two processes are made of is put together here."""

import os
import sys
import threading
import uuid
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import structlog
from celery import Celery
from celery.exceptions import SecurityWarning

from db.doorbell import Doorbell, host_queue, make_app, shared_queue
from db.ledger import Ledger
from db.limit_settings import LimitSettings
from db.queries import Queries
from db.session import Database
from db.settings import LedgerSettings
from worker.child import Child, end_with_parent
from worker.gpus.nvml import find_gpus
from worker.gpus.offered import offered_gpus
from worker.host import HostLoop
from worker.launchers.launcher import Launcher
from worker.launchers.process import ProcessLauncher
from worker.machine import boot_id, measured
from worker.metrics import LoopMetrics
from worker.picture import OtherProcess
from worker.reconcile import Reconciler
from worker.ringer import Ringer
from worker.settings import WorkerSettings
from worker.tasks import register
from worker.trainers import find_runtime, make_launcher
from worker.workplace import Workplace

log = structlog.get_logger(__name__)

LOCK_TIMEOUT_S = 10.0


def now() -> datetime:
    return datetime.now(UTC)


def state_folder(shared: LedgerSettings, settings: WorkerSettings) -> Path:
    """What this host keeps for itself, on a local disk: locks, and its processes by name."""
    return shared.data_dir.absolute() / "hosts" / settings.host_id


def open_ledger(shared: LedgerSettings) -> Database:
    """Raises `WrongSchema`, naming the remedy, where the tables are not those of this program."""
    database = Database(shared.ledger_url, lock_timeout_s=LOCK_TIMEOUT_S)
    database.check_revision()
    return database


def register_host(database: Database, settings: WorkerSettings, owner: str) -> int:
    """Joins: takes the host's lease, tells what it offers and what it would run; returns its epoch.

    Raises `TrainerMissing` where no trainer can be run here, `GpuMissing` for GPUs that are not there.
    """
    probe = find_gpus()
    if probe.why_none:
        log.info("no_gpus", why=probe.why_none)
    host = Ledger(database, now).hosts.register(
        settings.host_id,
        owner=owner,
        cpu_slots=settings.cpu_slots,
        gpus=offered_gpus(probe, settings.gpus),
        gpu_shares=settings.gpu_shares,
        memory_mb=round(settings.memory_gb * 1024),
        measured=measured(probe.driver),
        runtime=find_runtime(settings),
        boot_id=boot_id(),
        lease_s=settings.lease_s,
    )
    return host.epoch


def make_workplace(
    shared: LedgerSettings, settings: WorkerSettings, database: Database, app: Celery, epoch: int
) -> Workplace:
    queries = Queries(database)
    host = next((host for host in queries.hosts() if host.id == settings.host_id), None)
    state = state_folder(shared, settings)
    return Workplace(
        settings=settings,
        ledger=Ledger(database, now, LimitSettings().limits),
        queries=queries,
        launcher=make_launcher(shared, settings, state, host.runtime if host else None),
        doorbell=Doorbell(app),
        artist=OtherProcess(),
        artifacts=shared.artifacts_folder,
        state=state,
        datasets=shared.datasets_folder,
        instance=shared.instance,
        epoch=epoch,
        clock=now,
        gpus=find_gpus(),
        environments=shared.allowed_environments,
    )


def make_host_loop(
    shared: LedgerSettings,
    settings: WorkerSettings,
    database: Database,
    metrics: LoopMetrics | None = None,
) -> HostLoop:
    """The host loop, registered; its Celery child starts with its first pass."""
    owner = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
    epoch = register_host(database, settings, owner)
    work = make_workplace(shared, settings, database, make_app(shared), epoch)
    ringer = Ringer(work)
    return HostLoop(
        work,
        owner=owner,
        reconciler=Reconciler(work, ringer, settings.rules()),
        ringer=ringer,
        child=Child(doorbell_command(epoch)),
        warm_parent=warm_parent_of(work.launcher),
        metrics=metrics,
    )


def warm_parent_of(launcher: Launcher) -> Child | None:
    """The process that starts of the embedded launcher are forked from; None where they are cold."""
    return launcher.warm_parent if isinstance(launcher, ProcessLauncher) else None


def doorbell_command(epoch: int) -> tuple[str, ...]:
    """How the host loop starts its Celery worker. The epoch fences what an old one would still write."""
    return (sys.executable, "-m", "worker", "--doorbells", str(epoch))


def serve_doorbells(shared: LedgerSettings, settings: WorkerSettings, epoch: int) -> None:
    """Runs the Celery worker until it is told to end, or the host loop that started it has died."""
    warnings.filterwarnings("ignore", category=SecurityWarning)  # of root: messages are ids in JSON
    app = make_app(shared)
    register(app, _per_process(lambda: _workplace_of_child(shared, settings, app, epoch)))
    threading.Thread(target=end_with_parent, name="parent-watch", daemon=True).start()
    queues = f"{shared_queue()},{host_queue(settings.host_id)}"
    app.worker_main(
        [
            "--quiet",
            "worker",
            "--pool=prefork",
            f"--concurrency={settings.celery_processes}",
            f"--queues={queues}",
            f"--hostname=doorbells@{settings.host_id}",
            "--loglevel=ERROR",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


def _workplace_of_child(
    shared: LedgerSettings, settings: WorkerSettings, app: Celery, epoch: int
) -> Workplace:
    return make_workplace(shared, settings, open_ledger(shared), app, epoch)


def _per_process(build: Callable[[], Workplace]) -> Callable[[], Workplace]:
    """Built at the first task of each pool process: a connection must not cross a fork."""

    @cache
    def built(_: int) -> Workplace:
        return build()

    return lambda: built(os.getpid())
