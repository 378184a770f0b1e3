"""Tells administrators, each in a message of their own, that messages cannot be delivered."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ExperimentRow, OutboxEntry
from db.records import OutboxKind, Trouble


def tell(
    session: Session, experiment: ExperimentRow, row: OutboxEntry, trouble: Trouble | None, at: datetime
) -> None:
    """Ask for the messages to administrators, once a day for one trouble in one channel.

    What holds up such a message itself is for `doctor` alone.
    """
    if trouble is None or row.kind is OutboxKind.ALERT:
        return
    for person in trouble.tell:
        key = f"alert/{trouble.code}/{row.channel_id}/{at:%Y-%m-%d}/{person}"[:200]
        if session.scalars(select(OutboxEntry.id).where(OutboxEntry.key == key)).first() is None:
            session.add(
                OutboxEntry(
                    key=key,
                    kind=OutboxKind.ALERT,
                    experiment=experiment.number,
                    channel_id=person,
                    due_at=at,
                    created_at=at,
                )
            )
    session.flush()
