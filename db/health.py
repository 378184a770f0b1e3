"""How the ledger's database is: which server, and whether its clock agrees with ours."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text

from db.session import Database


@dataclass(frozen=True)
class Health:
    """`version` as (major, minor, ...); `skew_s`: how far the server's clock is ahead of ours, in seconds,
    by at most half the time that the question took; 0 on SQLite, which has no clock of its own.
    """

    server: str
    version: tuple[int, ...]
    skew_s: float


def health(database: Database) -> Health:
    """Ask the server. Raises Unavailable."""
    if database.is_sqlite:
        with database.read() as session:
            version = session.execute(text("SELECT sqlite_version()")).scalar_one()
        return Health("SQLite", _numbers(version), 0.0)
    with database.read() as session:
        version = session.execute(text("SHOW server_version")).scalar_one()
        asked = time.time()
        there = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        middle = datetime.fromtimestamp((asked + time.time()) / 2, UTC)
    return Health("PostgreSQL", _numbers(version), (there - middle).total_seconds())


def _numbers(version: str) -> tuple[int, ...]:
    """(15, 18) for "15.18 (Debian 15.18-0+deb12u1)"."""
    return tuple(int(part) for part in version.split(maxsplit=1)[0].split(".") if part.isdigit())
