"""Registered datasets: their hashes become part of what is signed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.config.recorded import with_dataset_hash
from db.errors import ConfigError, DatasetRefused
from db.models import DatasetRow
from db.records import Dataset
from db.session import Database
from trainer.contract import JsonObject


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


def with_fixed_dataset(session: Session, delta: JsonObject, config: JsonObject) -> JsonObject:
    """The delta with the hash of the dataset that the resolved config names, fixed before it is signed.

    A delta that says nothing of `dataset` keeps what its parent was signed with.

    :raises DatasetRefused: where no such dataset is registered.
    """
    if "dataset" not in delta:
        return delta
    known = {row.name: row.sha256 for row in session.scalars(select(DatasetRow))}
    try:
        return with_dataset_hash(delta, config, known)
    except ConfigError as error:
        raise DatasetRefused(str(error)) from error
