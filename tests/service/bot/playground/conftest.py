"""A running playground, a client that acts as people, and a Bolt app connected to it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.cli.playground_client import PlaygroundClient
from tests.service.bot.evidence import witnessed
from tests.service.bot.playground.foreign_app import make_app

_READY = "playground ready "


@dataclass(frozen=True)
class Running:
    """One playground process."""

    base_url: str
    people: PlaygroundClient

    def web_client(self, *, timeout_s: int = 10) -> WebClient:
        return WebClient(
            "xoxb-playground", base_url=f"{self.base_url}/api/", retry_handlers=[], timeout=timeout_s
        )


@contextmanager
def running_playground(*options: str) -> Iterator[Running]:
    """Start a playground on a free port and end it again."""
    command = [sys.executable, "-m", "bot.playground", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith(_READY), line
        base_url = line.removeprefix(_READY).strip()
        with PlaygroundClient(base_url) as people, witnessed(base_url):
            yield Running(base_url, people)
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


@contextmanager
def connected(app: App, people: PlaygroundClient) -> Iterator[SocketModeHandler]:
    """The app with an open socket; several may be connected at once."""
    before = people.sockets()
    handler = SocketModeHandler(app, "xapp-playground", ping_interval=1)
    handler.connect()  # type: ignore[no-untyped-call] # Bolt's own signature
    try:
        people.wait_for(lambda: people.sockets() > before or None, "a socket of the app")
        yield handler
    finally:
        # Cutting the socket from the other end spares the client's 3 s of waiting for the next message.
        handler.client.auto_reconnect_enabled = handler.client.default_auto_reconnect_enabled = False
        people.fault("drop_sockets")
        try:
            handler.close()  # type: ignore[no-untyped-call] # as above
        except AttributeError:  # the client's own thread closed the socket at the same moment
            handler.close()  # type: ignore[no-untyped-call] # as above


@pytest.fixture
def playground(tmp_path: Path) -> Iterator[Running]:
    with running_playground("--data", str(tmp_path / "slack")) as running:
        yield running


@pytest.fixture
def people(playground: Running) -> PlaygroundClient:
    return playground.people


@pytest.fixture
def app(playground: Running) -> Iterator[SocketModeHandler]:
    """The foreign app, connected."""
    with connected(make_app(playground.base_url), playground.people) as handler:
        yield handler
