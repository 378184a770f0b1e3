"""QUEUED -> STARTING on this host: the ledger takes slots and inserts attempts in one transaction."""

import shutil

import structlog

from db.doorbell import Task
from worker.workplace import Workplace

log = structlog.get_logger(__name__)

MEGABYTE = 1024 * 1024


def schedule(work: Workplace) -> int:
    """Starts as many queued runs as this host has free slots for; returns how many."""
    if not work.queries.queue() or not has_room(work):
        return 0
    attempts = work.ledger.runs.reserve(work.host_id, work.epoch)
    for attempt in attempts:
        log.info("reserved", attempt=attempt.id, folder=attempt.folder)
        work.ring_here(Task.LAUNCH, attempt.id)
    return len(attempts)


def has_room(work: Workplace) -> bool:
    """Nothing is started on a disk that is nearly full: it would fail, and so would what runs there."""
    work.artifacts.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(work.artifacts).free >= work.settings.min_free_mb * MEGABYTE
