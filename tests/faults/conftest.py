"""Each fault on SQLite and on PostgreSQL."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from db.migrations.run import migrate

MEMORY = Path("/dev/shm")


@pytest.fixture(autouse=True)
def plain_log() -> Iterator[None]:
    """The default log draws each traceback with its variables, which takes seconds."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "ledger.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def root() -> Iterator[Path]:
    """In memory where the system has a folder there: the ledger waits for the disk at each commit."""
    folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def url(request: pytest.FixtureRequest) -> str:
    """A ledger in which nothing has happened yet."""
    found: str = request.getfixturevalue("database_url" if request.param == "postgresql" else "sqlite_url")
    return found


@pytest.fixture
def sqlite_url(root: Path, empty_ledger: Path) -> str:
    """The same, on SQLite alone."""
    shutil.copy(empty_ledger, root / "ledger.db")
    return f"sqlite:///{root / 'ledger.db'}"
