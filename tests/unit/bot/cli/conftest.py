import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import make_app
from db.ledger import Ledger
from db.queries import Queries
from db.session import Database
from tests.builders import ANA, Clock, House, make_house

Run = Callable[..., Result]


@pytest.fixture
def signoff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in an empty folder, without any settings of the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("SIGNOFF_DATABASE_URL", "SIGNOFF_BROKER_URL", "SIGNOFF_ARTIFACTS_DIR", "SLACK_BOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SIGNOFF_DATA_DIR", str(tmp_path))
    runner = CliRunner()

    def run(*arguments: str, input: str | bytes | None = None) -> Result:  # noqa: A002 - click's name
        return runner.invoke(make_app(pretty=False), list(arguments), input=input)

    return run


@pytest.fixture(scope="session")
def worked_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with one experiment that was run, judged and concluded; to be copied."""
    folder = tmp_path_factory.mktemp("worked-in")
    house = make_house(folder)
    number = house.approved(seeds=5, tags=("oscillation",)).number
    house.finish_all(number, {"final_reward": 490.0, "oscillation": 0.1})
    house.ledger.experiments.conclude(number, plot_path=None, plot_alt="")
    house.ledger.experiments.write_conclusion(number, "The penalty fixes it.", ANA)
    house.database.dispose()
    return folder / "ledger.db"


@pytest.fixture
def house(tmp_path: Path, worked_in: Path, signoff: Run) -> Iterator[House]:
    """The command's ledger: a copy of `worked_in`."""
    path = tmp_path / "ledger.db"
    shutil.copy(worked_in, path)
    database, clock = Database(f"sqlite:///{path}"), Clock()
    yield House(database, clock, Ledger(database, clock), Queries(database))
    database.dispose()


@pytest.fixture
def key(house: House) -> str:
    return house.queries.recent(1)[0].key
