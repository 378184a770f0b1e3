"""A real Bolt app over real sockets: the whole round, and what goes wrong on the way."""

import threading
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackApiError

from bot.cli.playground_client import PlaygroundClient, PlaygroundError
from tests.service.bot.playground.conftest import Running, connected
from tests.service.bot.playground.foreign_app import make_app

pytestmark = pytest.mark.service


def ask(people: PlaygroundClient, question: str = "Lunch?") -> None:
    people.command("UANA", "/vote")
    view = people.wait_for_view("UANA", "vote")
    people.submit("UANA", view, {"text": question})


def test_command_form_message_button_update(app: SocketModeHandler, people: PlaygroundClient) -> None:
    people.command("UANA", "/vote")
    view = people.wait_for_view("UANA", "vote")
    refused = people.submit("UANA", view, {"text": "Lunch"})
    assert refused.errors == {"q": "A question ends with a question mark."}
    assert people.submit("UANA", view, {"text": "Lunch?"}).response_action is None
    assert people.views("UANA") == ()

    message = people.wait_for_message(lambda seen: seen.has_button("yes"), "the question")
    assert message.text == "Lunch?"
    people.press("UKAI", message, "yes")
    changed = people.wait_for_message(lambda seen: seen.edits == 1, "the answer")
    assert changed.words == "<@UKAI> says yes\n<@UKAI> says yes"
    assert people.wait_for_ephemeral("UKAI", "counted").text == "counted"


def test_every_call_is_on_record_without_tokens(app: SocketModeHandler, people: PlaygroundClient) -> None:
    ask(people)
    people.wait_for_message(lambda seen: seen.has_button("yes"), "the question")
    (opened,) = people.traffic("views.open")
    assert opened["status"] == 200
    assert opened["answer"]["view"]["callback_id"] == "vote"
    assert opened["duration_s"] < 1
    (submitted,) = [entry for entry in people.traffic("interactive") if entry["kind"] == "envelope"]
    assert submitted["answer"] == {}
    assert "playground-verification" not in str(people.traffic())
    assert "xoxb-" not in str(people.traffic())


def test_an_app_that_does_not_ack_times_out_after_3_s(playground: Running) -> None:
    app = App(client=playground.web_client())
    let_go = threading.Event()

    @app.command("/slow")
    def slow(ack: Any) -> None:
        let_go.wait(20)
        ack()

    with connected(app, playground.people):
        with pytest.raises(PlaygroundError, match="operation_timeout"):
            playground.people.command("UANA", "/slow")
        let_go.set()
        late = playground.people.wait_for(
            lambda: playground.people.traffic("late_ack") or None, "the late ack", timeout_s=5
        )
        assert late[0]["duration_s"] > 3


def test_without_an_app_dispatch_fails(people: PlaygroundClient) -> None:
    with pytest.raises(PlaygroundError, match="dispatch_failed"):
        people.command("UANA", "/vote")


def test_a_trigger_works_once(playground: Running) -> None:
    app = App(client=playground.web_client())
    triggers: list[str] = []

    @app.shortcut("later")
    def later(ack: Any, body: dict[str, Any]) -> None:
        ack()
        triggers.append(body["trigger_id"])

    view = {"type": "modal", "title": {"type": "plain_text", "text": "t"}, "blocks": [{"type": "divider"}]}
    client = playground.web_client()
    with connected(app, playground.people):
        playground.people.shortcut("UANA", "later")
        client.views_open(trigger_id=triggers[0], view=view)
        with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
            client.views_open(trigger_id=triggers[0], view=view)


def test_after_dropped_sockets_the_app_comes_back(app: SocketModeHandler, people: PlaygroundClient) -> None:
    people.fault("drop_sockets")
    people.wait_for(lambda: people.sockets() == 0 or None, "the end of the socket")
    people.wait_for_app()
    ask(people)
    people.wait_for_message(lambda seen: seen.has_button("yes"), "the question")


def test_a_refresh_opens_the_next_socket_before_the_old_one_ends(
    app: SocketModeHandler, people: PlaygroundClient
) -> None:
    before = len(people.traffic("apps.connections.open"))
    people.fault("refresh_requested")
    people.wait_for(
        lambda: len(people.traffic("apps.connections.open")) > before or None, "a call for another socket"
    )
    ask(people)
    people.wait_for_message(lambda seen: seen.has_button("yes"), "the question")


def test_with_two_sockets_each_envelope_goes_to_one(
    playground: Running, app: SocketModeHandler, people: PlaygroundClient
) -> None:
    with connected(make_app(playground.base_url), people):
        assert people.sockets() == 2
        for _ in range(4):
            people.command("UANA", "/vote")
    envelopes = people.traffic("slash_commands")
    assert len(envelopes) == 4
    assert len({entry["socket"] for entry in envelopes}) == 2
    assert len(people.traffic("views.open")) == 4
