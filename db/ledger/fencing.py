"""Only the newest process of a host may write for it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.errors import LeaseLost
from db.models import HostRow


def fenced(session: Session, host_id: str, epoch: int, *, exclusive: bool = False) -> HostRow:
    """The host's row, which no newer process can take over until the transaction ends.

    :raises LeaseLost: where one has done so already, or the host was declared dead.
    """
    statement = select(HostRow).where(HostRow.id == host_id).with_for_update(read=not exclusive)
    row = session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None or row.epoch != epoch:
        found = "is not registered" if row is None else f"has epoch {row.epoch} now"
        raise LeaseLost(f"host {host_id} {found}; the process of epoch {epoch} must stop")
    return row
