"""The one PostgreSQL of a test session: a server of our own on a socket, and a new ledger for each test."""

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from db.migrations.run import migrate
from db.session import ledger_url

DEBIAN = Path("/usr/lib/postgresql")
OWNER = "postgres"  # the server refuses to run as root
TEMPLATE = "migrated"
_names = (f"ledger_{n}" for n in itertools.count(1))


def programs() -> Path | None:
    """The folder of initdb and pg_ctl."""
    for folder in sorted(DEBIAN.glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).parent if found and shutil.which("pg_ctl") else None


def at(server: str, name: str) -> str:
    """The URL of a database on the server."""
    return server.replace("/postgres?", f"/{name}?")


def administer(server: str, statement: str) -> None:
    engine = create_engine(ledger_url(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The server's own database. Skipped where there is no PostgreSQL, a failure in CI."""
    found = programs()
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed; run tests/install_services.sh")
        pytest.skip("PostgreSQL is not installed")
    owner = OWNER if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="signoff-pg-"))
    if owner:
        shutil.chown(folder, owner)

    def run(program: str, *arguments: str) -> None:
        command = [str(found / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, user=owner, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    run("initdb", "-U", OWNER, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
    options = f"-c listen_addresses='' -c fsync=off -k {folder}"
    run("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", options)
    try:
        yield f"postgresql://{OWNER}@/postgres?host={folder}"
    finally:
        run("pg_ctl", "stop", "-w", "-m", "immediate")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def migrated(postgresql_url: str) -> str:
    """The server, with a migrated database to copy."""
    administer(postgresql_url, f"CREATE DATABASE {TEMPLATE}")
    migrate(at(postgresql_url, TEMPLATE))
    return postgresql_url


@pytest.fixture
def database_url(migrated: str) -> Iterator[str]:
    """A migrated ledger of a test's own."""
    name = next(_names)
    administer(migrated, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield at(migrated, name)
    administer(migrated, f"DROP DATABASE {name} WITH (FORCE)")
