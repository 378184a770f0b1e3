import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards import Cards
from bot.curves import Curves
from bot.messages import status
from bot.messages.facts import Links
from db.limits import Limits
from db.records import Gpu
from tests.builders import ANA, HOST, KAI, ZOE, House, make_house


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


def test_the_queue_says_who_holds_which_gpu_and_what_others_wait_for(house: House, tmp_path: Path) -> None:
    house.join(gpus=(Gpu("GPU-a", "H200", 141_000), Gpu("GPU-b", "H200", 141_000)), memory_mb=64 * 1024)
    mine = house.approved(seeds=1, device="cuda", gpus=1).number
    house.start(house.queries.experiment(mine).runs[-1])
    big = house.decide(house.propose(seeds=1, device="cuda", gpus=2, author=ZOE).number).number
    house.ledger.hosts.mark_dirty(HOST, house.epoch, "GPU-b", "process 7 (python) of somebody else on it")
    house.ledger.hosts.clean(HOST)
    house.reserve()
    cards = Cards(house.queries, Curves(tmp_path), Links(), house.clock)
    said = json.dumps(cards.queue().blocks, ensure_ascii=False)
    assert f"E-{mine}/s1 · {HOST} GPU 0 · @{KAI.name}" in said
    assert f"1. E-{big}/smoke · 2 GPUs · {HOST} is kept for it" in said
    assert f"{HOST}: 2 CPU slots, 2 GPUs (H200), 64 GB" in said
    limited = replace(cards, limits=Limits(person_gpus=1))
    assert "waits: the limit of its author" in json.dumps(limited.queue().blocks)


def test_the_queue_says_which_gpu_is_dirty_and_which_host_is_dead(house: House, tmp_path: Path) -> None:
    house.join(gpus=(Gpu("GPU-a"), Gpu("GPU-b")))
    cards = Cards(house.queries, Curves(tmp_path), Links(), house.clock)
    house.ledger.hosts.mark_dirty(HOST, house.epoch, "GPU-b", "process 7 (python) of somebody else on it")
    said = json.dumps(cards.queue().blocks, ensure_ascii=False)
    assert f"{HOST} GPU 1 is given to nobody: process 7 (python) of somebody else on it" in said
    assert f"signoff host clean {HOST}" in said
    house.clock.forward(31)
    house.ledger.hosts.declare_dead(HOST, ANA)
    assert f"declared dead by {ANA.name}" in json.dumps(cards.queue().blocks)


def test_a_waiting_card_names_who_holds_the_gpus(house: House, tmp_path: Path) -> None:
    house.join(gpus=(Gpu("GPU-a"),))
    mine = house.approved(seeds=1, device="cuda", gpus=1).number
    house.start(house.queries.experiment(mine).runs[-1])
    other = house.decide(house.propose(seeds=1, device="cuda", gpus=1).number).number
    cards = Cards(house.queries, Curves(tmp_path), Links(), house.clock)
    facts = cards._status(cards.facts(house.queries.experiment(other)))
    assert f"{HOST} GPU 0: @{KAI.name} E-{mine}" in json.dumps(status.render(facts).blocks)
