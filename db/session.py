"""Engines and transactions of the ledger, on SQLite and on PostgreSQL.

SQLite has a writing engine (one connection, BEGIN IMMEDIATE, so that no reader is upgraded to a
writer and fails) and a reading engine (deferred, query_only). PostgreSQL has one pool for both.
Errors of the database leave as `db.errors.Busy` where the same call may be repeated.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from db.errors import Busy, Unavailable, WrongSchema
from trainer.crashpoints import crash_at

_T = TypeVar("_T")

MIGRATIONS = Path(__file__).parent / "migrations"
READERS = 8
CONNECT_TIMEOUT_S = 5.0
STATEMENT_TIMEOUT_S = 15
LOCK_TIMEOUT_S = 5.0
IDLE_TIMEOUT_S = 30

_LOCKED_CODES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_BROKEN_CODES = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PROTOCOL,
    }
)
# lock_not_available, query_canceled (statement timeout), deadlock_detected, serialization_failure
_LOCKED_STATES = frozenset({"55P03", "57014", "40P01", "40001"})
# Classes of states: no connection, resources, operator intervention, system error, internal error.
# Without any state there was no server to give one.
_BROKEN_STATES = frozenset({"08", "53", "57", "58", "XX"})


def ledger_url(url: str) -> URL:
    """The URL with the driver that we use.

    :raises ValueError: where the URL is neither a SQLite file nor PostgreSQL.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise ValueError(f"{url} is in memory; the ledger needs a file: sqlite:////path/ledger.db")
        return parsed.set(drivername="sqlite+pysqlite")
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise ValueError(f"{parsed.drivername} is not supported; use sqlite:////path/ledger.db or postgresql://")


class Database:
    """The ledger's database. Threads may share it; a forked child must build its own.

    `lock_timeout_s` bounds the wait for other writers (1.5 in the bot, 10 in the worker), after
    which `Busy` is raised and nothing was saved.
    """

    def __init__(self, url: str, *, lock_timeout_s: float = 10.0) -> None:
        self.url = ledger_url(url)
        self._lock_timeout_s = lock_timeout_s
        if self.is_sqlite:
            self._writing = _sqlite_engine(self.url, lock_timeout_s, writing=True)
            self._reading = _sqlite_engine(self.url, lock_timeout_s, writing=False)
        else:
            self._writing = self._reading = _postgresql_engine(self.url, lock_timeout_s)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One writing transaction, committed on exit.

        :raises Busy: where another writer holds the ledger for too long; nothing was saved.
        """
        started = time.monotonic()
        with _translated(), self._writing.connect() as connection:
            if self.is_sqlite:
                _wait_at_most(connection, self._lock_timeout_s - (time.monotonic() - started))
            with Session(connection, expire_on_commit=False) as session:
                yield session
                crash_at("ledger.before_commit")
                session.commit()
        crash_at("ledger.after_commit")

    def write_once(self, work: Callable[[Session], _T]) -> _T:
        """`work` in a writing transaction, and once more where somebody wrote the same at that moment.

        For work that looks first whether it has been done: the second time it finds that it has.
        """
        try:
            with self.write() as session:
                return work(session)
        except IntegrityError:
            with self.write() as session:
                return work(session)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One reading transaction: all its statements see the same state. It can not write."""
        with _translated(), self._reading.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with Session(connection, expire_on_commit=False) as session:
                yield session

    def check_revision(self) -> None:
        """Refuse to work on tables of another program version.

        :raises WrongSchema: naming `signoff migrate`.
        """
        wanted = head_revision()
        if self.is_sqlite and not Path(str(self.url.database)).exists():
            raise WrongSchema(f"there is no ledger at {self.url.database}; run `signoff migrate`")
        with _translated(), self._reading.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
        if found != wanted:
            raise WrongSchema(
                f"the ledger is at revision {found or 'none'}, this program needs {wanted}; "
                "run `signoff migrate`"
            )

    def dispose(self) -> None:
        """Close all connections."""
        self._writing.dispose()
        self._reading.dispose()


def head_revision() -> str:
    """The newest revision of the migrations in this program."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert head is not None
    return head


def _sqlite_engine(url: URL, lock_timeout_s: float, *, writing: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=1 if writing else READERS,
        max_overflow=0,
        pool_timeout=lock_timeout_s,
        connect_args={"timeout": lock_timeout_s, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(dbapi_connection: Any, _: ConnectionPoolEntry) -> None:
        # The driver must not begin transactions by itself: it would begin deferred ones.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = FULL")
        if not writing:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _postgresql_engine(url: URL, lock_timeout_s: float) -> Engine:
    settings = {
        "statement_timeout": f"{STATEMENT_TIMEOUT_S}s",
        "lock_timeout": f"{int(min(lock_timeout_s, LOCK_TIMEOUT_S) * 1000)}ms",
        "idle_in_transaction_session_timeout": f"{IDLE_TIMEOUT_S}s",
        "synchronous_commit": "on",
        "timezone": "UTC",
    }
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=lock_timeout_s,
        connect_args={
            "connect_timeout": max(2, int(min(lock_timeout_s, CONNECT_TIMEOUT_S))),
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
    )


def _wait_at_most(connection: Connection, seconds: float) -> None:
    """Bound the wait for the file's lock by what the wait for our own connection has left."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {max(1, int(seconds * 1000))}")
    cursor.close()


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of the database as ours, where the caller can do something about them."""
    try:
        yield
    except PoolTimeout as error:
        raise Busy("the ledger is busy with other writers; nothing was saved, try again") from error
    except DBAPIError as error:
        ours = _ours(error)
        if ours is None:
            raise
        raise ours from error


def _ours(error: DBAPIError) -> Busy | WrongSchema | None:
    """What it means for the caller; None for a statement that can never work, which is a bug."""
    said = next(iter(str(error.orig).strip().splitlines()), "no answer")
    number, state = getattr(error.orig, "sqlite_errorcode", None), getattr(error.orig, "sqlstate", None)
    if state in _LOCKED_STATES or (number is not None and number & 0xFF in _LOCKED_CODES):
        return Busy("the ledger is locked by another writer; nothing was saved, try again")
    if said.startswith("no such table"):
        return WrongSchema(f"the ledger lacks a table ({said}); run `signoff migrate`")
    unreached = "08" if isinstance(error, OperationalError | InterfaceError) else ""
    broken = (
        number & 0xFF in _BROKEN_CODES if number is not None else (state or unreached)[:2] in _BROKEN_STATES
    )
    return Unavailable(f"the ledger's database does not answer as it should: {said}") if broken else None
