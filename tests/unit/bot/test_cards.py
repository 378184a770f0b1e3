import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cards import Cards
from bot.curves import Curves
from bot.messages.facts import Links
from tests.builders import HOST, House, make_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = make_house(tmp_path)
    yield house
    house.database.dispose()


def test_the_queue_tells_a_host_that_is_away_from_one_that_is_here(house: House, tmp_path: Path) -> None:
    cards = Cards(house.queries, Curves(tmp_path), Links(), house.clock)
    assert "away" not in json.dumps(cards.queue().blocks)
    house.clock.forward(31)
    said = json.dumps(cards.queue().blocks)
    assert f"{HOST}: 2 CPU slots, 0 GPUs (away: start `signoff worker` there)" in said
