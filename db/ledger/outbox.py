"""Verbs of the one sender: claim a message, and say what became of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from db.errors import NotFound
from db.ledger.messages import EDIT_EVERY
from db.ledger.transition import Act, append_event, lock_experiment, move_message
from db.lifecycle import OutboxStatus
from db.models import ExperimentRow, OutboxEntry
from db.queries import assemble
from db.records import OutboxKind, OutboxRow
from db.session import Database

SENDER = "signoff"
_OVER = (OutboxStatus.SENT, OutboxStatus.DEAD)


class Outbox:
    """Verbs of `Ledger.outbox`. Reports about a message that nobody is sending change nothing."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def claim(self, now: datetime, *, lease_s: float = 30.0) -> OutboxRow | None:
        """The next message that may be sent, leased to the caller; None when there is none.

        Posts of a thread keep their order and wait for the card that opens it; edits of a card that
        is there may go any time. A row that comes back AMBIGUOUS may have been sent already (no
        answer came, or its lease ran out): look it up first.
        """
        with self._database.read() as session:
            if session.scalars(_claimable(now)).first() is None:
                return None
        with self._database.write() as session:
            row = session.scalars(_claimable(now).with_for_update(skip_locked=True, of=OutboxEntry)).first()
            if row is None:
                return None
            was = row.status
            lease = now + timedelta(seconds=lease_s)
            move_message(session, row, OutboxStatus.SENDING, lease_until=lease, tries=row.tries + 1)
            claimed = _record(session, row)
            return claimed if was is OutboxStatus.PENDING else replace(claimed, status=OutboxStatus.AMBIGUOUS)

    def mark_sent(
        self, row_id: int, *, ts: str | None, wanted: int, next_due: datetime | None = None
    ) -> OutboxRow:
        """Slack has the message, as it was when `wanted` was read; it is due again where more is wanted.

        The ts of a proposal card opens the experiment's thread.
        """
        now = self._clock()
        with self._database.write() as session:
            experiment, row = _lock(session, row_id)
            if row.status is not OutboxStatus.SENDING:
                return _record(session, row)
            more = row.wanted > wanted
            move_message(
                session,
                row,
                OutboxStatus.PENDING if more else OutboxStatus.SENT,
                ts=ts if ts is not None else row.ts,
                sent=max(row.sent, wanted),
                tries=0,
                lease_until=None,
                last_sent_at=now,
                due_at=(next_due or now + EDIT_EVERY) if more else row.due_at,
                error="",
            )
            if row.kind is OutboxKind.PROPOSAL and experiment.thread_ts is None and ts:
                experiment.thread_ts = ts
                append_event(session, experiment, "experiment.posted", Act(SENDER, now), {"thread_ts": ts})
            return _record(session, row)

    def save_file(self, row_id: int, file_id: str) -> None:
        """Keep what Slack called a file, before anything is uploaded."""
        with self._database.write() as session:
            _lock(session, row_id)[1].file_id = file_id

    def postpone(self, row_id: int, due_at: datetime, *, ambiguous: bool, error: str = "") -> None:
        """Not sent; try again when it is due. `ambiguous`: Slack may have it all the same.

        `error` is what somebody has to mend first; `doctor` shows it.
        """
        with self._database.write() as session:
            row = _lock(session, row_id)[1]
            if row.status is OutboxStatus.SENDING:
                to = OutboxStatus.AMBIGUOUS if ambiguous else OutboxStatus.PENDING
                move_message(session, row, to, due_at=due_at, lease_until=None, error=error)

    def mark_dead(self, row_id: int, error: str) -> None:
        """Slack will never take it; the messages after it go on."""
        with self._database.write() as session:
            row = _lock(session, row_id)[1]
            if row.status is OutboxStatus.SENDING:
                move_message(session, row, OutboxStatus.DEAD, error=error, lease_until=None)


def _claimable(now: datetime) -> Select[OutboxEntry]:
    earlier = aliased(OutboxEntry)
    waits_behind = (
        select(earlier.id)
        .where(
            earlier.experiment == OutboxEntry.experiment,
            earlier.id < OutboxEntry.id,
            earlier.ts.is_(None),
            earlier.status.not_in(_OVER),
        )
        .exists()
    )
    is_due = and_(
        OutboxEntry.status.in_((OutboxStatus.PENDING, OutboxStatus.AMBIGUOUS)), OutboxEntry.due_at <= now
    )
    lapsed = and_(OutboxEntry.status == OutboxStatus.SENDING, OutboxEntry.lease_until <= now)
    return (
        select(OutboxEntry)
        .join(ExperimentRow, ExperimentRow.number == OutboxEntry.experiment)
        .where(
            or_(is_due, lapsed),
            or_(OutboxEntry.kind == OutboxKind.PROPOSAL, ExperimentRow.thread_ts.is_not(None)),
            or_(OutboxEntry.ts.is_not(None), ~waits_behind),
        )
        .order_by(OutboxEntry.ts.is_not(None), OutboxEntry.due_at, OutboxEntry.id)
        .limit(1)
    )


def _lock(session: Session, row_id: int) -> tuple[ExperimentRow, OutboxEntry]:
    """The message's experiment, then the message: every verb locks in this order."""
    number = session.scalar(select(OutboxEntry.experiment).where(OutboxEntry.id == row_id))
    if number is None:
        raise NotFound(f"message {row_id} is not in the outbox")
    experiment = lock_experiment(session, number)
    statement = select(OutboxEntry).where(OutboxEntry.id == row_id).with_for_update()
    return experiment, session.scalars(statement.execution_options(populate_existing=True)).one()


def _record(session: Session, row: OutboxEntry) -> OutboxRow:
    opens = row.kind is OutboxKind.PROPOSAL
    thread = None if opens else session.get_one(ExperimentRow, row.experiment).thread_ts
    return assemble.message(row, thread)
