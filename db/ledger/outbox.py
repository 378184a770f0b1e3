"""Verbs of the one sender: claim a message, and say what became of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from db.errors import Conflict, NotFound
from db.ledger import alerts, leases
from db.ledger.messages import EDIT_EVERY
from db.ledger.transition import Act, append_event, lock_experiment, move_message
from db.lifecycle import OutboxStatus
from db.models import ExperimentRow, OutboxEntry
from db.models.messages import SENDING
from db.queries import assemble
from db.records import OutboxKind, OutboxRow, Trouble
from db.session import Database

SENDER = "signoff"
_OVER = (OutboxStatus.SENT, OutboxStatus.DEAD)
_UNTHREADED = (OutboxKind.PROPOSAL, OutboxKind.ALERT)


class Outbox:
    """Verbs of `Ledger.outbox`. A report of a claim that is over, because its lease ran out and somebody
    else has claimed the message since, changes nothing.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def lead(self, owner: str, now: datetime, *, lease_s: float, over: str = "") -> str:
        """Ask to be the one sender, or to stay it; returns who it is now.

        Whoever has the part keeps it until their lease runs out, but for `over`, who is known to be dead.
        """
        asked = leases.Asked(owner, now, lease_s, over)
        return self._database.write_once(lambda session: leases.take(session, SENDING, asked))

    def resign(self, owner: str) -> None:
        """Let the next sender begin at once."""
        with self._database.write() as session:
            leases.give_up(session, SENDING, owner, self._clock())

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
            lease, counted = now + timedelta(seconds=lease_s), {"tries": row.tries + 1}
            claims = row.claims + 1
            move_message(session, row, OutboxStatus.SENDING, lease_until=lease, claims=claims, **counted)
            claimed = _record(session, row)
            return claimed if was is OutboxStatus.PENDING else replace(claimed, status=OutboxStatus.AMBIGUOUS)

    def keep(self, claimed: OutboxRow, now: datetime, *, lease_s: float = 30.0) -> None:
        """Hold a claim for longer, before the message is shown to people.

        :raises Conflict: where it is not the caller's any more.
        """
        with self._database.write() as session:
            self._claimed(session, claimed).lease_until = now + timedelta(seconds=lease_s)

    def save_file(self, claimed: OutboxRow, file_id: str) -> None:
        """Keep what Slack called a file, before anything is uploaded.

        :raises Conflict: where the message is not the caller's any more.
        """
        with self._database.write() as session:
            self._claimed(session, claimed).file_id = file_id

    def mark_sent(self, claimed: OutboxRow, *, ts: str | None, next_due: datetime | None = None) -> OutboxRow:
        """Slack has the message, as it was wanted when it was claimed; it is due again where more is wanted.

        The ts of a proposal card opens the experiment's thread.
        """
        now = self._clock()
        with self._database.write() as session:
            experiment, row = _lock(session, claimed.id)
            if not _is_held(row, claimed):
                return _record(session, row)
            more = row.wanted > claimed.wanted
            move_message(
                session,
                row,
                OutboxStatus.PENDING if more else OutboxStatus.SENT,
                ts=ts if ts is not None else row.ts,
                sent=max(row.sent, claimed.wanted),
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

    def postpone(
        self, claimed: OutboxRow, due_at: datetime, *, ambiguous: bool, trouble: Trouble | None = None
    ) -> None:
        """Not sent; try again when it is due. `ambiguous`: Slack may have it all the same.

        `trouble` is what somebody has to mend first: `doctor` shows it, and administrators are told.
        """
        with self._database.write() as session:
            experiment, row = _lock(session, claimed.id)
            if _is_held(row, claimed):
                to = OutboxStatus.AMBIGUOUS if ambiguous else OutboxStatus.PENDING
                error = trouble.words if trouble else ""
                move_message(session, row, to, due_at=due_at, lease_until=None, error=error)
                alerts.tell(session, experiment, row, trouble, self._clock())

    def mark_dead(self, claimed: OutboxRow, trouble: Trouble) -> None:
        """Slack refuses it as it is; the messages after it go on. `revive` asks for it again."""
        with self._database.write() as session:
            experiment, row = _lock(session, claimed.id)
            if _is_held(row, claimed):
                move_message(session, row, OutboxStatus.DEAD, error=trouble.words, lease_until=None)
                alerts.tell(session, experiment, row, trouble, self._clock())

    def revive(self, keys: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Ask again for what could not be delivered, at once: these messages, or all; returns their keys.

        :raises NotFound: where a key names no message that is held up; nothing is changed then.
        """
        now = self._clock()
        with self._database.write() as session:
            held = select(OutboxEntry).where(OutboxEntry.error != "", OutboxEntry.status != OutboxStatus.SENT)
            rows = session.scalars(held.order_by(OutboxEntry.id).with_for_update()).all()
            unknown = sorted(set(keys) - {row.key for row in rows})
            if unknown:
                raise NotFound(
                    f"no message that is held up is called {', '.join(unknown)}; see `signoff outbox`"
                )
            wanted = [row for row in rows if not keys or row.key in keys]
            for row in wanted:
                row.due_at = now
                if row.status is OutboxStatus.DEAD:
                    move_message(session, row, OutboxStatus.PENDING, tries=0, error="")
            return tuple(row.key for row in wanted)

    def _claimed(self, session: Session, claimed: OutboxRow) -> OutboxEntry:
        row = _lock(session, claimed.id)[1]
        if not _is_held(row, claimed):
            raise Conflict(f"message {row.key} was claimed by somebody else")
        return row


def _is_held(row: OutboxEntry, claimed: OutboxRow) -> bool:
    return row.status is OutboxStatus.SENDING and row.claims == claimed.claim


def _claimable(now: datetime) -> Select[OutboxEntry]:
    earlier = aliased(OutboxEntry)
    waits_behind = (
        select(earlier.id)
        .where(
            earlier.experiment == OutboxEntry.experiment,
            earlier.id < OutboxEntry.id,
            earlier.ts.is_(None),
            earlier.status.not_in(_OVER),
            earlier.kind != OutboxKind.ALERT,
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
            or_(OutboxEntry.kind.in_(_UNTHREADED), ExperimentRow.thread_ts.is_not(None)),
            or_(OutboxEntry.ts.is_not(None), OutboxEntry.kind == OutboxKind.ALERT, ~waits_behind),
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
    opens = row.kind in _UNTHREADED
    thread = None if opens else session.get_one(ExperimentRow, row.experiment).thread_ts
    return assemble.message(row, thread)
