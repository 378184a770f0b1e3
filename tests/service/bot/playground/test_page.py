"""The page's endpoints over real HTTP and WebSockets."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from slack_sdk import WebClient
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from bot.cli.playground_client import PlaygroundClient
from tests.service.bot.playground.conftest import Running, running_playground

pytestmark = pytest.mark.service
Json = dict[str, Any]


def get(playground: Running, path: str, **query: object) -> Json:
    answer: Json = httpx.get(
        f"{playground.base_url}{path}", params={k: str(v) for k, v in query.items()}
    ).json()
    return answer


def state(playground: Running, user: str = "UKAI") -> Json:
    return get(playground, "/page/state", user=user)


def live(playground: Running, origin: str | None = None, /, **query: object) -> connect:
    address = playground.base_url.replace("http://", "ws://")
    return connect(
        f"{address}/page/live?{urlencode(query)}", origin=None if origin is None else Origin(origin)
    )


async def frames_until(socket: ClientConnection, enough: Callable[[list[Json]], bool]) -> list[Json]:
    """The frames that come until their events are enough; a deadline of 10 s."""
    frames: list[Json] = []
    async with asyncio.timeout(10):
        while not enough([event for frame in frames for event in frame.get("events", ())]):
            frames.append(json.loads(await socket.recv()))
    return frames


def listening(
    playground: Running, act: Callable[[], object], enough: Callable[[list[Json]], bool], **query: object
) -> list[Json]:
    """The frames that one page receives while something is done."""

    async def listen() -> list[Json]:
        async with live(playground, user="UKAI", **query) as socket:
            await asyncio.to_thread(act)
            return await frames_until(socket, enough)

    return asyncio.run(listen())


def texts(events: list[Json]) -> list[str]:
    return [event["message"]["text"] for event in events if event["kind"] == "message"]


def test_the_page_and_its_permalinks_say_what_it_is(playground: Running) -> None:
    for path in ("/", "/archives/C0EXPERIMENTS/p1700000000000100"):
        answer = httpx.get(playground.base_url + path)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert all(
            part in answer.headers["content-security-policy"]
            for part in ("default-src 'self'", "frame-ancestors 'self'")
        )
        assert "local stand-in for Slack" in answer.text
        assert "</static/app/main.js>; rel=modulepreload" in answer.headers["link"]


def test_scripts_and_styles_are_named_as_such_and_asked_for_again(playground: Running) -> None:
    address = f"{playground.base_url}/static/index.html"
    first = httpx.get(address)
    assert first.headers["cache-control"] == "no-cache"
    again = httpx.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    folder = Path(__file__).parents[4] / "bot" / "playground" / "static"
    for path in folder.rglob("*.js"):
        answer = httpx.get(f"{playground.base_url}/static/{path.relative_to(folder)}")
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert httpx.get(f"{playground.base_url}/static/../server.py").status_code == 404
    assert httpx.get(f"{playground.base_url}/static/%2e%2e/server.py").status_code == 404


def test_what_happens_between_state_and_socket_is_not_lost(playground: Running) -> None:
    number = state(playground)["n"]
    playground.people.write("UANA", "in between")
    (frame,) = listening(playground, lambda: None, lambda events: "in between" in texts(events), after=number)
    assert frame["n"] > number


def test_a_socket_resumes_where_it_stopped(playground: Running) -> None:
    frames = listening(
        playground,
        lambda: playground.people.write("UANA", "one"),
        lambda events: "one" in texts(events),
    )
    playground.people.write("UANA", "two")
    (frame,) = listening(
        playground, lambda: None, lambda events: "two" in texts(events), after=frames[-1]["n"]
    )
    assert texts(frame["events"]) == ["two"]


@pytest.mark.parametrize("after", ["5", "99999999999999999", "nonsense"])
def test_a_page_of_another_run_starts_over(playground: Running, after: str) -> None:
    async def listen() -> object:
        async with live(playground, user="UKAI", after=after) as socket:
            return json.loads(await socket.recv())

    assert asyncio.run(listen()) == {"reset": True}


def test_a_restart_makes_pages_start_over(tmp_path: Path) -> None:
    with running_playground("--data", str(tmp_path)) as first:
        first.people.write("UANA", "kept")
        number = state(first)["n"]
    with running_playground("--data", str(tmp_path)) as second:

        async def listen() -> object:
            async with live(second, user="UKAI", after=number) as socket:
                return json.loads(await socket.recv())

        assert asyncio.run(listen()) == {"reset": True}
        found = get(second, "/page/messages", user="UKAI", channel="C0EXPERIMENTS")
        assert [message["text"] for message in found["messages"]] == ["kept"]


def test_a_burst_comes_in_few_frames(playground: Running) -> None:
    def burst() -> None:
        for n in range(60):
            playground.people.write("UANA", str(n))

    frames = listening(playground, burst, lambda events: "59" in texts(events))
    events = [event for frame in frames for event in frame["events"]]
    assert texts(events) == [str(n) for n in range(60)]
    assert len(frames) < 60


def test_each_person_hears_of_their_own(playground: Running, people: PlaygroundClient) -> None:
    client: WebClient = playground.web_client()

    def act() -> None:
        client.chat_postEphemeral(channel="C0EXPERIMENTS", user="UANA", text="only Ana")
        client.chat_postMessage(channel="UANA", text="for Ana")
        people.write("UZOE", "for all")

    async def both() -> list[list[Json]]:
        async with live(playground, user="UANA") as ana, live(playground, user="UKAI") as kai:
            await asyncio.to_thread(act)
            heard: list[Awaitable[list[Json]]] = [
                frames_until(socket, lambda events: "for all" in texts(events)) for socket in (ana, kai)
            ]
            return await asyncio.gather(*heard)

    seen = [json.dumps(frames) for frames in asyncio.run(both())]
    assert "only Ana" in seen[0]
    assert "for Ana" in seen[0]
    assert "Ana" not in seen[1]


def test_a_stranger_gets_no_page(playground: Running) -> None:
    assert state(playground, "UBOB")["error"] == "no_such_person"

    async def listen() -> None:
        async with live(playground, user="UBOB") as socket:
            await socket.recv()

    with pytest.raises((InvalidStatus, ConnectionClosed)):
        asyncio.run(listen())


def test_traffic_is_told_of_and_can_be_had_whole(playground: Running) -> None:
    client = playground.web_client()
    frames = listening(
        playground,
        lambda: client.chat_postMessage(channel="C0EXPERIMENTS", text="hi"),
        lambda events: any(event["kind"] == "traffic" for event in events),
    )
    number = frames[-1]["events"][-1]["n"]
    newest = get(playground, "/page/traffic", after=number - 1, limit=5)
    assert [entry["name"] for entry in newest["traffic"]] == ["chat.postMessage"]
    lines = httpx.get(f"{playground.base_url}/page/traffic.jsonl")
    assert "attachment" in lines.headers["content-disposition"]
    assert json.loads(lines.text.splitlines()[-1]) == newest["traffic"][0]


def test_pages_of_other_sites_cannot_listen(playground: Running) -> None:
    async def listen() -> None:
        async with live(playground, "https://evil.example", user="UKAI") as socket:
            await socket.recv()

    with pytest.raises((InvalidStatus, ConnectionClosed)):
        asyncio.run(listen())
