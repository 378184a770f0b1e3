"""What may have been forgotten because a doorbell was lost: found in the ledger, rung again."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from db.ledger.conclude import newest_result
from db.ledger.scheduling import RING_AGAIN
from db.lifecycle import TERMINAL_RUNS, AttemptStatus, ExperimentStatus, RunStatus
from db.models import AttemptRow, ExperimentRow, HostRow, RunRow
from db.records import SweepWork
from db.session import Database
from trainer.contract import RunKind


def sweep(database: Database, host_id: str, now: datetime) -> SweepWork:
    """Find what is due, and note that it was rung for. Nothing is written where nothing is due."""
    due = _Due(host_id, now)
    with database.read() as session:
        if not due.anything(session):
            return SweepWork()
    with database.write() as session:
        attempts, runs, experiments = due.attempts(session), due.runs(session), due.experiments(session)
        waiting = tuple(row for row in experiments if waits_for_result(session, row.number))
        for attempt in attempts:
            attempt.ring_at = now + RING_AGAIN
        for run in runs:
            run.ring_at = now + RING_AGAIN
        for row in experiments:
            row.ring_at = now + RING_AGAIN if row in waiting else None
        return SweepWork(
            attempts=tuple(row.id for row in attempts),
            runs=tuple(row.id for row in runs),
            experiments=tuple(row.number for row in waiting),
        )


def waits_for_result(session: Session, number: int) -> bool:
    """Whether every seed's newest run has ended, and no result covers them."""
    statement = select(RunRow).where(RunRow.experiment == number, RunRow.kind != RunKind.SMOKE)
    rows = session.scalars(statement.order_by(RunRow.id)).all()
    newest = {(row.kind, row.seed_index): row for row in rows}
    if not newest or any(row.status not in TERMINAL_RUNS for row in newest.values()):
        return False
    last = newest_result(session, number)
    return last is None or sorted(last.runs) != [row.id for row in rows]


class _Due:
    """The rows that this host should ring for now. Rows that somebody works on are left out."""

    def __init__(self, host_id: str, now: datetime) -> None:
        self._host_id = host_id
        self._now = now

    def anything(self, session: Session) -> bool:
        return (
            session.scalars(select(AttemptRow.id).where(self._attempt()).limit(1)).first() is not None
            or session.scalars(select(RunRow.id).where(self._run()).limit(1)).first() is not None
            or session.scalars(select(ExperimentRow.number).where(self._experiment()).limit(1)).first()
            is not None
        )

    def attempts(self, session: Session) -> tuple[AttemptRow, ...]:
        statement = select(AttemptRow).where(self._attempt()).order_by(AttemptRow.id)
        return tuple(session.scalars(statement.with_for_update(skip_locked=True)))

    def runs(self, session: Session) -> tuple[RunRow, ...]:
        statement = select(RunRow).where(self._run()).order_by(RunRow.id)
        return tuple(session.scalars(statement.with_for_update(skip_locked=True)))

    def experiments(self, session: Session) -> tuple[ExperimentRow, ...]:
        statement = select(ExperimentRow).where(self._experiment()).order_by(ExperimentRow.number)
        return tuple(session.scalars(statement.with_for_update(skip_locked=True, key_share=True)))

    def _attempt(self) -> ColumnElement[bool]:
        return and_(
            AttemptRow.host_id == self._host_id,
            AttemptRow.status == AttemptStatus.RESERVED,
            or_(AttemptRow.ring_at.is_(None), AttemptRow.ring_at <= self._now),
        )

    def _run(self) -> ColumnElement[bool]:
        dead = select(HostRow.id).where(HostRow.dead_by.is_not(None))
        ours = (
            select(AttemptRow.id)
            .where(
                AttemptRow.run_id == RunRow.id,
                or_(AttemptRow.host_id == self._host_id, AttemptRow.host_id.in_(dead)),
            )
            .exists()
        )
        return and_(
            RunRow.status == RunStatus.FINALIZING,
            or_(RunRow.ring_at.is_(None), RunRow.ring_at <= self._now),
            ours,
        )

    def _experiment(self) -> ColumnElement[bool]:
        return and_(
            ExperimentRow.status == ExperimentStatus.APPROVED,
            ExperimentRow.ring_at <= self._now,
        )
