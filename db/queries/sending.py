"""How the sending to Slack goes."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.lifecycle import OutboxStatus
from db.models import LeaseRow, OutboxEntry
from db.models.messages import SENDING
from db.records import OutboxHealth, Undelivered

MOST_SHOWN = 20
_OVER = (OutboxStatus.SENT, OutboxStatus.DEAD)


def outbox_health(session: Session, now: datetime) -> OutboxHealth:
    """What is due and not in Slack yet, what is held up (at most 20), and who sends."""
    due = (OutboxEntry.status.not_in(_OVER)) & (OutboxEntry.due_at <= now)
    waiting, oldest = session.execute(
        select(func.count(), func.min(OutboxEntry.due_at)).select_from(OutboxEntry).where(due)
    ).one()
    held = select(OutboxEntry).where(OutboxEntry.error != "", OutboxEntry.status != OutboxStatus.SENT)
    rows = session.scalars(held.order_by(OutboxEntry.id).limit(MOST_SHOWN))
    lease = session.get(LeaseRow, SENDING)
    return OutboxHealth(
        waiting=waiting,
        oldest_due_at=oldest,
        undelivered=tuple(_undelivered(row) for row in rows),
        sender=lease.owner if lease else None,
        lease_until=lease.lease_until if lease else None,
    )


def _undelivered(row: OutboxEntry) -> Undelivered:
    return Undelivered(
        key=row.key,
        channel_id=row.channel_id,
        words=row.error,
        is_dead=row.status is OutboxStatus.DEAD,
        since=row.created_at,
    )
