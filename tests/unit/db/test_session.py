import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, StatementError

from db.errors import Busy, Unavailable, WrongSchema
from db.models import QuestionRow
from db.session import Database, head_revision
from tests.builders import House, make_house

NOW = datetime(2026, 1, 5, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = make_house(tmp_path)
    yield house
    house.database.dispose()


def path_of(house: House) -> Path:
    return Path(str(house.database.url.database))


def question(text_: str = "Why?", at: datetime = NOW) -> QuestionRow:
    return QuestionRow(text=text_, author_id="U1", author_name="Ana", created_at=at)


def test_a_second_writer_waits_and_then_is_told_that_nothing_was_saved(house: House) -> None:
    hasty = Database(f"sqlite:///{path_of(house)}", lock_timeout_s=0.05)
    with house.database.write() as session:
        session.add(question())
        session.flush()
        with pytest.raises(Busy, match="nothing was saved"), hasty.write() as waiting:
            waiting.add(question("Never?"))
    hasty.dispose()
    assert [each.text for each in house.queries.questions()] == ["Why?"]


def test_writers_of_one_process_wait_for_each_other_no_longer_than_for_other_processes(house: House) -> None:
    hasty = Database(f"sqlite:///{path_of(house)}", lock_timeout_s=0.05)
    with hasty.write(), pytest.raises(Busy), hasty.write():
        pass
    hasty.dispose()


def test_readers_do_not_wait_for_a_writer(house: House) -> None:
    with house.database.write() as session:
        session.add(question())
        session.flush()
        assert house.queries.questions() == ()
    assert len(house.queries.questions()) == 1


def test_an_error_inside_saves_nothing(house: House) -> None:
    def write_and_fail() -> None:
        with house.database.write() as session:
            session.add(question())
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert house.queries.questions() == ()


def test_the_reading_side_can_not_write(house: House) -> None:
    with pytest.raises(DBAPIError, match="readonly"), house.database.read() as session:
        session.execute(text("DELETE FROM event"))


def test_the_engines_are_set_up_to_lose_nothing(house: House) -> None:
    with house.database.write() as session:
        found = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_another_revision_is_refused_and_names_the_remedy(house: House, tmp_path: Path) -> None:
    house.database.check_revision()
    with house.database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(WrongSchema, match=f"0000.*{head_revision()}.*signoff migrate"):
        house.database.check_revision()
    missing = Database(f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(WrongSchema, match="signoff migrate"):
        missing.check_revision()
    assert not (tmp_path / "none.db").exists()


def test_an_empty_file_is_no_ledger(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "empty.db").close()
    empty = Database(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(WrongSchema), empty.read() as session:
        session.get(QuestionRow, 1)
    empty.dispose()


def test_a_broken_file_is_not_a_missing_answer(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_text("this is no database, however long one looks at it")
    broken = Database(f"sqlite:///{tmp_path}/broken.db")
    with pytest.raises(Unavailable), broken.read() as session:
        session.get(QuestionRow, 1)
    broken.dispose()


def test_a_statement_that_can_never_work_is_a_bug(house: House) -> None:
    with pytest.raises(DBAPIError), house.database.read() as session:
        session.execute(text("SELECT nothing FROM experiment"))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:////"):
        Database(url)


def test_times_are_utc_to_the_microsecond_and_never_naive(house: House) -> None:
    with house.database.write() as session:
        session.add(question())
    assert house.queries.questions()[0].created_at == NOW
    naive = question(at=NOW.replace(tzinfo=None))
    with pytest.raises(StatementError, match="naive"), house.database.write() as session:
        session.add(naive)


def test_text_that_a_database_refuses_is_kept_without_what_it_refuses(house: House) -> None:
    with house.database.write() as session:
        session.add(question("a\x00b\ud800c"))
    assert house.queries.questions()[0].text == "a\ufffdb?c"
