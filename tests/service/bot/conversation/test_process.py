"""`python -m bot` as the command starts it: ready, gone on SIGTERM, and clear where a setting is missing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bot.cli.playground_client import PlaygroundClient
from tests import builders

pytestmark = pytest.mark.service

READY = "bot ready "


@pytest.fixture
def environment(
    slack: tuple[str, PlaygroundClient], ledger: builders.House, tmp_path: Path
) -> dict[str, str]:
    """This process's environment without another Signoff's settings, and without tokens."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "SIGNOFF_"))}
    return {
        **kept,
        "PYTHONUNBUFFERED": "1",
        "SLACK_API_URL": f"{slack[0]}/api/",
        "SIGNOFF_DATA_DIR": str(tmp_path),
        "SIGNOFF_DATABASE_URL": str(ledger.database.url),
        "SIGNOFF_PAGES_PORT": "0",
    }


def test_it_serves_and_ends(
    slack: tuple[str, PlaygroundClient], environment: dict[str, str], tmp_path: Path
) -> None:
    environment |= {"SLACK_BOT_TOKEN": "xoxb-playground", "SLACK_APP_TOKEN": "xapp-playground"}
    command = [sys.executable, "-m", "bot"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith(READY), (tmp_path / "log").read_text()
        with httpx.Client(trust_env=False) as http:
            assert http.get(line.removeprefix(READY).strip()).status_code == 200
        slack[1].command("UANA", "/experiment", "help")
        slack[1].wait_for_ephemeral("UANA", "no run starts without a reason")
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(20)
        process.stdout.close()
    assert code == 0


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({}, 2, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, 2, "SLACK_APP_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong", "SLACK_APP_TOKEN": "xapp-playground"}, 1, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-playground", "SLACK_APP_TOKEN": "xapp-wrong"}, 1, "SLACK_APP_TOKEN"),
    ],
)
def test_a_missing_or_wrong_token_is_named(
    environment: dict[str, str], tmp_path: Path, settings: dict[str, str], code: int, said: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot"],
        env=environment | settings,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
