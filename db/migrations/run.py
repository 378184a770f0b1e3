"""Bring a ledger to this program's revision, once, however many processes ask at the same time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from db.errors import Unavailable, WrongSchema
from db.ledger import Ledger
from db.search import create_index, reindex
from db.session import MIGRATIONS, Database, ledger_url
from trainer.catalogue import load_presets

ADVISORY_LOCK = 7_446_463  # "signoff" on a phone's keys, cut to fit
WAIT_S = 60
INDEX_TABLE = "search_fact"


def migrate(url: str) -> None:
    """Create the ledger or upgrade it, and ensure that it has the shipped baselines. Idempotent.

    :raises Unavailable: where the database does not answer.
    :raises WrongSchema: where foreign keys do not hold afterwards, or the ledger is newer than we are.
    """
    try:
        with _alone(url) as connection:
            _upgrade(connection)
            connection.close()
            _ensure_presets(url)
    except DBAPIError as error:
        raise Unavailable(f"the ledger at {ledger_url(url)!r} can not be migrated: {error.orig}") from error


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings for our migrations over an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone(url: str) -> Iterator[Connection]:
    """A connection outside any transaction, while no other process migrates the same ledger."""
    parsed = ledger_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(str(parsed.database))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".migrate-lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            engine = create_engine(parsed, poolclass=NullPool, connect_args={"timeout": WAIT_S})
            with engine.connect() as connection:
                yield connection
        return
    engine = create_engine(parsed, poolclass=NullPool)
    with engine.connect() as connection, engine.connect() as keeper:
        keeper.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": ADVISORY_LOCK})
        yield connection  # closing the keeper's session frees the lock


def _ensure_presets(url: str) -> None:
    database = Database(url, lock_timeout_s=WAIT_S)
    try:
        Ledger(database, lambda: datetime.now(UTC)).experiments.ensure_presets(load_presets())
    finally:
        database.dispose()


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        with connection.begin():
            _to_head(connection)
        return
    connection.connection.dbapi_connection.isolation_level = None  # type: ignore[union-attr]
    connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    # Off outside of the transaction: with foreign keys on, a table that is rebuilt (a batch ALTER)
    # would delete the rows that point to it.
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.commit()
    with connection.begin():
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        _to_head(connection)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise WrongSchema(f"after the migration {len(broken)} rows point nowhere; nothing was changed")


def _to_head(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")
    if not inspect(connection).has_table(INDEX_TABLE):
        create_index(connection)
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            reindex(session)
            session.commit()
