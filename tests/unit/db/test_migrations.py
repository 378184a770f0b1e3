import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text

from db.__main__ import main
from db.audit import verify
from db.migrations.rules import include_object
from db.migrations.run import alembic_config, migrate
from db.models import Base
from db.search import search
from tests.builders import make_house
from trainer.catalogue import load_presets


def differences(connection: Connection) -> object:
    context = MigrationContext.configure(
        connection, opts={"include_object": include_object, "compare_type": True}
    )
    return compare_metadata(context, Base.metadata)


def tables(connection: Connection) -> dict[str, list[str]]:
    """Each table's and index's SQL, as a set of lines: batches may order columns in their own way."""
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    return {
        name: sorted(line.strip(" ,\t").replace('"', "") for line in sql.splitlines())
        for name, sql in rows
        if "search_" not in name and name != "alembic_version"
    }


def test_an_empty_ledger_becomes_what_the_models_say(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path}/new/ledger.db")
    migrated, made = (
        create_engine(f"sqlite:///{tmp_path}/new/ledger.db"),
        create_engine("sqlite://"),
    )
    Base.metadata.create_all(made)
    with migrated.connect() as ours, made.connect() as theirs:
        assert differences(ours) == []
        assert tables(ours) == tables(theirs)
    migrated.dispose()
    made.dispose()


def test_a_filled_ledger_is_upgraded_without_loss(tmp_path: Path) -> None:
    house = make_house(tmp_path)
    number = house.approved().number
    before = house.queries.experiment(number)
    house.database.dispose()
    url = f"sqlite:///{tmp_path}/ledger.db"
    engine = create_engine(url)
    with engine.begin() as connection:  # as it was when there was nothing but the outbox
        command.downgrade(alembic_config(connection), "0003")
        assert differences(connection) != []
    migrate(url)
    with engine.connect() as connection:
        assert differences(connection) == []
    engine.dispose()
    assert house.queries.experiment(number) == before
    assert verify(house.queries.events(number)) == ()
    house.database.dispose()


def test_migrations_can_be_taken_back(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path}/ledger.db")
    engine = create_engine(f"sqlite:///{tmp_path}/ledger.db")
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
        assert tables(connection) == {}
    engine.dispose()


def test_migrating_twice_and_at_once_is_migrating_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    threads = [threading.Thread(target=migrate, args=(url,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    house = make_house(tmp_path / "none", url=url)
    shipped = {preset.title for preset in load_presets()}
    lines = house.queries.parents_like("", 100)
    assert sorted(line.title for line in lines) == sorted(shipped)
    cartpole = [title for title in shipped if "CartPole" in title]
    assert len(search(house.database, "cartpole", 20).results) == len(cartpole)
    house.database.dispose()


def test_python_m_db_migrates_what_the_settings_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIGNOFF_DATA_DIR", str(tmp_path / "data"))
    assert main() == 0
    assert "up to date" in capsys.readouterr().out
    assert (tmp_path / "data" / "ledger.db").exists()
    monkeypatch.setenv("SIGNOFF_DATABASE_URL", "postgresql://nobody@/x?host=/nowhere")
    assert main() == 1
    assert "can not be migrated" in capsys.readouterr().err
