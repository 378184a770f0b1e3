"""Parts that one process at a time plays. A lease that ran out is anybody's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import LeaseRow


@dataclass(frozen=True)
class Asked:
    """`owner` asks for a part at `now`, for `lease_s` seconds; `over` is an owner who is known to be dead."""

    owner: str
    now: datetime
    lease_s: float
    over: str = ""


def take(session: Session, part: str, asked: Asked) -> str:
    """Give the part to who asks, or leave it with who has it; returns who that is."""
    until = asked.now + timedelta(seconds=asked.lease_s)
    row = _locked(session, part)
    if row is None:
        session.add(LeaseRow(part=part, owner=asked.owner, lease_until=until))
        session.flush()
        return asked.owner
    if row.owner in (asked.owner, asked.over) or row.lease_until <= asked.now:
        row.owner, row.lease_until = asked.owner, until
    return row.owner


def give_up(session: Session, part: str, owner: str, now: datetime) -> None:
    """End the owner's lease now; somebody else's stays."""
    row = _locked(session, part)
    if row is not None and row.owner == owner:
        row.lease_until = now


def _locked(session: Session, part: str) -> LeaseRow | None:
    return session.scalars(select(LeaseRow).where(LeaseRow.part == part).with_for_update()).one_or_none()
