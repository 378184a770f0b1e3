"""The server's edges: bodies of every kind, sockets without a ticket, the long poll."""

import asyncio
import json

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.service.bot.playground.conftest import Running

pytestmark = pytest.mark.service
AUTH = {"Authorization": "Bearer xoxb-playground"}
APP_AUTH = {"Authorization": "Bearer xapp-playground"}


def api(playground: Running, method: str, **how: object) -> dict[str, object]:
    answer: dict[str, object] = httpx.post(f"{playground.base_url}/api/{method}", **how).json()  # type: ignore[arg-type] # httpx's own keywords
    return answer


def test_arguments_and_tokens_in_every_place(playground: Running) -> None:
    form = {"user": "UANA", "token": "xoxb-playground"}
    assert api(playground, "users.info", data=form)["ok"]
    assert api(playground, "users.info", data={"user": "UANA"}, headers=AUTH)["ok"]
    assert api(playground, "users.info", json={"user": "UANA"}, headers=AUTH)["ok"]
    assert api(playground, "users.info", files={"user": (None, "UANA")}, headers=AUTH)["ok"]
    asked = httpx.get(f"{playground.base_url}/api/users.info", params={"user": "UANA"}, headers=AUTH)
    assert asked.json()["user"]["name"] == "ana"


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("application/json", b"{", "invalid_json"),
        ("application/json", b"[]", "json_not_object"),
        ("text/plain", b"x", "invalid_post_type"),
        ("application/x-www-form-urlencoded", b"x", "invalid_form_data"),
    ],
)
def test_bodies_slack_cannot_read(playground: Running, kind: str, body: bytes, code: str) -> None:
    answer = api(playground, "auth.test", content=body, headers={"content-type": kind} | AUTH)
    assert answer["error"] == code


def test_waiting_ends_when_something_happens(playground: Running) -> None:
    people = playground.people
    assert (
        httpx.get(f"{playground.base_url}/control/wait", params={"after": 999, "timeout_s": 0}).json()[
            "events"
        ]
        == []
    )
    ts = people.write("UANA", "hello")
    events = httpx.get(f"{playground.base_url}/control/wait", params={"after": 0, "timeout_s": 5}).json()[
        "events"
    ]
    assert (events[-1]["kind"], events[-1]["ts"]) == ("message", ts)


def test_the_control_api_explains_itself(playground: Running) -> None:
    answer = httpx.post(f"{playground.base_url}/control/command", json={"user": "UANA"})
    assert (answer.status_code, answer.json()["message"]) == (400, "command is missing")
    answer = httpx.post(f"{playground.base_url}/control/fault", json={"kind": "earthquake"})
    assert "there are ratelimited" in answer.json()["message"]
    answer = httpx.post(f"{playground.base_url}/control/command", content=b"{")
    assert answer.status_code == 400


def open_address(playground: Running) -> str:
    return str(api(playground, "apps.connections.open", headers=APP_AUTH)["url"])


def test_a_ticket_opens_one_socket(playground: Running) -> None:
    async def twice() -> None:
        address = open_address(playground)
        async with connect(address) as socket:
            hello = json.loads(await socket.recv())
            assert (hello["type"], hello["num_connections"]) == ("hello", 1)
            with pytest.raises((InvalidStatus, ConnectionClosed)):
                async with connect(address):
                    pass

    asyncio.run(twice())


def test_the_eleventh_socket_is_sent_away(playground: Running) -> None:
    async def eleven() -> dict[str, object]:
        sockets = [await connect(open_address(playground)) for _ in range(11)]
        try:
            return dict(json.loads(await sockets[-1].recv()))
        finally:
            for socket in sockets:
                await socket.close()

    assert asyncio.run(eleven())["reason"] == "too_many_websockets"


def test_an_event_goes_to_one_socket_and_comes_again_without_an_ack(playground: Running) -> None:
    async def listen() -> list[dict[str, object]]:
        async with connect(open_address(playground)) as socket:
            await socket.recv()
            await asyncio.to_thread(playground.people.open_home, "UANA")
            first = json.loads(await socket.recv())
            again = json.loads(await asyncio.wait_for(socket.recv(), 10))
            await socket.send(json.dumps({"envelope_id": again["envelope_id"]}))
            return [first, again]

    first, again = asyncio.run(listen())
    assert (first["retry_attempt"], again["retry_attempt"], again["retry_reason"]) == (0, 1, "timeout")
    assert first["payload"]["event_id"] == again["payload"]["event_id"]  # type: ignore[index] # JSON
