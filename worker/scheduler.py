"""QUEUED -> STARTING on this host: the ledger takes slots and inserts attempts in one transaction."""

import shutil

import structlog

from db.artifacts_mark import Place, claim
from db.doorbell import Task
from trainer.crashpoints import crash_at
from worker.gpus.strangers import strangers
from worker.workplace import Workplace

log = structlog.get_logger(__name__)

DISK_LOW = "disk_low"
MEGABYTE = 1024 * 1024


def schedule(work: Workplace) -> int:
    """Starts as many queued runs as this host has free slots for; returns how many."""
    if not work.queries.has_queue() or why_not(work) is not None:
        return 0
    attempts = work.ledger.runs.reserve(work.host_id, work.epoch, avoid=strangers(work))
    crash_at("schedule.reserved")
    for attempt in attempts:
        log.info("reserved", attempt=attempt.id, folder=attempt.folder)
        work.ring_here(Task.LAUNCH, attempt.id)
    return len(attempts)


def why_not(work: Workplace) -> str | None:
    """Why nothing can be started here now, as a flag of this host; None where all is well.

    On a disk that is nearly full a run would fail, and so would what runs there. Into a folder that
    is not this ledger's, it would write where nobody finds it.
    """
    place = claim(work.queries, work.artifacts)
    if place is not Place.OURS:
        return f"artifacts_{place}"
    free = shutil.disk_usage(work.artifacts).free
    return None if free >= work.settings.min_free_mb * MEGABYTE else DISK_LOW
