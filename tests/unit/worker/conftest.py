import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from db.migrations.run import migrate
from db.records import Experiment
from tests.unit.worker.house import House

MEMORY = Path("/dev/shm")


@pytest.fixture(autouse=True)
def plain_log() -> Iterator[None]:
    """The default log draws each traceback with its variables, which takes seconds."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()]
    )
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated ledger, to be copied: migrating takes longer than most tests."""
    folder = tmp_path_factory.mktemp("ledger")
    migrate(f"sqlite:///{folder / 'ledger.db'}")
    return folder


@pytest.fixture
def house(empty_ledger: Path) -> Iterator[House]:
    """In memory where the system has a folder there: the ledger waits for the disk at each commit."""
    root = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
    shutil.copytree(empty_ledger, root, dirs_exist_ok=True)
    house = House(root)
    yield house
    house.close()
    shutil.rmtree(root)


@pytest.fixture
def training(house: House) -> Experiment:
    """Two seeds that run."""
    experiment = house.approve(seeds=2)
    house.pass_smoke(experiment)
    house.turns_until(lambda: house.running(experiment, "s1") and house.running(experiment, "s2"))
    return experiment
