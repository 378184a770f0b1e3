"""The real bot in this process, over a real ledger, connected to a real playground."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

import bot
from bot import app as wiring
from bot.app import Program
from bot.cli.playground_client import PlaygroundClient, Submission
from bot.cli.playground_seen import SeenMessage, SeenView
from bot.forms import fields
from bot.settings import SOCKET, BotSettings
from bot.slack_line import HttpLine, Line, SocketLine, make_line
from db.queries import Queries
from db.settings import LedgerSettings
from tests import builders
from tests.service.bot.playground.conftest import running_playground

MANIFEST = Path(str(bot.__file__)).parent / "manifest.json"
CONTRACT: dict[str, object] = {
    fields.CHANGES: "learning_rate = x0.5",
    fields.OBJECTIVE: "Reduce the oscillation of the pole.",
    fields.HYPOTHESIS: "Smaller steps give a smoother policy.",
    fields.EXPECTED: "final reward > 450",
}


@dataclass
class Office:
    """The bot, its ledger, and the people who use it."""

    people: PlaygroundClient
    program: Program
    ledger: builders.House
    proposed: list[int] = field(default_factory=list)

    @property
    def queries(self) -> Queries:
        return self.ledger.queries

    def open_form(self, user: str, text: str = "new") -> SeenView:
        """`/experiment new`, until the form is there."""
        self.people.command(user, "/experiment", text)
        return self.people.wait_for_view(user, fields.CALLBACK)

    def choose_parent(self, user: str, typed: str = "ppo cartpole") -> SeenView:
        """Pick the first offer of the typeahead; the form as it is after that."""
        view = self.people.wait_for_view(user, fields.CALLBACK)
        offers = self.people.options(user, view, fields.PARENT, typed)
        self.people.act(user, view, fields.PARENT, offers[0]["value"])
        chosen = f'"p":{offers[0]["value"]}'
        return self.people.wait_for_view(
            user, fields.CALLBACK, where=lambda seen: chosen in seen.raw["private_metadata"]
        )

    def submit(self, user: str, **changed: object) -> Submission:
        """Submit the contract on screen, with what is changed in it."""
        view = self.people.wait_for_view(user, fields.CALLBACK)
        return self.people.submit(user, view, {**CONTRACT, **changed})

    def propose(self, user: str = "UKAI", **changed: object) -> SeenMessage:
        """From the command to the card in the channel."""
        self.open_form(user)
        self.choose_parent(user)
        answer = self.submit(user, **changed)
        assert not answer.errors
        number = max(summary.number for summary in self.queries.recent(5))
        self.proposed.append(number)
        return self.card(f"E-{number}>")

    def card(self, containing: str) -> SeenMessage:
        """The newest message of the channel with these words and buttons to decide."""
        return self.people.wait_for_message(
            lambda seen: containing in seen.words, f"a card with {containing}"
        )


@pytest.fixture(scope="module")
def transport() -> str:
    """How the playground reaches the bot; a module that is to run over both gives this fixture params.

    Workspace and ledger begin anew for each of them.
    """
    return SOCKET


@pytest.fixture(scope="module")
def slack(transport: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, PlaygroundClient]]:
    folder = tmp_path_factory.mktemp("slack")
    with running_playground("--data", str(folder), "--manifest", str(MANIFEST)) as running:
        yield running.base_url, running.people


@pytest.fixture(scope="module")
def ledger(transport: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[builders.House]:
    house = builders.make_house(tmp_path_factory.mktemp("ledger"))
    yield house
    house.database.dispose()


@pytest.fixture(scope="module")
def office(
    slack: tuple[str, PlaygroundClient],
    ledger: builders.House,
    transport: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Office]:
    base_url, people = slack
    settings = bot_settings(base_url, SIGNOFF_SLACK_TRANSPORT=transport)
    ledger_settings = LedgerSettings(
        data_dir=tmp_path_factory.mktemp("data"), database_url=str(ledger.database.url)
    )
    program = wiring.build(settings, ledger_settings, pages_url="http://127.0.0.1:8790")
    stop = threading.Event()
    with reached(make_line(program, settings), people):
        sender = wiring.sending(program, stop)
        yield Office(people, program, ledger)
        stop.set()
        sender.join(15)
    program.database.dispose()


@contextmanager
def reached(line: Line, people: PlaygroundClient) -> Iterator[None]:
    """The line, open, and the playground at its other end."""
    line.open()
    try:
        if isinstance(line, HttpLine):
            people.request_url(line.url)
        people.wait_for_app()
        yield
    finally:
        line.close()
        if isinstance(line, HttpLine):
            people.request_url("")


@contextmanager
def connected(app: App, people: PlaygroundClient) -> Iterator[None]:
    """The app with an open socket."""
    before = people.sockets()
    line = SocketLine(SocketModeHandler(app, "xapp-playground"))
    line.open()
    try:
        people.wait_for(lambda: people.sockets() > before or None, "a socket of the app")
        yield
    finally:
        line.close()


def bot_settings(base_url: str, **more: object) -> BotSettings:
    return BotSettings.model_validate(
        {
            "SLACK_BOT_TOKEN": "xoxb-playground",
            "SLACK_APP_TOKEN": "xapp-playground",
            "SLACK_SIGNING_SECRET": "playground-signing-secret",
            "SIGNOFF_SLACK_PORT": "0",
            "SLACK_API_URL": f"{base_url}/api/",
            **more,
        }
    )


def database_path(house: builders.House) -> Path:
    return Path(str(house.database.url.database))
