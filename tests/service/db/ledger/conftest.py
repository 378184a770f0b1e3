"""The ledger's own tests once more, each in a PostgreSQL database of its own."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from db.migrations.run import migrate
from db.session import ledger_url
from tests.builders import House, make_house
from tests.service.db.search.conftest import postgresql_url

__all__ = ["postgresql_url"]

TEMPLATE = "migrated"
_names = (f"ledger_{n}" for n in itertools.count(1))


def at(server: str, name: str) -> str:
    """The URL of a database on the server."""
    return server.replace("/postgres?", f"/{name}?")


def administer(server: str, statement: str) -> None:
    engine = create_engine(ledger_url(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def migrated(postgresql_url: str) -> str:
    """The server, with a migrated database to copy."""
    administer(postgresql_url, f"CREATE DATABASE {TEMPLATE}")
    migrate(at(postgresql_url, TEMPLATE))
    return postgresql_url


@pytest.fixture
def database_url(migrated: str) -> Iterator[str]:
    name = next(_names)
    administer(migrated, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield at(migrated, name)
    administer(migrated, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    house = make_house(tmp_path, url=database_url)
    yield house
    house.database.dispose()
