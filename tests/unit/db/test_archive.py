import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.archive import BadArchive, export_lines, import_lines
from db.config.resolve import merge
from db.errors import Refused, WrongSchema
from db.migrations.run import migrate
from db.search import search
from db.session import Database
from tests.unit.db.search import ledgers
from trainer.catalogue import load_presets

CARTPOLE = next(preset for preset in load_presets() if preset.name == "ppo-cartpole").config
DELTA = {"reward": {"action_change_penalty": 0.5}, "hyperparams": {"ent_coef": None}}


def ledger(path: Path) -> Database:
    url = f"sqlite:///{path}"
    migrate(url)
    return Database(url, lock_timeout_s=1.0)


@pytest.fixture
def worked_in(tmp_path: Path) -> Iterator[Database]:
    """A ledger with an experiment, seeds, a result and words that are hard to spell."""
    database = ledger(tmp_path / "worked-in.db")
    with database.write() as session:
        ledgers.add(
            session,
            100,
            title="Smoother \u201cturns\u201d \U0001f6b2 <!channel>\nnext line",
            config=merge(CARTPOLE, {"reward": {"action_change_penalty": 0.5}}),
            before=CARTPOLE,
            delta=DELTA,
            parent=1,
            tags=("oscillation",),
        )
        ledgers.add_result(session, 100, "supported", {"oscillation": [0.1, 1e-17, 3.0]})
        ledgers.conclude(session, 100, "The fix works.")
    yield database
    database.dispose()


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Database]:
    database = ledger(tmp_path / "new.db")
    yield database
    database.dispose()


def test_a_round_trip_loses_nothing(worked_in: Database, new: Database) -> None:
    exported = list(export_lines(worked_in))
    assert import_lines(new, exported) == len(exported) - 2
    assert list(export_lines(new)) == exported


def test_what_was_imported_is_found(worked_in: Database, new: Database) -> None:
    import_lines(new, export_lines(worked_in))
    assert [line.number for line in search(new, "fixing oscillation").results] == [100]


def test_the_next_experiment_follows_the_imported_ones(worked_in: Database, new: Database) -> None:
    import_lines(new, export_lines(worked_in))
    with new.write() as session:
        ledgers.add(session, 101, title="Next", config=CARTPOLE, delta={}, parent=100)


def test_a_ledger_in_use_is_not_overwritten(worked_in: Database) -> None:
    before = list(export_lines(worked_in))
    with pytest.raises(Refused, match="holds 1 experiments already"):
        import_lines(worked_in, before)
    assert list(export_lines(worked_in)) == before


def damaged(lines: list[str], how: str) -> list[str]:
    head, *rows, tail = lines
    row = json.loads(rows[0])
    return {
        "cut": [head, *rows],
        "a line lost": [head, *rows[1:], tail],
        "no head": [*rows, tail],
        "no JSON": [head, "{", tail],
        "another table": [head, json.dumps({**row, "table": "sqlite_master"}), *rows[1:], tail],
        "another column": [head, json.dumps({**row, "row": {**row["row"], "x": 1}}), *rows[1:], tail],
        "empty": [],
    }[how]


@pytest.mark.parametrize(
    "how", ["cut", "a line lost", "no head", "no JSON", "another table", "another column", "empty"]
)
def test_a_damaged_archive_is_refused_and_changes_nothing(
    how: str, worked_in: Database, new: Database
) -> None:
    before = list(export_lines(new))
    with pytest.raises(BadArchive):
        import_lines(new, damaged(list(export_lines(worked_in)), how))
    assert list(export_lines(new)) == before


def test_an_archive_of_another_revision_is_refused(worked_in: Database, new: Database) -> None:
    head, *rest = export_lines(worked_in)
    other = json.dumps({**json.loads(head), "revision": "other"})
    with pytest.raises(WrongSchema, match="revision other"):
        import_lines(new, [other, *rest])
