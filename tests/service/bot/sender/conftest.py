import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from slack_sdk.web import WebClient

from bot.cli.processes import Household, child_environment
from bot.slack_port import SlackWeb

CHANNEL = "C0EXPERIMENTS"
TOKEN = "xoxb-playground"


class Playground:
    """A running playground and what a test may do to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def port(self, *, timeout_s: int = 5, token: str = TOKEN) -> SlackWeb:
        return SlackWeb(
            WebClient(token=token, base_url=f"{self.url}/api/", retry_handlers=[], timeout=timeout_s)
        )

    def fault(self, kind: str, method: str, **more: Any) -> None:
        self._post("fault", kind=kind, method=method, **more)

    def control(self, verb: str, **asked: Any) -> None:
        self._post(verb, **asked)

    def messages(self, thread_ts: str | None = None) -> list[dict[str, Any]]:
        params = {"channel": CHANNEL} | ({"thread_ts": thread_ts} if thread_ts else {})
        found: list[dict[str, Any]] = self._http.get("/control/channel", params=params).json()["messages"]
        return found

    def file(self, file_id: str) -> bytes:
        return self._http.get(f"/control/files/{file_id}").content

    def methods(self) -> list[str]:
        return [call["name"] for call in self._http.get("/control/traffic").json()["traffic"]]

    def close(self) -> None:
        self._http.close()

    def _post(self, verb: str, **asked: Any) -> None:
        self._http.post(f"/control/{verb}", json=asked).raise_for_status()


@contextmanager
def running(folder: Path) -> Iterator[Playground]:
    family = Household(folder / "logs")
    command = [sys.executable, "-m", "bot.playground", "--data", str(folder / "slack")]
    try:
        child = family.start("playground", command, child_environment({}))
        workspace = Playground(child.wait_for("playground ready ", within_s=30))
        yield workspace
        workspace.close()
    finally:
        family.stop()


@pytest.fixture(scope="session")
def shared_playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    with running(tmp_path_factory.mktemp("playground")) as workspace:
        yield workspace


@pytest.fixture
def new_playground(tmp_path: Path) -> Iterator[Playground]:
    """A playground that nobody has written in."""
    with running(tmp_path / "playground") as workspace:
        yield workspace


@pytest.fixture
def playground(shared_playground: Playground) -> Iterator[Playground]:
    """The shared playground, given back as it was."""
    yield shared_playground
    shared_playground.control("fault", kind="clear")
    shared_playground.control("tokens", restore=[TOKEN])
    shared_playground.control("channels", id=CHANNEL, is_archived=False)
    shared_playground.control("members", channel=CHANNEL, add=["USIGNOFF"])
