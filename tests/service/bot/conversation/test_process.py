"""`python -m bot` as the command starts it: ready, gone on SIGTERM, and clear where a setting is missing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from bot.cli.doctor_line import look_at_line
from bot.cli.playground_client import PlaygroundClient
from bot.cli.stage import free_port
from bot.settings import BotSettings
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


@contextmanager
def running_bot(environment: dict[str, str], folder: Path) -> Iterator[str]:
    """The bot as a process; where its pages are."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot"],
            env=environment,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith(READY), (folder / "log").read_text()
        yield line.removeprefix(READY).strip()
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(20)
        process.stdout.close()
    assert code == 0


def test_it_serves_and_ends(
    slack: tuple[str, PlaygroundClient], environment: dict[str, str], tmp_path: Path
) -> None:
    environment |= {"SLACK_BOT_TOKEN": "xoxb-playground", "SLACK_APP_TOKEN": "xapp-playground"}
    with running_bot(environment, tmp_path) as pages:
        with httpx.Client(trust_env=False) as http:
            assert http.get(pages).status_code == 200
        slack[1].command("UANA", "/experiment", "help")
        slack[1].wait_for_ephemeral("UANA", "no run starts without a reason")


def said_of_the_line(settings: BotSettings) -> list[str]:
    return [finding.what for finding in look_at_line(settings)]


def test_it_takes_signed_requests_on_a_port_without_pages(
    slack: tuple[str, PlaygroundClient], environment: dict[str, str], tmp_path: Path
) -> None:
    port, secret = free_port(), "playground-signing-secret"
    chosen = {
        "SLACK_BOT_TOKEN": "xoxb-playground",
        "SLACK_SIGNING_SECRET": secret,
        "SIGNOFF_SLACK_TRANSPORT": "http",
        "SIGNOFF_SLACK_PORT": str(port),
    }
    settings = BotSettings.model_validate(chosen)
    url = f"http://127.0.0.1:{port}/slack/events"
    shape = "SLACK_SIGNING_SECRET is not 32 hexadecimal digits, as Slack's are"
    assert said_of_the_line(settings) == [shape, f"no bot takes Slack's requests at {url} now"]
    with running_bot(environment | chosen, tmp_path) as pages, httpx.Client(trust_env=False) as http:
        assert said_of_the_line(settings) == [shape, f"the bot takes Slack's signed requests at {url}"]
        other = settings.model_copy(update={"slack_signing_secret": SecretStr("6" * 32)})
        assert said_of_the_line(other) == ["the running bot has another SLACK_SIGNING_SECRET"]
        astray = settings.model_copy(update={"slack_port": int(pages.rsplit(":", 1)[1])})
        assert "something else answers" in said_of_the_line(astray)[1]
        assert http.get(pages).status_code == 200
        assert http.get(f"http://127.0.0.1:{port}/").status_code == 404
        assert http.post(f"{pages}/slack/events", content=b"{}").status_code in (404, 405)
        slack[1].request_url(url)
        slack[1].command("UANA", "/experiment", "help")
        slack[1].wait_for_ephemeral("UANA", "no run starts without a reason")
        slack[1].request_url("")


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SIGNOFF_SLACK_TRANSPORT": "http"}, 2, "SLACK_SIGNING_SECRET"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SIGNOFF_SLACK_TRANSPORT": "pigeon"}, 2, "SIGNOFF_SLACK_TRANSPORT"),
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
