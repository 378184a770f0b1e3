"""kill -9 of bot, worker and Celery while the whole job runs: one card, one plot, no message twice."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.demo.contracts import BASELINE, FAILING
from bot.cli.demo.people import ANA, KAI, Contract
from bot.forms import fields
from db.lifecycle import ExitCause, OutboxStatus, RunStatus
from db.migrations.run import migrate
from db.models import OutboxEntry
from tests.service.whole.town import Chaos, Town, until

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

QUICK = Contract(
    parent=BASELINE,
    changes="action_change_penalty = 0.5\ntotal_timesteps = 20000",
    title="Smoother and quick",
    objective="Reduce oscillation in a short training.",
    hypothesis="A price on changes holds even here.",
    expected="final reward > 20",
    more={fields.SEEDS: "5", fields.ALONGSIDE: []},
)
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    migrate(f"sqlite:///{tmp_path / 'ledger.db'}")
    town = Town(tmp_path)
    yield town
    town.close()


def unsaid(town: Town) -> list[str]:
    with town.database.read() as session:
        return [row.key for row in session.query(OutboxEntry) if row.status is not OutboxStatus.SENT]


def test_everything_is_done_and_said_once(town: Town) -> None:
    chaos = Chaos(town, every_s=(2.0, 9.0), seed=11)
    chaos.start()
    try:
        cards = []
        for contract in (QUICK, FAILING):
            cards.append(town.propose(KAI, contract))
            town.approve(ANA, cards[-1])
        numbers = [one.number for one in reversed(town.queries.recent(2))]
        until(
            lambda: all(town.queries.experiment(number).results for number in numbers),
            "a result of both experiments",
            within_s=600,
        )
    finally:
        chaos.end()
    until(lambda: not unsaid(town), f"everything said, but {unsaid(town)}")

    assert len(chaos.victims) >= 5
    good, bad = (town.queries.experiment(number) for number in numbers)
    assert {run.status for run in good.runs} == {RunStatus.SUCCEEDED}
    assert [run.cause for run in bad.runs if run.label == "s1"] == [ExitCause.NAN]
    attempts = [run.attempt for run in (*good.runs, *bad.runs)]
    assert [(one.n, one.exit_code) for one in attempts if one] == [(1, 0)] * 7 + [(1, 11)]

    keys: Counter[str] = Counter()
    for card in cards:
        for message in town.thread(card):
            payload = message.metadata.get("event_payload") or {}
            names = [file["name"] for file in message.raw.get("files") or []]
            keys.update([payload["outbox_key"]] if payload else names)
            if "/result/" in str(payload.get("outbox_key")):
                (plot,) = message.file_ids
                assert town.client.file(plot).startswith(PNG)
    assert {key: count for key, count in keys.items() if count != 1} == {}
    for kind in ("proposal", "status", "result/1"):
        assert sum(key.endswith(kind) for key in keys) == 2, keys
    assert len(town.client.messages()) == len(cards)
