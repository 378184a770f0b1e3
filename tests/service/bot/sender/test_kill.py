"""kill -9 of the bot while it sends: after a restart everything stands in Slack once."""

import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.processes import Household, child_environment
from db.lifecycle import ExitCause, OutboxStatus, RunStatus
from db.models import OutboxEntry
from db.records import DecisionKind
from tests.builders import House, make_house
from tests.service.bot.sender.conftest import TOKEN, Playground
from tests.service.bot.sender.test_sending import PNG
from trainer.contract import RunKind

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

KILLS = 6
OVER = {OutboxStatus.SENT, OutboxStatus.DEAD}


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


def fill(house: House, folder: Path) -> None:
    """Two experiments with everything that can be said of one: cards, a failure, a log, a result."""
    for _ in range(2):
        number = house.approved(seeds=2).number
        first, *rest = [run for run in house.queries.queue() if run.kind is RunKind.SEED]
        house.finish(
            first, status=RunStatus.FAILED, cause=ExitCause.NAN, message="NaN", log_tail="the last line"
        )
        for run in rest:
            house.finish(run)
        plot = folder / "runs" / f"plot-{number}.png"
        plot.parent.mkdir(exist_ok=True)
        plot.write_bytes(PNG)
        house.ledger.experiments.conclude(number, plot_path=plot.name, plot_alt="It rose.")
    rejected = house.propose(title="Another idea")
    house.decide(rejected.number, DecisionKind.REJECT)


def open_rows(house: House) -> list[str]:
    with house.database.read() as session:
        return [row.key for row in session.query(OutboxEntry) if row.status not in OVER]


def start_bot(family: Household, playground: Playground, folder: Path) -> None:
    env = child_environment(
        {
            "SIGNOFF_DATA_DIR": str(folder),
            "SIGNOFF_PAGES_PORT": "0",
            "SLACK_API_URL": f"{playground.url}/api/",
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_APP_TOKEN": "xapp-playground",
        }
    )
    child = family.start(f"bot-{len(list(family.logs.glob('*')))}", [sys.executable, "-m", "bot"], env)
    child.wait_for("bot ready", within_s=60)


def keys_in_slack(playground: Playground) -> Counter[str]:
    """How often each outbox key, and each shared file, stands in the channel."""
    keys: Counter[str] = Counter()
    for message in playground.messages():
        for each in playground.messages(message["ts"]):
            key = ((each.get("metadata") or {}).get("event_payload") or {}).get("outbox_key")
            names = [file["name"] for file in each.get("files") or []]
            keys.update([str(key)] if key else names)
    return keys


def test_a_bot_that_is_killed_again_and_again_says_everything_once(
    house: House, family: Household, new_playground: Playground, tmp_path: Path
) -> None:
    playground = new_playground
    fill(house, tmp_path)
    dice = random.Random(7)
    for _ in range(KILLS):
        start_bot(family, playground, tmp_path)
        time.sleep(dice.uniform(0.05, 1.5))  # the moment of the kill is the point
        bot = family.children.pop()
        bot.process.send_signal(signal.SIGKILL)
        bot.process.wait()
    start_bot(family, playground, tmp_path)
    deadline = time.monotonic() + 120
    while open_rows(house):
        assert time.monotonic() < deadline, open_rows(house)
        time.sleep(0.2)
    keys = keys_in_slack(playground)
    assert {key: count for key, count in keys.items() if count != 1} == {}
    said = {key.rpartition("E-")[2].partition("/")[2] for key in keys}
    assert {"proposal", "status", "result/1", "decision/r1"} <= said
    assert [name for name in keys if name.endswith(".log.txt")]
