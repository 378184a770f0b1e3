"""QUEUED -> STARTING: a run's attempt and its slots, in one transaction.

Runs are served first in, first out for each kind of slot: one that has to wait for GPUs is not
overtaken by a smaller one. A run waits until the smoke run of its experiment has passed, and for
a host that has exactly the program that was signed.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from sqlalchemy import ColumnElement, CursorResult, func, or_, select, update
from sqlalchemy.orm import Session

from db.errors import Conflict
from db.ledger.newruns import cancel_queued
from db.ledger.transition import Act, append_event, lock_unless_busy, move_run
from db.lifecycle import ExitCause, RunStatus
from db.models import AttemptRow, ExperimentRow, HostRow, RunRow, SlotRow
from trainer.contract import JsonObject, RunKind

RING_FIRST = timedelta(seconds=5)
RING_AGAIN = timedelta(seconds=15)

Queue: TypeAlias = Literal["smoke", "cpu", "gpu"]


@dataclass(frozen=True)
class Offer:
    """What a host has left, by kind; slots are taken off the lists. `gpus` counts the taken ones, too."""

    host: HostRow
    free: dict[str, list[SlotRow]]
    gpus: int

    def take(self, run: RunRow) -> tuple[SlotRow, ...] | None:
        """The slots of a run, or None where too few are free: then nothing is taken."""
        needs = {"gpu": run.gpus}
        if run.kind is RunKind.SMOKE:
            needs["smoke"] = 1
        elif run.gpus == 0:
            needs["cpu"] = 1
        if any(len(self.free[kind]) < count for kind, count in needs.items()):
            return None
        return tuple(self.free[kind].pop(0) for kind, count in needs.items() for _ in range(count))


def reserve(session: Session, host: HostRow, act: Act) -> tuple[AttemptRow, ...]:
    """Start as many runs as this host has slots for. The caller holds the host's row."""
    _cancel_stopped(session, act)
    offer = _offer(session, host)
    queues: tuple[Queue, ...] = ("smoke", "cpu", "gpu")
    return tuple(attempt for queue in queues for attempt in _serve(session, offer, queue, act))


def _serve(session: Session, offer: Offer, queue: Queue, act: Act) -> list[AttemptRow]:
    """Start the first runs of one queue, until one of them finds too few slots."""
    served: list[AttemptRow] = []
    statement = select(RunRow.id, RunRow.experiment).where(*_waiting(offer, queue, act))
    statement = statement.order_by(RunRow.id).limit(len(offer.free[queue]))
    for run_id, number in session.execute(statement).all():
        experiment = lock_unless_busy(session, number)
        run = session.get_one(RunRow, run_id, populate_existing=True)
        if experiment is None or run.status is not RunStatus.QUEUED:
            continue
        slots = offer.take(run)
        if slots is None:
            break
        served.append(_start(session, offer.host, (experiment, run), slots, act))
    return served


def _waiting(offer: Offer, queue: Queue, act: Act) -> tuple[ColumnElement[bool], ...]:
    """The runs of a queue that this host may start now."""
    conditions = [
        RunRow.status == RunStatus.QUEUED,
        RunRow.cancel_requested_at.is_(None),
        RunRow.runtime == offer.host.runtime,
        RunRow.gpus <= offer.gpus,
        or_(RunRow.not_before.is_(None), RunRow.not_before <= act.at),
    ]
    if queue == "smoke":
        return (*conditions, RunRow.kind == RunKind.SMOKE)
    passed = (
        select(ExperimentRow.number)
        .where(ExperimentRow.number == RunRow.experiment, ExperimentRow.smoke_passed_at.is_not(None))
        .exists()
    )
    wants = RunRow.gpus > 0 if queue == "gpu" else RunRow.gpus == 0
    return (*conditions, RunRow.kind != RunKind.SMOKE, passed, wants)


def _start(
    session: Session, host: HostRow, owner: tuple[ExperimentRow, RunRow], slots: tuple[SlotRow, ...], act: Act
) -> AttemptRow:
    experiment, run = owner
    last = session.scalar(select(func.max(AttemptRow.n)).where(AttemptRow.run_id == run.id)) or 0
    attempt = AttemptRow(
        run_id=run.id,
        n=last + 1,
        host_id=host.id,
        folder=f"E-{run.experiment}/{run.label}/a{last + 1}",
        resume_from=run.resume_from,
        reserved_at=act.at,
        ring_at=act.at + RING_FIRST,
    )
    session.add(attempt)
    session.flush()
    for slot in slots:
        _take(session, slot, attempt)
    move_run(session, experiment, run, RunStatus.STARTING, act, stalled=False, not_before=None)
    payload: JsonObject = {
        "run": run.label,
        "attempt": attempt.n,
        "host": host.id,
        "slots": [f"{slot.kind}:{slot.device}" for slot in slots],
    }
    append_event(session, experiment, "attempt.reserved", act, payload)
    return attempt


def _take(session: Session, slot: SlotRow, attempt: AttemptRow) -> None:
    statement = update(SlotRow).where(SlotRow.id == slot.id, SlotRow.owner_attempt_id.is_(None))
    done = session.execute(
        statement.values(owner_attempt_id=attempt.id).execution_options(synchronize_session=False)
    )
    assert isinstance(done, CursorResult)
    if done.rowcount != 1:
        raise Conflict(f"slot {slot.kind}:{slot.device} of {slot.host_id} is taken")
    session.refresh(slot)


def _offer(session: Session, host: HostRow) -> Offer:
    free: dict[str, list[SlotRow]] = {"cpu": [], "smoke": [], "gpu": []}
    rows = session.scalars(
        select(SlotRow).where(SlotRow.host_id == host.id, SlotRow.retired_at.is_(None)).order_by(SlotRow.id)
    ).all()
    for row in rows:
        if row.owner_attempt_id is None:
            free[row.kind].append(row)
    return Offer(host, free, sum(row.kind == "gpu" for row in rows))


def _cancel_stopped(session: Session, act: Act) -> None:
    """Runs that were asked to stop and are QUEUED again never start."""
    statement = select(RunRow.id, RunRow.experiment).where(
        RunRow.status == RunStatus.QUEUED, RunRow.cancel_requested_at.is_not(None)
    )
    for run_id, number in session.execute(statement.order_by(RunRow.id)).all():
        experiment = lock_unless_busy(session, number)
        run = session.get_one(RunRow, run_id, populate_existing=True)
        if experiment is not None and run.status is RunStatus.QUEUED:
            cancel_queued(session, experiment, run, act, cause=ExitCause.STOPPED)
