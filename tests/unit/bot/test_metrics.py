"""The bot's metrics are the ledger's figures, also after a restart, also while it is away."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select, update

from bot.metrics import LedgerCollector, SlackErrors
from bot.slack_errors import from_code
from db.lifecycle import ExitCause, RunStatus
from db.models import OutboxEntry, RunRow
from db.session import Database
from tests.builders import HOST, KAI, Clock, House, make_house
from trainer.contract import RunKind


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = make_house(tmp_path)
    yield house
    house.database.dispose()


def scrape(house: House) -> CollectorRegistry:
    """What a bot that has just been started would serve."""
    registry = CollectorRegistry()
    registry.register(LedgerCollector(house.database, house.clock))
    return registry


def value(registry: CollectorRegistry, name: str, labels: Mapping[str, str] | None = None) -> float | None:
    return registry.get_sample_value(name, dict(labels or {}))


def test_runs_and_queue(house: House) -> None:
    number = house.approved(seeds=3).number
    run = next(run for run in house.queries.experiment(number).runs if run.kind is RunKind.SEED)
    house.finish(run, status=RunStatus.FAILED, cause=ExitCause.CODE_ERROR)
    scraped = scrape(house)
    assert value(scraped, "signoff_ledger_up") == 1
    assert value(scraped, "signoff_queue_depth", {"device": "cpu"}) == len(house.queries.queue())
    assert value(scraped, "signoff_queue_depth", {"device": "gpu"}) == 0
    assert value(scraped, "signoff_runs", {"status": "FAILED"}) == 1
    assert value(scraped, "signoff_runs", {"status": "CANCELED"}) == 0
    assert value(scraped, "signoff_experiments", {"status": "APPROVED"}) == 1


def test_the_wait_from_approval_to_the_first_step(house: House) -> None:
    name = "signoff_approval_to_first_step_seconds"
    number = house.propose(seeds=2).number
    house.decide(number)
    approved_at = house.clock()
    house.pass_smoke(number)
    assert value(scrape(house), f"{name}_count") == 0
    seeds = [run for run in house.queries.experiment(number).runs if run.kind is RunKind.SEED]
    for run, after_s in zip(seeds, (40.0, 25.0), strict=True):
        house.start(run)
        house.clock.forward(60 - (house.clock() - approved_at).total_seconds())
        with house.database.write() as session:
            stepped = house.clock.now.timestamp() - 60 + after_s
            row = session.get_one(RunRow, run.id)
            assert row.first_step_at is None
            row.first_step_at = house.clock.now.fromtimestamp(stepped, house.clock.now.tzinfo)
    scraped = scrape(house)
    assert value(scraped, f"{name}_count") == 1, "one experiment, by the first of its seeds"
    assert value(scraped, f"{name}_sum") == pytest.approx(25.0)
    assert value(scraped, f"{name}_bucket", {"le": "20.0"}) == 0
    assert value(scraped, f"{name}_bucket", {"le": "30.0"}) == 1
    assert value(scraped, f"{name}_bucket", {"le": "+Inf"}) == 1


def test_gpu_hours_by_person_go_on_while_a_run_lives(house: House) -> None:
    number = house.approved(seeds=1, author=KAI).number
    run = next(run for run in house.queries.experiment(number).runs if run.kind is RunKind.SEED)
    attempt = house.start(run)
    with house.database.write() as session:
        session.execute(update(RunRow).where(RunRow.id == run.id).values(gpus=2))
    labels = {"person": "UKAI", "name": "Kai"}
    house.clock.forward(1800)
    before = value(scrape(house), "signoff_gpu_hours_total", labels)
    house.clock.forward(1800)
    assert before is not None
    assert value(scrape(house), "signoff_gpu_hours_total", labels) == pytest.approx(before + 1.0)
    house.end(attempt)
    ended = value(scrape(house), "signoff_gpu_hours_total", labels)
    house.clock.forward(3600)
    assert value(scrape(house), "signoff_gpu_hours_total", labels) == ended


def test_messages_hosts_and_slots(house: House) -> None:
    house.approved(seeds=1)
    with house.database.read() as session:
        due_at = session.scalars(select(OutboxEntry.due_at).order_by(OutboxEntry.due_at)).first()
    assert due_at is not None
    house.clock.forward(77)
    scraped = scrape(house)
    assert value(scraped, "signoff_outbox_lag_seconds") == pytest.approx(
        (house.clock() - due_at).total_seconds()
    )
    assert value(scraped, "signoff_outbox_messages", {"status": "DEAD"}) == 0
    beat = next(host for host in house.queries.hosts() if host.id == HOST)
    age = (house.clock() - beat.lease_until).total_seconds() + 30
    assert value(scraped, "signoff_host_heartbeat_age_seconds", {"host": HOST}) == pytest.approx(age)
    free = {"host": HOST, "kind": "cpu", "held": "false"}
    assert value(scraped, "signoff_slots", free) == 2


def test_a_ledger_that_is_away_is_said_not_guessed(tmp_path: Path) -> None:
    away = Database(f"sqlite:///{tmp_path}/unmounted/ledger.db", lock_timeout_s=0.1)
    registry = CollectorRegistry()
    registry.register(LedgerCollector(away, Clock()))
    assert value(registry, "signoff_ledger_up") == 0
    assert value(registry, "signoff_runs", {"status": "QUEUED"}) is None
    away.dispose()


def test_slack_errors_by_code() -> None:
    registry = CollectorRegistry()
    count = SlackErrors(registry)
    for code in ("not_in_channel", "not_in_channel", "fatal_error"):
        count(from_code("chat.postMessage", code))
    labels = {"method": "chat.postMessage", "code": "not_in_channel"}
    assert value(registry, "signoff_slack_errors_total", labels) == 2
