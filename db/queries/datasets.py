"""Which datasets are registered."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import DatasetRow
from db.records import Dataset


def registered(session: Session) -> tuple[Dataset, ...]:
    """All of them, by name."""
    rows = session.scalars(select(DatasetRow).order_by(DatasetRow.name))
    return tuple(
        Dataset(row.name, row.sha256, row.size, row.registered_by, row.registered_at) for row in rows
    )
