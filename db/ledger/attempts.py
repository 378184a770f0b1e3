"""What hosts report about attempts. A report that comes twice or late changes nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.errors import NotFound, Refused
from db.ledger import messages
from db.ledger.fencing import fenced
from db.ledger.newruns import cancel_queued
from db.ledger.scheduling import RING_FIRST
from db.ledger.transition import Act, append_event, lock_experiment, move_attempt, move_run
from db.lifecycle import (
    LIVE_ATTEMPTS,
    MAX_START_FAILURES,
    AttemptStatus,
    ExitCause,
    ExperimentStatus,
    RunStatus,
)
from db.models import AttemptRow, ExperimentRow, RunRow, SlotRow
from db.records import OutboxKind
from trainer.contract import JsonObject, RunKind

START_BACKOFF_S = 5
LONGEST_BACKOFF_S = 300


@dataclass(frozen=True)
class Held:
    """An attempt with its run and experiment, locked, reported on by the host that has its lease."""

    experiment: ExperimentRow
    run: RunRow
    attempt: AttemptRow
    act: Act

    @property
    def pair(self) -> tuple[RunRow, AttemptRow]:
        return self.run, self.attempt


def hold(session: Session, attempt_id: int, epoch: int, at: datetime) -> Held:
    """:raises NotFound, LeaseLost:"""
    found = session.get(AttemptRow, attempt_id)
    if found is None:
        raise NotFound(f"attempt {attempt_id} is not in the ledger")
    host = fenced(session, found.host_id, epoch)
    number = session.get_one(RunRow, found.run_id).experiment
    experiment = lock_experiment(session, number)
    run = session.get_one(RunRow, found.run_id, populate_existing=True)
    attempt = session.get_one(AttemptRow, attempt_id, populate_existing=True)
    return Held(experiment, run, attempt, Act(f"host:{host.id}", at))


def created(session: Session, held: Held, handle: str) -> None:
    """The container or process exists, under this handle."""
    if held.attempt.status is AttemptStatus.RESERVED:
        move_attempt(session, held.experiment, held.pair, AttemptStatus.CREATED, held.act, handle=handle)


def started(session: Session, held: Held, *, boot_id: str | None, started_at: datetime) -> None:
    """It runs: the run becomes RUNNING."""
    if held.attempt.status not in (AttemptStatus.RESERVED, AttemptStatus.CREATED):
        return
    columns = {"boot_id": boot_id, "started_at": started_at}
    move_attempt(session, held.experiment, held.pair, AttemptStatus.STARTED, held.act, **columns)
    if held.run.status is RunStatus.STARTING:
        move_run(session, held.experiment, held.run, RunStatus.RUNNING, held.act)
        show(session, held.experiment, held.run, held.act.at)


def exited(session: Session, held: Held, **columns: Any) -> None:
    """It has ended by itself or by a signal; the run waits for the finalizer."""
    if held.attempt.status not in LIVE_ATTEMPTS:
        return
    if held.attempt.status is AttemptStatus.RESERVED:  # found by name after a crash of the worker
        move_attempt(session, held.experiment, held.pair, AttemptStatus.CREATED, held.act)
    move_attempt(session, held.experiment, held.pair, AttemptStatus.EXITED, held.act, **columns)
    _to_finalizing(session, held)


def gone(session: Session, held: Held) -> None:
    """It is neither there nor did it leave an exit code; the host has looked twice."""
    if held.attempt.status in LIVE_ATTEMPTS:
        columns = {"finished_at": held.act.at}
        move_attempt(session, held.experiment, held.pair, AttemptStatus.GONE, held.act, **columns)
        _to_finalizing(session, held)


def start_failed(session: Session, held: Held, *, message: str, retryable: bool) -> None:
    """It never started. The run is QUEUED again with a growing delay, or ends for good."""
    if held.attempt.status not in (AttemptStatus.RESERVED, AttemptStatus.CREATED):
        return
    columns = {"message": message, "finished_at": held.act.at}
    move_attempt(session, held.experiment, held.pair, AttemptStatus.START_FAILED, held.act, **columns)
    if held.run.status is not RunStatus.STARTING:
        return
    failures = _start_failures(session, held.run)
    if not retryable or failures >= MAX_START_FAILURES:
        held.run.message = message
        _to_finalizing(session, held)
        return
    delay = timedelta(seconds=min(LONGEST_BACKOFF_S, START_BACKOFF_S * 2 ** (failures - 1)))
    again = {"message": message, "not_before": held.act.at + delay}
    move_run(session, held.experiment, held.run, RunStatus.QUEUED, held.act, **again)
    if held.run.cancel_requested_at is not None:
        cancel_queued(session, held.experiment, held.run, held.act, cause=ExitCause.STOPPED)
    show(session, held.experiment, held.run, held.act.at)


def free_slots(session: Session, held: Held) -> None:
    """Give the slots of a dead attempt back. Only its confirmed death frees them."""
    if held.attempt.status in LIVE_ATTEMPTS:
        raise Refused(f"attempt {held.attempt.id} is {held.attempt.status.lower()}; its slots stay taken")
    if held.attempt.slots_released_at is not None:
        return
    held.attempt.slots_released_at = held.act.at
    owned = update(SlotRow).where(SlotRow.owner_attempt_id == held.attempt.id)
    session.execute(owned.values(owner_attempt_id=None).execution_options(synchronize_session=False))
    payload: JsonObject = {"run": held.run.label, "attempt": held.attempt.n}
    append_event(session, held.experiment, "attempt.slots_freed", held.act, payload)


def show(session: Session, experiment: ExperimentRow, run: RunRow, at: datetime) -> None:
    """The cards that show a run's state are to be brought up to date."""
    if run.kind is RunKind.SMOKE:
        messages.wake(session, experiment, OutboxKind.PROPOSAL, at)
    if experiment.status is ExperimentStatus.APPROVED:
        messages.wake(session, experiment, OutboxKind.STATUS, at)


def _to_finalizing(session: Session, held: Held) -> None:
    if held.run.status in (RunStatus.STARTING, RunStatus.RUNNING):
        columns = {"stalled": False, "ring_at": held.act.at + RING_FIRST}
        move_run(session, held.experiment, held.run, RunStatus.FINALIZING, held.act, **columns)
        show(session, held.experiment, held.run, held.act.at)


def _start_failures(session: Session, run: RunRow) -> int:
    statement = select(func.count()).where(
        AttemptRow.run_id == run.id, AttemptRow.status == AttemptStatus.START_FAILED
    )
    return session.scalar(statement) or 0
