"""Registered datasets: their hashes become part of what is signed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.errors import DatasetRefused
from db.models import DatasetRow
from db.records import Dataset
from db.session import Database
from trainer.contract import JsonObject

_MANY = 5


class Datasets:
    """Verbs of `Ledger.datasets`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(self, dataset: Dataset) -> None:
        """Note a dataset's hash. Proposals from now on are signed with it; older ones keep theirs."""

        def write(session: Session) -> None:
            row = session.get(DatasetRow, dataset.name) or DatasetRow(name=dataset.name)
            row.sha256, row.size = dataset.sha256, dataset.size
            row.registered_by, row.registered_at = dataset.registered_by, dataset.registered_at
            session.add(row)

        self._database.write_once(write)

    def registered(self) -> tuple[Dataset, ...]:
        """All of them, by name."""
        with self._database.read() as session:
            rows = session.scalars(select(DatasetRow).order_by(DatasetRow.name))
            return tuple(
                Dataset(row.name, row.sha256, row.size, row.registered_by, row.registered_at) for row in rows
            )


def with_fixed_dataset(session: Session, delta: JsonObject, config: JsonObject) -> JsonObject:
    """The delta with the hash of the dataset that the resolved config names, fixed before it is signed.

    A delta that says nothing of `dataset` keeps what its parent was signed with.

    :raises DatasetRefused: where no such dataset is registered.
    """
    if "dataset" not in delta:
        return delta
    dataset = config.get("dataset")
    name = dataset.get("id") if isinstance(dataset, dict) else None
    if name is None:
        return {**delta, "dataset": None}
    row = session.get(DatasetRow, str(name))
    if row is None:
        raise DatasetRefused(_unknown(session, str(name)))
    return {**delta, "dataset": {"id": row.name, "sha256": row.sha256}}


def _unknown(session: Session, name: str) -> str:
    names = session.scalars(select(DatasetRow.name).order_by(DatasetRow.registered_at.desc())).all()
    known = f"; there are {', '.join(names[:_MANY])}" if names else ""
    return (
        f'the dataset "{name[:80]}" is not registered{known}. Put it into the folder SIGNOFF_DATASETS_DIR '
        "and run `signoff datasets`"
    )
