import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.archive import BadArchive, export_lines, import_lines
from db.audit import verify
from db.errors import Refused, WrongSchema
from db.search import search
from tests.builders import ANA, House, make_house

TITLE = "Smoother \u201cturns\u201d \U0001f6b2 <!channel>\nnext line"


@pytest.fixture(scope="module")
def worked_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A ledger with an experiment, seeds, a result and words that are hard to spell; only read."""
    yield from _house(tmp_path_factory.mktemp("worked-in"), worked=True)


@pytest.fixture
def new(tmp_path: Path) -> Iterator[House]:
    yield from _house(tmp_path, worked=False)


def _house(folder: Path, *, worked: bool) -> Iterator[House]:
    house = make_house(folder)
    if worked:
        number = house.approved(title=TITLE, tags=("oscillation",)).number
        house.finish_all(number, {"final_reward": 500.0, "oscillation": 1e-17})
        house.ledger.experiments.conclude(number, plot_path=None, plot_alt="")
        house.ledger.experiments.write_conclusion(number, "The fix works.", ANA)
    yield house
    house.database.dispose()


def test_a_round_trip_loses_nothing(worked_in: House, new: House) -> None:
    exported = list(export_lines(worked_in.database))
    assert import_lines(new.database, exported) == len(exported) - 2
    assert list(export_lines(new.database)) == exported
    (found,) = search(worked_in.database, "fixing oscillation").results
    assert new.queries.experiment(found.number) == worked_in.queries.experiment(found.number)


def test_the_chain_of_events_still_holds(worked_in: House, new: House) -> None:
    import_lines(new.database, export_lines(worked_in.database))
    (found,) = search(new.database, "fixing oscillation").results
    events = new.queries.events(found.number)
    assert len(events) > 3
    assert verify(events) == ()


def test_what_was_imported_is_found(worked_in: House, new: House) -> None:
    import_lines(new.database, export_lines(worked_in.database))
    (found,) = search(new.database, "experiments fixing oscillation").results
    assert (found.title, found.outcome) == (TITLE, "inconclusive")


def test_the_next_experiment_follows_the_imported_ones(worked_in: House, new: House) -> None:
    import_lines(new.database, export_lines(worked_in.database))
    new.join()
    (found,) = search(new.database, "fixing oscillation").results
    assert new.propose().number == found.number + 1


def test_a_ledger_in_use_is_not_overwritten(worked_in: House) -> None:
    before = list(export_lines(worked_in.database))
    with pytest.raises(Refused, match="holds 1 experiments already"):
        import_lines(worked_in.database, before)
    assert list(export_lines(worked_in.database)) == before


def test_questions_are_not_overwritten(worked_in: House, new: House) -> None:
    new.ledger.questions.create("Does a penalty smooth turns?", ANA)
    with pytest.raises(Refused, match="holds 1 questions already"):
        import_lines(new.database, export_lines(worked_in.database))
    assert [question.text for question in new.queries.questions()] == ["Does a penalty smooth turns?"]


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
def test_a_damaged_archive_is_refused_and_changes_nothing(how: str, worked_in: House, new: House) -> None:
    before = list(export_lines(new.database))
    with pytest.raises(BadArchive):
        import_lines(new.database, damaged(list(export_lines(worked_in.database)), how))
    assert list(export_lines(new.database)) == before


def test_an_archive_of_another_revision_is_refused(worked_in: House, new: House) -> None:
    head, *rest = export_lines(worked_in.database)
    other = json.dumps({**json.loads(head), "revision": "other"})
    with pytest.raises(WrongSchema, match="revision other"):
        import_lines(new.database, [other, *rest])
