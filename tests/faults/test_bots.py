"""Two bots at once, as processes, over one ledger and one Slack."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.cli.processes import Household
from db.records import DecisionKind
from tests.builders import House, make_house
from tests.service.bot.sender.conftest import Playground, running
from tests.service.bot.sender.test_kill import fill, keys_in_slack, open_rows, start_bot

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

PATIENCE_S = 150


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = make_house(tmp_path)
    yield house
    house.database.dispose()


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Household]:
    family = Household(tmp_path / "logs")
    yield family
    family.stop()


@pytest.fixture
def playground(tmp_path: Path) -> Iterator[Playground]:
    with running(tmp_path / "playground") as workspace:
        yield workspace


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def leader(house: House) -> int | None:
    """The process that sends."""
    sender = house.queries.outbox_health(house.clock()).sender
    return int(sender.split("/")[1]) if sender else None


def test_two_bots_say_everything_once_and_the_second_takes_over(
    house: House, family: Household, playground: Playground, tmp_path: Path
) -> None:
    start_bot(family, playground, tmp_path)
    start_bot(family, playground, tmp_path)
    bots = {child.process.pid: child for child in family.children}
    until(lambda: leader(house) in bots, "one of them sends")
    fill(house, tmp_path)
    until(lambda: sum(keys_in_slack(playground).values()) >= 3, "it has begun to send")
    first = bots[leader(house) or 0]
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    until(lambda: not open_rows(house), "the other one says the rest")
    assert leader(house) in bots.keys() - {first.process.pid}
    late = house.propose(title="A late idea")
    house.decide(late.number, DecisionKind.REJECT)
    until(lambda: not open_rows(house), "and what comes later")
    assert {key: count for key, count in keys_in_slack(playground).items() if count != 1} == {}
