"""Asks for Slack messages, in the transaction of what they tell. The sender finds the words later."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ledger.transition import move_message
from db.lifecycle import OutboxStatus
from db.models import ExperimentRow, OutboxEntry
from db.records import OutboxKind

EDIT_EVERY = timedelta(seconds=3)


def post(
    session: Session,
    experiment: ExperimentRow,
    kind: OutboxKind,
    at: datetime,
    *,
    name: str = "",
    n: int = 1,
    run_id: int | None = None,
) -> bool:
    """Ask for one message; asking twice for the same one is asking once, and False.

    `name` tells messages of one kind apart; the key is "E-42/result/1". An experiment without a
    channel has no messages.
    """
    if experiment.channel_id is None:
        return False
    key = "/".join(filter(None, (f"E-{experiment.number}", _WORDS[kind], name)))
    if _find(session, key) is not None:
        return False
    session.add(
        OutboxEntry(
            key=key,
            kind=kind,
            experiment=experiment.number,
            n=n,
            run_id=run_id,
            channel_id=experiment.channel_id,
            due_at=at,
            created_at=at,
        )
    )
    session.flush()
    return True


def wake(
    session: Session,
    experiment: ExperimentRow,
    kind: OutboxKind,
    at: datetime,
    *,
    name: str = "",
    n: int = 1,
    progress: bool = False,
) -> None:
    """Ask for a living card to show the newest state: post it, or edit it 3 s after the last time.

    A card that Slack refused for good is tried again on a change of state, never for `progress` alone.
    """
    if experiment.channel_id is None:
        return
    row = _find(session, "/".join(filter(None, (f"E-{experiment.number}", _WORDS[kind], name))))
    if row is None:
        post(session, experiment, kind, at, name=name, n=n)
    elif row.status is OutboxStatus.SENT:
        due = max(at, row.last_sent_at + EDIT_EVERY) if row.last_sent_at else at
        move_message(session, row, OutboxStatus.PENDING, wanted=row.wanted + 1, due_at=due, tries=0)
    elif row.status is OutboxStatus.DEAD:
        if not progress:
            move_message(session, row, OutboxStatus.PENDING, wanted=row.wanted + 1, due_at=at, tries=0)
    elif row.status is not OutboxStatus.PENDING:
        row.wanted = row.wanted + 1
        session.flush()


_WORDS = {
    OutboxKind.PROPOSAL: "proposal",
    OutboxKind.DIFF_FILE: "diff",
    OutboxKind.STATUS: "status",
    OutboxKind.DECISION: "decision",
    OutboxKind.FAILURE: "failure",
    OutboxKind.LOG_FILE: "log",
    OutboxKind.DIAGNOSTICS: "diagnostics",
    OutboxKind.RESUMED: "resumed",
    OutboxKind.STALLED: "stalled",
    OutboxKind.RESULT: "result",
    OutboxKind.CONCLUSION: "conclusion",
    OutboxKind.EXTENSION: "extension",
}


def _find(session: Session, key: str) -> OutboxEntry | None:
    return session.scalars(select(OutboxEntry).where(OutboxEntry.key == key).with_for_update()).one_or_none()
