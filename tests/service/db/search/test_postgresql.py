"""The search and the archive on PostgreSQL, in the same words as on SQLite."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from db.archive import export_lines, import_lines
from db.config.resolve import merge
from db.migrations.run import migrate
from db.search import reindex, search, similar
from db.session import Database, ledger_url
from tests.builders import ANA, House, make_house
from tests.unit.db.search import ledgers
from trainer.catalogue import load_presets

pytestmark = pytest.mark.service
CARTPOLE = next(preset for preset in load_presets() if preset.name == "ppo-cartpole").config

# The number of a new ledger's first experiment: it comes after the baselines.
FIRST = len(load_presets()) + 1


def make_database(url: str, name: str) -> str:
    """A new, empty database of that name."""
    engine = create_engine(ledger_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="module")
def house(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A ledger with one experiment that fixed an oscillation, and one about the learning rate."""
    house = make_house(tmp_path_factory.mktemp("house"), url=make_database(postgresql_url, "house"))
    number = house.approved(tags=("oscillation",)).number
    house.finish_all(number, {"final_reward": 500.0, "oscillation": 0.1})
    house.ledger.experiments.conclude(number, plot_path=None, plot_alt="")
    house.ledger.experiments.write_conclusion(number, "The fix works; braking is gentler too.", ANA)
    delta = {"hyperparams": {"learning_rate": 0.0001}}
    with house.database.write() as session:
        ledgers.add(
            session,
            number + 1,
            title="Slower learning",
            objective="Is the learning rate too high?",
            config=merge(CARTPOLE, {"hyperparams": {"learning_rate": 0.0001}}),
            before=CARTPOLE,
            delta=delta,  # type: ignore[arg-type]  # JSON
            parent=number,
            author=("UKAI", "Kai"),
        )
    yield house
    house.database.dispose()


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("experiments fixing oscillation", ["Smoother turns"]),
        ("gentle brakes", ["Smoother turns"]),
        ("rates -@signoff", ["Slower learning"]),
        ('"learning rate" -@signoff', ["Slower learning"]),
        ("-jitter brakes", ["Smoother turns"]),
        ("oscillation -braking", []),
        (f"lr < 0.0005 parent:E-{FIRST}", ["Slower learning"]),
        ("verdict:inconclusive", ["Smoother turns"]),
        ("oscillation < 0.15", ["Smoother turns"]),
        ("tag:oscillation @kai", ["Smoother turns"]),
        ("status:done created:2026", ["Smoother turns"]),
        (f"E-{FIRST + 1} oscillation", ["Slower learning", "Smoother turns"]),
        ("'; DROP TABLE search_text; --", []),
        ("the of and", None),
        ("!!! & | ! <-> :*", None),
    ],
)
def test_experiments_are_found(query: str, titles: list[str] | None, house: House) -> None:
    found = [result.title for result in search(house.database, query).results]
    assert titles is None or found == titles


def test_a_result_has_a_snippet_and_similar_ones_are_found(house: House) -> None:
    (result,) = search(house.database, "fixing jitter").results
    assert "fix" in result.snippet
    assert [line.title for line in similar(house.database, "less oscillation")] == ["Smoother turns"]


def test_an_archive_crosses_from_one_database_to_the_other_and_back(
    house: House, postgresql_url: str, tmp_path: Path
) -> None:
    exported = list(export_lines(house.database))
    there = make_house(tmp_path)
    import_lines(there.database, exported)
    assert list(export_lines(there.database)) == exported
    url = make_database(postgresql_url, "back")
    migrate(url)
    back = Database(url)
    try:
        import_lines(back, export_lines(there.database))
        assert list(export_lines(back)) == exported
        with back.write() as session:
            assert reindex(session) == FIRST + 1
            ledgers.add(session, FIRST + 2, title="Next", config=CARTPOLE, delta={})
            ledgers.conclude(session, FIRST + 2, "numbered on from the imported ones")
    finally:
        back.dispose()
        there.database.dispose()
