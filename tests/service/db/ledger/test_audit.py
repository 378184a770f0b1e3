"""The hash chain is one chain on both databases: a ledger that moves keeps its hashes, and they hold."""

from pathlib import Path

import pytest
from sqlalchemy import text

from db import archive
from db.audit import verify_history
from db.migrations.run import migrate
from db.queries import Queries
from db.records import DecisionKind, Person
from db.session import Database
from tests.builders import House

pytestmark = pytest.mark.service

ODD = Person("UODD", "Zoë “\x00 ☃ \U0001f600")


def test_a_chain_holds_on_postgresql_and_after_a_move_to_sqlite(house: House, tmp_path: Path) -> None:
    number = house.approved(seeds=2).number
    refused = house.propose(title="Größer").number
    house.decide(refused, DecisionKind.REJECT, by=ODD)
    house.finish_all(number, {"final_reward": 490.0})
    house.ledger.experiments.conclude(number, plot_path=None, plot_alt="")
    here = {each: house.queries.history(each) for each in house.queries.recorded()}
    assert {each: verify_history(history) for each, history in here.items()} == dict.fromkeys(here, ())
    url = f"sqlite:///{tmp_path / 'moved.db'}"
    migrate(url)
    moved = Database(url)
    try:
        archive.import_lines(moved, archive.export_lines(house.database))
        there = Queries(moved)
        assert {each: there.history(each) for each in there.recorded()} == here
        assert there.ledger_name() == house.queries.ledger_name()
    finally:
        moved.dispose()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE event SET payload = '{}' WHERE experiment = :n AND seq = 2",
        "UPDATE event SET at = at + interval '1 microsecond' WHERE experiment = :n AND seq = 2",
        "DELETE FROM event WHERE experiment = :n AND kind = 'run.queued'",
    ],
)
def test_tampering_on_postgresql_is_found(house: House, tampering: str) -> None:
    number = house.approved(seeds=2).number
    with house.database.write() as session:
        session.execute(text(tampering), {"n": number})
    assert verify_history(house.queries.history(number))
