"""docs/metrics.md lists every metric of the code, and nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from bot.metrics import LedgerCollector, SlackErrors
from bot.slack_errors import from_code
from db.models import AttemptRow, RunRow
from tests.builders import House, make_house
from worker.metrics import LoopMetrics

PAGE = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text("utf-8")
ROW = re.compile(r"^\| `(signoff_\w+)` \| (\w+) \| (.*?) \| (\w+) \| (.*?) \|$", re.MULTILINE)
Described = dict[str, tuple[str, frozenset[str], str, str]]


def documented() -> Described:
    """Name -> type, labels, who serves it, meaning."""
    return {
        name: (kind, frozenset(re.findall(r"`(\w+)`", labels)), server, meaning)
        for name, kind, labels, server, meaning in ROW.findall(PAGE)
    }


def described(registry: CollectorRegistry, server: str) -> Described:
    found: Described = {}
    for family in registry.collect():
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        found[family.name] = (family.type, frozenset(labels), server, family.documentation)
    return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = make_house(tmp_path)
    yield house
    house.database.dispose()


def test_the_table_is_what_bot_and_worker_serve(house: House) -> None:
    gpu = select(RunRow).where(RunRow.experiment == house.approved(seeds=1).number)
    house.reserve()
    with house.database.write() as session:
        for run in session.scalars(gpu):
            run.gpus = 1
        for attempt in session.scalars(select(AttemptRow)):
            attempt.started_at = house.clock()
    bot, worker = CollectorRegistry(), CollectorRegistry()
    bot.register(LedgerCollector(house.database, house.clock))
    SlackErrors(bot)(from_code("chat.postMessage", "not_in_channel"))
    LoopMetrics(worker)
    assert documented() == described(bot, "bot") | described(worker, "worker")
