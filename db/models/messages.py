"""The Slack outbox: what is to be said, never the words."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.lifecycle import OutboxStatus
from db.models.base import Base, checked, short
from db.records import OutboxKind

SENDING = "sending"
"""The part of a lease whose owner sends the outbox."""


class OutboxEntry(Base):
    """One Slack message. `wanted` counts the changes asked for, `sent` those that Slack has.

    `last_sent_at` keeps edits of a living card apart; `lease_until` ends a sender's claim, and `claims`
    counts them, so that who comes late does not report for somebody else.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("sent <= wanted", name="sent"),
        Index("ix_outbox_status_due_at", "status", "due_at"),
        Index("ix_outbox_experiment_id", "experiment", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(short(), unique=True)
    kind: Mapped[OutboxKind] = mapped_column(checked(OutboxKind, "kind"))
    experiment: Mapped[int] = mapped_column(ForeignKey("experiment.number"))
    n: Mapped[int] = mapped_column(default=1)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id"))
    status: Mapped[OutboxStatus] = mapped_column(
        checked(OutboxStatus, "status"), default=OutboxStatus.PENDING
    )
    wanted: Mapped[int] = mapped_column(default=1)
    sent: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    claims: Mapped[int] = mapped_column(default=0)
    channel_id: Mapped[str] = mapped_column(short(64))
    ts: Mapped[str | None] = mapped_column(short(64))
    file_id: Mapped[str | None] = mapped_column(short(64))
    error: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    last_sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class LeaseRow(Base):
    """A part that one process at a time plays, such as the sender's."""

    __tablename__ = "lease"

    part: Mapped[str] = mapped_column(short(32), primary_key=True)
    owner: Mapped[str] = mapped_column(short())
    lease_until: Mapped[datetime]
