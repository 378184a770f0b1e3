"""People among themselves over HTTP, with an app that listens; what outlives a restart."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from slack_bolt import App

from bot.cli.playground_client import PlaygroundClient, PlaygroundError
from bot.cli.playground_seen import SeenMessage
from tests.service.bot.playground.conftest import Running, connected, running_playground

pytestmark = pytest.mark.service
CHANNEL = "C0EXPERIMENTS"


@pytest.fixture
def heard(playground: Running) -> Iterator[list[dict[str, Any]]]:
    """The events that reach an app which subscribes to everything."""
    kinds = ["message.channels", "app_mention", "reaction_added", "file_shared", "link_shared"]
    httpx.post(f"{playground.base_url}/control/app", json={"events": kinds}).raise_for_status()
    app = App(client=playground.web_client())
    events: list[dict[str, Any]] = []

    def keep(event: dict[str, Any]) -> None:
        events.append(event)

    for kind in ("message", "app_mention", "reaction_added", "file_shared"):
        app.event(kind)(keep)
    with connected(app, playground.people):
        yield events


def newest(people: PlaygroundClient) -> SeenMessage:
    return people.messages()[-1]


def channel_of(playground: Running, user: str) -> dict[str, Any]:
    state = httpx.get(f"{playground.base_url}/page/state", params={"user": user}).json()
    found: dict[str, Any] = next(one for one in state["channels"] if one["id"] == CHANNEL)
    return found


def test_the_app_hears_what_people_do(
    playground: Running, people: PlaygroundClient, heard: list[dict[str, Any]]
) -> None:
    people.write("UANA", "look <@USIGNOFF>", mentions=True)
    people.react("UKAI", newest(people), "eyes")
    people.edit("UANA", newest(people), "look again")
    people.upload("UZOE", "notes.txt", b"some notes")
    people.delete("UANA", people.messages()[0])
    wanted = {"app_mention", "reaction_added", "file_shared", "message", "message_changed", "message_deleted"}

    def kinds() -> set[str]:
        return {event.get("subtype", event["type"]) for event in heard}

    people.wait_for(lambda: wanted <= kinds() or None, f"the events {wanted}, of {kinds()}")
    assert newest(people).user == "UZOE"
    assert people.file(newest(people).file_ids[0]) == b"some notes"


def test_refusals_say_why_in_words(people: PlaygroundClient) -> None:
    people.write("UANA", "mine")
    with pytest.raises(PlaygroundError, match="was written by UANA"):
        people.edit("UKAI", newest(people), "yours")
    with pytest.raises(PlaygroundError, match="invalid_name"):
        people.react("UKAI", newest(people), "NO WAY")


def test_a_shared_file_keeps_its_name_and_cannot_act_as_the_page(
    playground: Running, people: PlaygroundClient
) -> None:
    people.upload("UKAI", "Grüße.html", b"<script>fetch('/control/message')</script>")
    answer = httpx.get(f"{playground.base_url}/files/{newest(people).file_ids[0]}")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == "sandbox"
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''Gr%C3%BC%C3%9Fe.html"


def test_what_was_read_and_who_talks_to_whom_outlives_a_restart(tmp_path: Path) -> None:
    with running_playground("--data", str(tmp_path)) as first:
        first.people.write("UANA", "one")
        first.people.read("UKAI", newest(first.people))
        first.people.write("UANA", "two")
        direct = first.people.open_conversation("UKAI", "UANA")
        group = first.people.open_conversation("UKAI", "UANA", "UZOE")
        first.people.write("UANA", "hello", channel=direct)
        before = channel_of(first, "UKAI")
        assert before["unread"] == 1
    with running_playground("--data", str(tmp_path)) as second:
        assert channel_of(second, "UKAI") == before
        assert second.people.open_conversation("UANA", "UKAI") == direct
        assert second.people.open_conversation("UZOE", "UANA", "UKAI") == group
        assert [message.text for message in second.people.messages(direct)] == ["hello"]


def test_an_ephemeral_message_is_dismissed(playground: Running, people: PlaygroundClient) -> None:
    playground.web_client().chat_postEphemeral(channel=CHANNEL, user="UKAI", text="psst")
    (ephemeral,) = people.ephemerals("UKAI")
    people.dismiss("UKAI", ephemeral)
    assert people.ephemerals("UKAI") == ()


def test_pages_of_other_sites_can_neither_act_nor_look(playground: Running) -> None:
    elsewhere = {"Origin": "https://evil.example"}
    body = {"user": "UANA", "channel": CHANNEL, "text": "approved!"}
    answer = httpx.post(f"{playground.base_url}/control/message", json=body, headers=elsewhere)
    assert (answer.status_code, answer.json()["error"]) == (403, "other_origin")
    assert playground.people.messages() == ()
    own = {"Origin": playground.base_url}
    assert httpx.post(f"{playground.base_url}/control/message", json=body, headers=own).status_code == 200


def test_no_other_site_can_call_as_the_app(playground: Running) -> None:
    call = {"token": "xoxb-playground", "channel": CHANNEL, "text": "all is approved"}
    answer = httpx.post(
        f"{playground.base_url}/api/chat.postMessage", data=call, headers={"Origin": "https://evil.example"}
    )
    assert (answer.status_code, answer.json()["error"]) == (403, "other_origin")
    assert playground.people.messages() == ()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1", ""])
def test_a_name_of_another_site_that_leads_here_is_refused(playground: Running, host: str) -> None:
    """As after DNS rebinding, where the browser takes the other site's page for the playground's own."""
    own = {"Host": host, "Origin": f"http://{host}"}
    body = {"user": "UANA", "channel": CHANNEL, "text": "approved!"}
    answer = httpx.post(f"{playground.base_url}/control/message", json=body, headers=own)
    assert (answer.status_code, answer.json()["error"]) == (403, "other_host")
    assert playground.base_url in answer.json()["message"]
    assert playground.people.messages() == ()


def test_localhost_is_this_machine_too(playground: Running) -> None:
    port = playground.base_url.rpartition(":")[2]
    host = {"Host": f"localhost:{port}"}
    assert httpx.get(f"{playground.base_url}/page/state?user=UKAI", headers=host).status_code == 200


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("people", b'{"id": "UKAI", "name": "kai", "is_admin": "yes"}'),
        ("people", b'{"id": 7, "name": "kai"}'),
        ("members", b'{"channel": "C0RANDOM", "add": "UKAI"}'),
        ("members", b'{"channel": "C0RANDOM", "add": ["UNOBODY"]}'),
        ("channels", b'{"id": "C0RANDOM", "members": 5}'),
        ("channels", b'{"name": "x", "members": ["UNOBODY"]}'),
        ("channels", b'{"name": "x", "is_private": "yes"}'),
        ("channels", b'{"id": ["C0RANDOM"]}'),
        ("app", b'{"commands": 5}'),
        ("app", b'{"scopes": ["chat:write"], "events": "message"}'),
        ("tokens", b'{"revoke": "xoxb-playground"}'),
        ("open", b'{"user": "UKAI", "users": [["UANA"]]}'),
        ("message", b'{"user": "UKAI", "channel": "C0RANDOM", "text": "\\ud83d"}'),
    ],
)
def test_a_slip_of_a_tests_pen_is_refused_and_harms_nothing(
    playground: Running, verb: str, body: bytes
) -> None:
    workspace = f"{playground.base_url}/control/workspace"
    before = httpx.get(workspace).json()
    answer = httpx.post(f"{playground.base_url}/control/{verb}", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"] in {"bad_request", "no_such_person"}
    assert httpx.get(workspace).json() == before
    assert httpx.get(f"{playground.base_url}/page/state?user=UKAI").status_code == 200
