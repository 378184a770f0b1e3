"""Upkeep of the search index, inside the ledger's own transactions."""

from types import ModuleType

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.orm import Session

from db.models import ExperimentRow
from db.search import postgresql, sqlite
from db.search.document import document_of
from db.search.tables import facts, metadata


def dialect_of(connection: Connection) -> ModuleType:
    """The module with this database's own SQL."""
    return sqlite if connection.dialect.name == "sqlite" else postgresql


def create_index(connection: Connection) -> None:
    """Make the index's tables, empty. Migrations call it; `reindex` fills them."""
    metadata.create_all(connection)
    dialect_of(connection).create(connection)


def drop_index(connection: Connection) -> None:
    dialect_of(connection).drop(connection)
    metadata.drop_all(connection)


def index_experiment(session: Session, number: int) -> None:
    """Bring the index up to what this transaction says about one experiment.

    Call it after the rows are written: proposed, revised, tagged, concluded, conclusion written.
    """
    session.flush()
    database = dialect_of(session.connection())
    document = document_of(session, number)
    session.execute(delete(facts).where(facts.c.number == number))
    if document is None:
        database.remove(session, number)
        return
    database.put(session, number, document)
    rows = [
        {"number": number, "name": fact.name, "path": fact.path, "value": fact.number, "words": fact.words}
        for fact in document.facts
    ]
    if rows:
        session.execute(insert(facts), rows)


def reindex(session: Session) -> int:
    """Build the whole index anew; returns how many experiments it holds."""
    numbers = session.scalars(select(ExperimentRow.number).order_by(ExperimentRow.number)).all()
    for number in numbers:
        index_experiment(session, number)
    return len(numbers)
