"""`signoff doctor` beside real servers that are stopped, old, or want another password."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from db.migrations.run import migrate
from db.session import ledger_url
from tests.service.bot.playground.conftest import Running, running_playground
from tests.service.production.servers import (
    PASSWORD,
    PostgresServer,
    RedisServer,
    free_port,
    postgres_server,
    redis_server,
)

pytestmark = pytest.mark.service

MANIFEST = Path(__file__).parents[3] / "bot" / "manifest.json"
SLACK = {"SLACK_BOT_TOKEN": "xoxb-playground", "SLACK_APP_TOKEN": "xapp-playground"}


def findings(folder: Path, *arguments: str, **settings: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """The exit code, and for each thing that was found its level and remedy."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "SIGNOFF_"))}
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "doctor", "--json", *arguments],
        env={**kept, "SIGNOFF_DATA_DIR": str(folder), **settings},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr, done.stderr
    return done.returncode, {
        each["what"]: (each["level"], each["remedy"]) for each in json.loads(done.stdout)
    }


def found(said: dict[str, tuple[str, str]], part: str) -> tuple[str, str]:
    matching = [finding for what, finding in said.items() if part in what]
    assert len(matching) == 1, (part, said)
    return matching[0]


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        migrate(server.url())
        yield server


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("slack")
    with running_playground("--data", str(folder), "--manifest", str(MANIFEST)) as running:
        yield running


def test_all_is_well_in_production(
    postgres: PostgresServer, broker: RedisServer, slack: Running, tmp_path: Path
) -> None:
    code, said = findings(
        tmp_path,
        SIGNOFF_DATABASE_URL=postgres.url(),
        SIGNOFF_BROKER_URL=broker.url(),
        SLACK_API_URL=f"{slack.base_url}/api/",
        **SLACK,
    )
    assert code == 0, said
    assert found(said, "the ledger's database is PostgreSQL") == ("ok", "")
    assert found(said, "Redis ") == ("ok", "")
    assert found(said, "the app has its scopes") == ("ok", "")
    assert found(said, "Socket Mode opens") == ("ok", "")
    assert {level for level, _ in said.values()} <= {"ok", "warning"}


@pytest.mark.parametrize(
    ("password", "name", "expected"),
    [
        ("wr0ng-word", "postgres", ("password authentication failed", "correct user and password")),
        (PASSWORD, "nothing", ("does not exist", "create the database")),
    ],
)
def test_a_ledger_that_does_not_let_us_in(
    postgres: PostgresServer, tmp_path: Path, password: str, name: str, expected: tuple[str, str]
) -> None:
    code, said = findings(tmp_path, "--only", "bot", SIGNOFF_DATABASE_URL=postgres.url(password, name))
    assert code == 1
    level, remedy = found(said, expected[0])
    assert (level, remedy.startswith(expected[1])) == ("problem", True)
    assert password not in json.dumps(said)


def test_servers_that_are_stopped(tmp_path: Path) -> None:
    code, said = findings(
        tmp_path,
        "--only",
        "bot",
        SIGNOFF_DATABASE_URL=f"postgresql://signoff:secret@127.0.0.1:{free_port()}/signoff",
        SIGNOFF_BROKER_URL=f"redis://:secret@127.0.0.1:{free_port()}/0",
    )
    assert code == 1
    assert found(said, "the ledger does not answer")[1].startswith("start PostgreSQL")
    assert found(said, "Redis does not answer")[1].startswith("start it")
    assert "secret" not in json.dumps(said)


def test_an_old_revision_and_a_broker_with_another_password(
    postgres: PostgresServer, broker: RedisServer, tmp_path: Path
) -> None:
    engine = create_engine(ledger_url(postgres.url()), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE old TEMPLATE postgres"))
    engine.dispose()
    engine = create_engine(ledger_url(postgres.url(name="old")), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    code, said = findings(
        tmp_path,
        "--only",
        "bot",
        SIGNOFF_DATABASE_URL=postgres.url(name="old"),
        SIGNOFF_BROKER_URL=broker.url("wrong"),
    )
    assert code == 1
    assert found(said, "the ledger is at revision 0001") == ("problem", "run `signoff migrate`")
    assert "requirepass" in found(said, "Redis does not accept the password")[1]


def test_a_redis_that_forgets(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'ledger.db'}")
    with redis_server(tmp_path, "--appendonly", "no", "--maxmemory-policy", "allkeys-lru") as server:
        code, said = findings(tmp_path, "--only", "bot", SIGNOFF_BROKER_URL=server.url())
    assert code == 0
    assert found(said, "Redis forgets its messages") == ("warning", "set appendonly yes")
    assert found(said, "Redis may drop messages") == ("warning", "set maxmemory-policy noeviction")


def test_slack_without_a_scope_and_without_the_channel(slack: Running, tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'ledger.db'}")
    here = {**SLACK, "SLACK_API_URL": f"{slack.base_url}/api/"}
    said = findings(tmp_path, "--only", "bot", SIGNOFF_CHANNEL="C0NOWHERE", **here)[1]
    assert found(said, "the channel C0NOWHERE cannot be seen")[1] == "correct SIGNOFF_CHANNEL"
    code, said = findings(tmp_path, "--only", "bot", **{**here, "SLACK_BOT_TOKEN": "xoxb-somebody-else"})
    assert code == 1
    assert "correct SLACK_BOT_TOKEN" in found(said, "Slack does not let the bot in")[1]


def test_a_scope_that_was_taken_away(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'ledger.db'}")
    manifest = json.loads(MANIFEST.read_text())
    manifest["oauth_config"]["scopes"]["bot"].remove("files:write")
    manifest["oauth_config"]["scopes"]["bot"].append("reactions:write")
    smaller = tmp_path / "manifest.json"
    smaller.write_text(json.dumps(manifest))
    with running_playground("--data", str(tmp_path / "slack"), "--manifest", str(smaller)) as running:
        code, said = findings(tmp_path, "--only", "bot", SLACK_API_URL=f"{running.base_url}/api/", **SLACK)
    assert code == 1
    assert found(said, "the app lacks scopes: files:write")[0] == "problem"
