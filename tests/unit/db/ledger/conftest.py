from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import House, make_house


@pytest.fixture
def database_url() -> str | None:
    """None stands for a SQLite file in a folder of the test's own."""
    return None


@pytest.fixture
def house(tmp_path: Path, database_url: str | None) -> Iterator[House]:
    """A ledger with the shipped baselines and one host with two CPU slots."""
    house = make_house(tmp_path, url=database_url)
    yield house
    house.database.dispose()
