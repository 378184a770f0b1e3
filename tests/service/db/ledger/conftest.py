"""The ledger's own tests once more, on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.session import Database
from tests.builders import House, make_house
from tests.postgresql import TEMPLATE, administer, at

NAME = "ledger_of_the_verbs"


@pytest.fixture(scope="session")
def shared_database(migrated: str) -> Iterator[Database]:
    """One for all tests: a new one would compile every statement anew."""
    database = Database(at(migrated, NAME), lock_timeout_s=10)
    yield database
    database.dispose()


@pytest.fixture
def database_url(migrated: str) -> str:
    """A ledger in which nothing has happened, always under the same name."""
    administer(migrated, f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
    administer(migrated, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    return at(migrated, NAME)


@pytest.fixture
def house(tmp_path: Path, database_url: str, shared_database: Database) -> Iterator[House]:
    yield make_house(tmp_path, url=database_url, again=shared_database)
    shared_database.dispose()
