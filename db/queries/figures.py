"""What the ledger knows of how things go, in figures: queues, waiting times, messages, hosts, GPU time.

Read anew each time, so that a restart of bot or worker loses nothing.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.lifecycle import ExperimentStatus, OutboxStatus, RunStatus
from db.models import AttemptRow, DecisionRow, ExperimentRow, HostRow, OutboxEntry, RunRow, SlotRow
from db.records import DecisionKind
from db.session import Database
from trainer.contract import RunKind

_UNSENT = (OutboxStatus.PENDING, OutboxStatus.SENDING, OutboxStatus.AMBIGUOUS)


@dataclass(frozen=True)
class Figures:
    """Of one moment. Durations are in seconds.

    `waits_s`: for each approved experiment that has stepped, the time from the decision to the first
    step of a seed. `oldest_message_s`: how long the message that waits longest is overdue, 0 where none
    is. `gpu_s`: by person's id and name. `slots`: by host, kind and whether they are held.
    """

    queued: Mapping[str, int]
    runs: Mapping[RunStatus, int]
    experiments: Mapping[ExperimentStatus, int]
    waits_s: tuple[float, ...]
    messages: Mapping[OutboxStatus, int]
    oldest_message_s: float
    gpu_s: Mapping[tuple[str, str], float]
    heartbeats_s: Mapping[str, float]
    slots: Mapping[tuple[str, str, bool], int]


def figures(database: Database, now: datetime) -> Figures:
    """How things go at this moment. Raises Unavailable."""
    with database.read() as session:
        return _figures(session, now)


def _figures(session: Session, now: datetime) -> Figures:
    queued = select(RunRow.device, func.count()).where(RunRow.status == RunStatus.QUEUED)
    return Figures(
        queued=dict(session.execute(queued.group_by(RunRow.device)).all()),
        runs=dict(session.execute(select(RunRow.status, func.count()).group_by(RunRow.status)).all()),
        experiments=_experiments(session),
        waits_s=_waits_s(session),
        messages=dict(
            session.execute(select(OutboxEntry.status, func.count()).group_by(OutboxEntry.status)).all()
        ),
        oldest_message_s=_oldest_message_s(session, now),
        gpu_s=_gpu_s(session, now),
        heartbeats_s=_heartbeats_s(session, now),
        slots=_slots(session),
    )


def _experiments(session: Session) -> dict[ExperimentStatus, int]:
    """Those that people proposed."""
    counted = select(ExperimentRow.status, func.count()).where(ExperimentRow.origin == "proposal")
    return dict(session.execute(counted.group_by(ExperimentRow.status)).all())


def _waits_s(session: Session) -> tuple[float, ...]:
    approved = DecisionRow.kind == DecisionKind.APPROVE
    stepped = (RunRow.kind != RunKind.SMOKE) & RunRow.first_step_at.is_not(None)
    statement = (
        select(func.min(DecisionRow.at), func.min(RunRow.first_step_at))
        .join(RunRow, RunRow.experiment == DecisionRow.experiment)
        .where(approved, stepped)
        .group_by(DecisionRow.experiment)
    )
    pairs = session.execute(statement)
    waits = ((first - decided).total_seconds() for decided, first in pairs if first is not None)
    return tuple(max(0.0, wait) for wait in waits)


def _oldest_message_s(session: Session, now: datetime) -> float:
    waiting = OutboxEntry.status.in_(_UNSENT) & (OutboxEntry.sent < OutboxEntry.wanted)
    due_at = session.scalar(select(func.min(OutboxEntry.due_at)).where(waiting))
    return 0.0 if due_at is None else max(0.0, (now - due_at).total_seconds())


def _gpu_s(session: Session, now: datetime) -> dict[tuple[str, str], float]:
    """What each person's runs have held so far; an attempt that lives counts until now."""
    statement = (
        select(
            ExperimentRow.author_id,
            ExperimentRow.author_name,
            RunRow.gpus,
            AttemptRow.started_at,
            AttemptRow.finished_at,
        )
        .join(RunRow, RunRow.id == AttemptRow.run_id)
        .join(ExperimentRow, ExperimentRow.number == RunRow.experiment)
        .where(RunRow.gpus > 0, AttemptRow.started_at.is_not(None))
    )
    held: defaultdict[tuple[str, str], float] = defaultdict(float)
    for person, name, gpus, started_at, finished_at in session.execute(statement):
        assert started_at is not None
        spent = max(timedelta(0), (finished_at or now) - started_at)
        held[person, name] += gpus * spent.total_seconds()
    return dict(held)


def _heartbeats_s(session: Session, now: datetime) -> dict[str, float]:
    rows = session.execute(select(HostRow.id, HostRow.lease_until, HostRow.lease_s))
    return {host: (now - until + timedelta(seconds=lease_s)).total_seconds() for host, until, lease_s in rows}


def _slots(session: Session) -> dict[tuple[str, str, bool], int]:
    held = SlotRow.owner_attempt_id.is_not(None)
    statement = (
        select(SlotRow.host_id, SlotRow.kind, held, func.count())
        .where(SlotRow.retired_at.is_(None) | held)
        .group_by(SlotRow.host_id, SlotRow.kind, held)
    )
    return {(host, kind, bool(is_held)): count for host, kind, is_held, count in session.execute(statement)}
