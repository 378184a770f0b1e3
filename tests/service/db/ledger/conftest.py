"""The ledger's own tests once more, each in a PostgreSQL database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import House, make_house


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    house = make_house(tmp_path, url=database_url)
    yield house
    house.database.dispose()
