"""The whole main job as production runs it: PostgreSQL and Redis with passwords, JSON logs, metrics."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot.cli.demo.contracts import BASELINE
from bot.cli.demo.people import ANA, KAI, Contract
from bot.forms import fields
from db.audit import verify_history
from db.lifecycle import OutboxStatus, RunStatus
from db.migrations.run import migrate
from db.models import OutboxEntry
from tests.service.production.servers import (
    PASSWORD,
    PostgresServer,
    RedisServer,
    free_port,
    postgres_server,
    redis_server,
)
from tests.service.whole.town import Town, until

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

COMPOSE = Path(__file__).parents[3] / "docker-compose.yml"
HOST = "gpu-1"
QUICK = Contract(
    parent=BASELINE,
    changes="total_timesteps = 2048\neval.n_eval_episodes = 5",
    title="In production",
    objective="See that it runs over PostgreSQL and Redis.",
    hypothesis="It runs as it does over files.",
    expected="final reward > 20",
    more={fields.SEEDS: "2", fields.ALONGSIDE: []},
)
SAMPLE = re.compile(r"^(\w+)(?:\{(.*?)\})? (\S+)$", re.MULTILINE)


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        migrate(server.url())
        yield server


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RedisServer]:
    (tmp_path / "redis").mkdir()
    with redis_server(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def metrics() -> dict[str, int]:
    return {"bot": free_port(), "worker": free_port()}


@pytest.fixture
def town(
    tmp_path: Path, postgres: PostgresServer, broker: RedisServer, metrics: dict[str, int]
) -> Iterator[Town]:
    shared = {
        "SIGNOFF_DATABASE_URL": postgres.url(),
        "SIGNOFF_BROKER_URL": broker.url(),
        "SIGNOFF_LOG_FORMAT": "json",
        "SIGNOFF_HOST_ID": HOST,
        "SIGNOFF_CPU_SLOTS": "2",
    }
    own = {name: {"SIGNOFF_METRICS_PORT": str(port)} for name, port in metrics.items()}
    town = Town(tmp_path, shared, own)
    yield town
    town.close()


def unsaid(town: Town) -> list[str]:
    with town.database.read() as session:
        return [row.key for row in session.query(OutboxEntry) if row.status is not OutboxStatus.SENT]


def scraped(port: int) -> dict[tuple[str, str], float]:
    with httpx.Client(trust_env=False) as http:
        text = http.get(f"http://127.0.0.1:{port}/metrics").text
    return {(name, labels): float(value) for name, labels, value in SAMPLE.findall(text)}


def logged(town: Town, name: str) -> list[dict[str, Any]]:
    """What a process and its children logged, between what libraries print by themselves."""
    lines = town.children[name].text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_from_a_proposal_to_a_verdict(town: Town, metrics: dict[str, int], broker: RedisServer) -> None:
    card = town.propose(KAI, QUICK)
    town.approve(ANA, card)
    (found,) = town.queries.recent(1)
    until(lambda: town.queries.experiment(found.number).results, "a result", within_s=300)
    until(lambda: not unsaid(town), f"everything said, but {unsaid(town)}")

    experiment = town.queries.experiment(found.number)
    assert {run.status for run in experiment.runs} == {RunStatus.SUCCEEDED}
    assert any(message.file_ids for message in town.thread(card)), "a plot"
    assert verify_history(town.queries.history(found.number)) == ()

    ledger = scraped(metrics["bot"])
    assert ledger["signoff_ledger_up", ""] == 1
    assert ledger["signoff_runs", 'status="SUCCEEDED"'] == len(experiment.runs)
    assert ledger["signoff_approval_to_first_step_seconds_count", ""] <= 1
    assert ledger["signoff_outbox_messages", 'status="DEAD"'] == 0
    assert ledger["signoff_host_heartbeat_age_seconds", f'host="{HOST}"'] >= 0
    assert scraped(metrics["worker"])["signoff_reconcile_pass_seconds_count", ""] > 0

    _check_logs(town, experiment.key)
    until(lambda: _is_healthy(town), "the health check of docker-compose.yml")
    with broker.client() as client:
        assert all(key.startswith(b"signoff:") for key in client.scan_iter()), "one Redis serves several"


def _check_logs(town: Town, key: str) -> None:
    """Bot, host loop and Celery child name what their lines are about, and no secret."""
    worker, bot = logged(town, "worker"), logged(town, "bot")
    launched = [line for line in worker if line["event"] == "launched"]
    assert {line["experiment"] for line in launched} == {key}
    assert {line["run"] for line in launched} >= {f"{key}/s1", f"{key}/s2"}
    assert all(line["attempt"] for line in launched)
    assert any(line.get("experiment") == key for line in bot if line["event"] == "outbox.sent")
    said = town.children["worker"].text() + town.children["bot"].text()
    assert not any(secret in said for secret in (PASSWORD, "xoxb-playground", "xapp-playground"))


def _is_healthy(town: Town) -> bool:
    """Run the worker's check as Docker would."""
    described = yaml.safe_load(COMPOSE.read_text())["services"]["worker"]["healthcheck"]["test"]
    environment = {**os.environ, "SIGNOFF_DATA_DIR": str(town.folder), "SIGNOFF_HOST_ID": HOST}
    command = described[1].replace("$$", "$")
    return subprocess.run(["/bin/sh", "-c", command], env=environment, check=False).returncode == 0
