from collections.abc import Iterator
from pathlib import Path

import pytest

from db.session import Database
from tests.builders import House, make_house


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ledger")


@pytest.fixture(scope="session")
def shared_database(folder: Path) -> Iterator[Database]:
    """One for all tests: a new one would compile every statement anew."""
    database = make_house(folder).database
    yield database
    database.dispose()


@pytest.fixture
def house(folder: Path, shared_database: Database) -> Iterator[House]:
    """A ledger with the shipped baselines and one host with two CPU slots, as if nothing had been before."""
    yield make_house(folder, again=shared_database)
    shared_database.dispose()
