import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from db.config.resolve import merge
from db.lifecycle import ExperimentStatus
from db.models import Base
from db.search import create_index, drop_index, index_experiment, reindex, search, similar
from db.session import Database
from tests.unit.db.search import ledgers
from trainer.catalogue import load_presets
from trainer.contract import JsonObject

PRESETS = {preset.name: preset for preset in load_presets()}
CARTPOLE = PRESETS["ppo-cartpole"].config
PENALTY: JsonObject = {"reward": {"action_change_penalty": 0.5}}
SLOWER: JsonObject = {"hyperparams": {"learning_rate": 0.0001, "target_kl": 0.03}}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("search") / "ledger.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        create_index(connection)
    engine.dispose()
    database = Database(f"sqlite:///{path}", lock_timeout_s=1.0)
    fill(database)
    database.dispose()
    return path


@pytest.fixture(scope="module")
def library(filled: Path) -> Iterator[Database]:
    """For tests that only read."""
    database = Database(f"sqlite:///{filled}", lock_timeout_s=1.0)
    yield database
    database.dispose()


@pytest.fixture
def database(filled: Path, tmp_path: Path) -> Iterator[Database]:
    """For tests that write."""
    database = Database(f"sqlite:///{shutil.copy(filled, tmp_path)}", lock_timeout_s=1.0)
    yield database
    database.dispose()


def fill(database: Database) -> None:
    with database.write() as session:
        ledgers.add_root(session, 1, PRESETS["ppo-cartpole"])
        ledgers.add_root(session, 2, PRESETS["sac-pendulum"])
        ledgers.add(
            session,
            3,
            title="Smoother turns",
            objective="Reduce oscillation of the cart without losing reward",
            hypothesis="A penalty on changes of action will fix the jitter",
            config=merge(CARTPOLE, PENALTY),
            before=CARTPOLE,
            delta=PENALTY,
            parent=1,
            tags=("oscillation",),
        )
        ledgers.add(
            session,
            4,
            title="Slower learning",
            objective="Is the learning rate too high?",
            hypothesis="Smaller steps are safer",
            config=merge(CARTPOLE, SLOWER),
            before=CARTPOLE,
            delta=SLOWER,
            parent=1,
            author=("UKAI", "Kai"),
            status=ExperimentStatus.REJECTED,
        )
        ledgers.add_result(
            session, 3, "supported", {"oscillation": [0.1, 0.11, 0.12], "final_reward": [499, 500, 500]}
        )
        ledgers.conclude(session, 3, "The fix works; braking is gentler too.")


def found(database: Database, text: str) -> list[int]:
    return [result.number for result in search(database, text).results]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("experiments fixing oscillation", [3]),
        ("fixes", [3]),
        ("gentle brakes", [3]),
        ("jitter", [3]),
        ("rates", [4, 2, 1]),
        ("supported", [3]),
        ("CartPole", [4, 3, 1]),
        ("pendulum", [2]),
        ("kai", [4]),
        ("target_kl", [4]),
        ("action_change_penalty", [3]),
        ('"learning rate"', [4, 2, 1]),
        ('"smoother turns"', [3]),
        ('"turns smoother"', []),
        ("cartpole -jitter", [4, 1]),
        ("algo:sac", [2]),
        ("algo:SAC", [2]),
        ("env:cartpole", [4, 3, 1]),
        ("-env:cartpole", [2]),
        ("@kai", [4]),
        ("author:UANA", [3]),
        ("-@signoff", [4, 3]),
        ("tag:oscillation", [3]),
        ("status:rejected", [4]),
        ("status:done", [3]),
        ("verdict:supported", [3]),
        ("verdict:none", [4, 2, 1]),
        ("-verdict:supported", [4, 2, 1]),
        ("parent:E-1", [4, 3]),
        ("learning_rate < 0.0005", [4]),
        ("lr:0.0009..0.1", [3, 2, 1]),
        ("hyperparams.learning_rate = 0.0001", [4]),
        ("action_change_penalty > 0", [3]),
        ("oscillation < 0.15", [3]),
        ("oscillation > 0.15", []),
        ("reward >= 500", [3]),
        ("policy:mlppolicy algo:ppo", [4, 3, 1]),
        ("created:2026-01-04", [3]),
        ("created:2026-01", [4, 3, 2, 1]),
        ("created:>2026-01-04", [4]),
        ("before:2026-01-03", [1]),
        ("after:2026-01-04", [4]),
        ("created:2026-01-03..2026-01-04", [3, 2]),
        ("E-2", [2]),
        ("E-2 jitter", [2, 3]),
        ("E-99", []),
        ("show me all experiments", [4, 3, 2, 1]),
        ("", [4, 3, 2, 1]),
        ("nowhere", []),
    ],
)
def test_experiments_are_found(text: str, numbers: list[int], library: Database) -> None:
    if text.lower().startswith("cartpole"):  # equally good but for their length
        assert sorted(found(library, text)) == sorted(numbers)
    else:
        assert found(library, text) == numbers


def test_a_result_carries_what_was_changed_and_what_came_out(library: Database) -> None:
    answer = search(library, "experiments fixing oscillation")
    (result,) = answer.results
    assert (result.key, result.outcome, result.got) == ("E-3", "supported", "0.11 vs 0.19")
    assert any("action_change_penalty" in change for change in result.changes)
    assert (result.algo, result.env_id, result.author.name) == ("ppo", "CartPole-v1", "Ana")
    assert "fix" in result.snippet.lower() or "oscillation" in result.snippet.lower()
    assert answer.total == 1


def test_a_title_counts_more_than_a_mention(database: Database) -> None:
    with database.write() as session:
        for number, title, hypothesis in ((5, "Wobble", "x " * 3), (6, "Something", "about a wobble")):
            ledgers.add(session, number, title=title, hypothesis=hypothesis, config=CARTPOLE, delta={})
    assert found(database, "wobble") == [5, 6]


def test_what_is_not_understood_is_told(library: Database) -> None:
    answer = search(library, "verdict:great created:yesterday foo:bar learning_rate:<fast jitter")
    assert [result.number for result in answer.results] == [3]
    assert answer.warnings == (
        "foo is no filter here; it was searched for as text",
        "verdict takes supported, refuted, inconclusive or none; got great",
        "a date is written 2026, 2026-01 or 2026-01-31; got yesterday",
        "learning_rate is compared with a number; got fast",
    )


def test_the_filters_that_were_understood_are_told(library: Database) -> None:
    assert search(library, "lr<1e-3 -@kai").filters == ("learning_rate < 1e-3", "not author kai")


def test_the_limit_bounds_the_results_and_not_the_total(library: Database) -> None:
    answer = search(library, "", limit=2)
    assert (len(answer.results), answer.total) == (2, 4)


@pytest.mark.parametrize(
    "text",
    ["'; DROP TABLE search_text; --", 'x" OR "y', "NEAR(a b)", "a* ^b", "AND OR NOT", "\x00", "{a b}: c"],
)
def test_operators_of_the_index_are_plain_words(text: str, library: Database) -> None:
    search(library, text)
    similar(library, text)
    assert found(library, "jitter") == [3]


def test_similar_experiments_are_found_by_their_words(library: Database) -> None:
    assert [line.number for line in similar(library, "less jitter: oscillation < 0.1 please")] == [3]
    assert similar(library, "") == ()
    assert similar(library, "the and of") == ()


def test_an_index_that_was_lost_is_built_anew(database: Database) -> None:
    with database.write() as session:
        drop_index(session.connection())
        create_index(session.connection())
    assert found(database, "jitter") == []
    with database.write() as session:
        assert reindex(session) == 4
    assert found(database, "jitter") == [3]


def test_indexing_again_replaces_and_an_unknown_number_removes(database: Database) -> None:
    with database.write() as session:
        index_experiment(session, 3)
        index_experiment(session, 99)
    assert found(database, "jitter") == [3]


def test_an_index_written_in_a_transaction_that_fails_is_not_there(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            ledgers.add(session, 7, title="Never", config=CARTPOLE, delta={})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert found(database, "never") == []
