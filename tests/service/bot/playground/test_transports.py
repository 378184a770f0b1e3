"""The contract between playground and app: the same over sockets and over signed HTTP requests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from slack_bolt import App
from slack_bolt.adapter.starlette import SlackRequestHandler
from starlette.applications import Starlette
from starlette.routing import Route

from bot.cli.playground_client import PlaygroundClient, PlaygroundError
from bot.pages import server
from tests.service.bot.playground.conftest import Running, connected
from tests.service.bot.playground.foreign_app import make_app, plain

pytestmark = pytest.mark.service
SECRET = "playground-signing-secret"


@contextmanager
def served(app: App, people: PlaygroundClient) -> Iterator[None]:
    """The app behind an address, through Bolt's own adapter."""
    route = Route("/slack/events", SlackRequestHandler(app).handle, methods=["POST"])
    running = server.start(Starlette(routes=[route]), server.bind("127.0.0.1", 0))
    try:
        people.request_url(f"{running.url}/slack/events")
        yield
    finally:
        running.stop()


@dataclass
class Town:
    """A playground, and a way to connect an app to it."""

    playground: Running
    transport: str

    @property
    def people(self) -> PlaygroundClient:
        return self.playground.people

    @contextmanager
    def with_app(self, app: App) -> Iterator[PlaygroundClient]:
        connect = connected if self.transport == "socket" else served
        with connect(app, self.people):
            yield self.people

    def app(self) -> App:
        return App(client=self.playground.web_client(), signing_secret=SECRET)

    def listen_to(self, *events: str) -> None:
        httpx.post(f"{self.playground.base_url}/control/app", json={"events": events})


@pytest.fixture(params=["socket", "http"])
def town(request: pytest.FixtureRequest, playground: Running) -> Town:
    return Town(playground, str(request.param))


def test_command_form_errors_message_button_update(town: Town) -> None:
    with town.with_app(make_app(town.playground.base_url)) as people:
        people.command("UANA", "/vote")
        view = people.wait_for_view("UANA", "vote")
        refused = people.submit("UANA", view, {"text": "Lunch"})
        assert refused.errors == {"q": "A question ends with a question mark."}
        assert people.submit("UANA", view, {"text": "Lunch?"}).response_action is None
        message = people.wait_for_message(lambda seen: seen.has_button("yes"), "the question")
        people.press("UKAI", message, "yes")
        people.wait_for_message(lambda seen: seen.edits == 1, "the answer")
        assert people.wait_for_ephemeral("UKAI", "counted").text == "counted"


def test_what_an_ack_says(town: Town) -> None:
    app = town.app()

    @app.command("/say")
    def say(ack: Any, command: dict[str, Any]) -> None:
        ack(command["text"])

    @app.command("/say_blocks")
    def say_blocks(ack: Any) -> None:
        ack(response_type="in_channel", text="all", blocks=[{"type": "section", "text": plain("all")}])

    with town.with_app(app) as people:
        people.command("UANA", "/say", "a & b <x>")
        people.wait_for_ephemeral("UANA", "a & b <x>")
        people.command("UANA", "/say_blocks")
        people.wait_for_message(lambda seen: seen.text == "all", "a message for all")


def test_options_are_asked_for(town: Town) -> None:
    app = town.app()
    select = {"type": "external_select", "action_id": "pick", "min_query_length": 0}
    form = {
        "type": "modal",
        "callback_id": "f",
        "title": plain("F"),
        "blocks": [{"type": "actions", "block_id": "b", "elements": [select]}],
    }

    @app.shortcut("open")
    def open_form(ack: Any, body: dict[str, Any], client: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form)

    @app.options("pick")
    def offer(ack: Any, body: dict[str, Any]) -> None:
        ack(options=[{"text": plain(f"{body['value']}!"), "value": "1"}])

    with town.with_app(app) as people:
        people.shortcut("UANA", "open")
        view = people.wait_for_view("UANA", "f")
        (offered,) = people.options("UANA", view, "pick", "ä")
        assert offered["text"]["text"] == "ä!"


def test_an_app_that_does_not_ack_is_waited_for_3_s(town: Town) -> None:
    app = town.app()
    let_go = threading.Event()

    @app.command("/slow")
    def slow(ack: Any) -> None:
        let_go.wait(20)
        ack()

    with town.with_app(app) as people:
        with pytest.raises(PlaygroundError, match="operation_timeout"):
            people.command("UANA", "/slow")
        assert 3 <= people.traffic("slash_commands")[-1]["duration_s"] < 10
        let_go.set()


def test_an_ack_that_is_held_back(town: Town) -> None:
    with town.with_app(make_app(town.playground.base_url)) as people:
        people.fault("slow_ack", envelope="slash_commands")
        with pytest.raises(PlaygroundError, match="operation_timeout"):
            people.command("UANA", "/vote")
        people.wait_for_view("UANA", "vote")


def test_a_listener_that_fails_is_no_ack(town: Town) -> None:
    app = town.app()

    @app.command("/broken")
    def broken() -> None:
        raise ZeroDivisionError("a bug")

    with (
        town.with_app(app) as people,
        pytest.raises(PlaygroundError, match=r"dispatch_failed|operation_timeout"),
    ):
        people.command("UANA", "/broken")


def test_an_event_reaches_the_app_and_comes_again_until_it_is_acked(town: Town) -> None:
    app = town.app()
    heard: list[tuple[str, str]] = []
    town.listen_to("app_home_opened")

    @app.event("app_home_opened")
    def opened(event: dict[str, Any], body: dict[str, Any]) -> None:
        heard.append((event["user"], body["event_id"]))

    with town.with_app(app) as people:
        people.fault("slow_ack", envelope="events_api")
        people.open_home("UKAI")
        entries = people.wait_for(
            lambda: [e for e in people.traffic("events_api") if e["retry"] == 1] or None, "a second delivery"
        )
        assert entries[0]["answer"] == {}
    assert [user for user, _ in heard] == ["UKAI", "UKAI"]
    assert len({event_id for _, event_id in heard}) == 1


def test_duplicate_events(town: Town) -> None:
    app = town.app()
    heard: list[str] = []
    town.listen_to("app_home_opened")

    @app.event("app_home_opened")
    def opened(body: dict[str, Any]) -> None:
        heard.append(body["event_id"])

    with town.with_app(app) as people:
        people.fault("duplicate")
        people.open_home("UKAI")
        people.wait_for(lambda: len(people.traffic("events_api")) == 2 or None, "two deliveries")
    assert len(set(heard)) == 2


def test_an_app_that_is_gone(town: Town) -> None:
    with town.with_app(make_app(town.playground.base_url)) as people:
        assert people.connected()
    with pytest.raises(PlaygroundError, match="dispatch_failed"):
        town.people.command("UANA", "/vote")
    town.people.wait_for(lambda: not town.people.connected() or None, "the end of the connection")


def test_an_app_with_another_secret_is_not_taken(playground: Running) -> None:
    app = App(client=playground.web_client(), signing_secret="another")
    with (
        pytest.raises(PlaygroundError, match=r"url_not_verified.*HTTP 401"),
        served(app, playground.people),
    ):
        pass
