"""Envelopes as signed HTTP requests: bodies, headers, acks, the handshake, and the line that chooses."""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qs

import httpx
import pytest
from slack_sdk.signature import Clock, SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.playground.errors import PersonError
from bot.playground.line import Line
from bot.playground.people import default_roster
from bot.playground.records import Json
from bot.playground.signed_http import RequestUrls, SignedHttp, encoded, signature
from bot.playground.socket_mode import SocketHub
from bot.playground.traffic import Traffic
from bot.playground.transport import AckTimeout, NotDelivered

T = TypeVar("T")
URL = "http://app.test/slack/events"
NOW = 1_700_000_000.0
APP = default_roster().app


class Then(Clock):
    """slack_sdk's clock, standing at NOW."""

    def now(self) -> float:
        return NOW


@dataclass
class OtherEnd:
    """An app behind an address: keeps what it got and answers what it is told to."""

    answer: Response = field(default_factory=lambda: Response(b""))
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    waits_s: float = 0.0
    echoes: str = "plain"

    async def take(self, request: Request) -> Response:
        body = await request.body()
        self.got.append((request.url.path, dict(request.headers), body))
        await asyncio.sleep(self.waits_s)
        if b"url_verification" in body and self.echoes:
            challenge = json.loads(body)["challenge"]
            said = {"plain": challenge, "form": f"challenge={challenge}"}.get(self.echoes)
            return PlainTextResponse(said or json.dumps({"challenge": challenge}))
        return self.answer

    @property
    def network(self) -> httpx.ASGITransport:
        return httpx.ASGITransport(Starlette(routes=[Route("/{path:path}", self.take, methods=["POST"])]))


@pytest.fixture
def app() -> OtherEnd:
    return OtherEnd()


def run(doing: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(doing)


def line_to(app: OtherEnd, urls: RequestUrls | None = None, **more: Any) -> SignedHttp:
    urls = urls or RequestUrls.everywhere(URL)
    return SignedHttp(urls, APP, lambda: NOW, Traffic(lambda: NOW), network=app.network, **more)


def test_every_request_is_signed_as_slack_sdk_expects(app: OtherEnd) -> None:
    for kind in ("events_api", "slash_commands", "interactive"):
        run(line_to(app).deliver(kind, {"type": "x", "text": "ä & b"}))
    verifier = SignatureVerifier(APP.signing_secret, Then())
    for _, headers, body in app.got:
        assert verifier.is_valid_request(body, headers)
        assert not verifier.is_valid_request(body + b" ", headers)


def test_the_example_of_slacks_own_documentation() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
        b"%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    assert signature("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == (
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    )


def test_bodies_are_forms_for_people_and_json_for_events() -> None:
    kind, body = encoded("slash_commands", {"command": "/x", "text": "a&b"})
    assert (kind, parse_qs(body.decode())) == (
        "application/x-www-form-urlencoded",
        {"command": ["/x"], "text": ["a&b"]},
    )
    kind, body = encoded("interactive", {"type": "block_actions"})
    assert kind == "application/x-www-form-urlencoded"
    assert json.loads(parse_qs(body.decode())["payload"][0]) == {"type": "block_actions"}
    assert encoded("events_api", {"type": "event_callback"}) == (
        "application/json",
        b'{"type": "event_callback"}',
    )


def test_a_retry_says_so_in_its_headers(app: OtherEnd) -> None:
    run(line_to(app).deliver("events_api", {}, retry=2, reason="http_error"))
    run(line_to(app).deliver("events_api", {}))
    (_, again, _), (_, first, _) = app.got
    assert (again["x-slack-retry-num"], again["x-slack-retry-reason"]) == ("2", "http_error")
    assert "x-slack-retry-num" not in first


@pytest.mark.parametrize(
    ("kind", "said", "ack"),
    [
        ("interactive", b"", {}),
        ("interactive", b'{"response_action": "clear"}', {"response_action": "clear"}),
        ("slash_commands", b"Hello", {"text": "Hello"}),
        ("slash_commands", b'{"text": "Hello"}', {"text": "Hello"}),
        ("events_api", b"anything", {}),
    ],
)
def test_the_answers_body_is_the_ack(app: OtherEnd, kind: str, said: bytes, ack: Json) -> None:
    app.answer = Response(said)
    assert run(line_to(app).deliver(kind, {})) == ack


@pytest.mark.parametrize("status", [201, 302, 401, 500])
def test_any_status_but_200_is_no_ack(app: OtherEnd, status: int) -> None:
    app.answer = Response(b"", status_code=status)
    with pytest.raises(NotDelivered, match=f"HTTP {status}") as caught:
        run(line_to(app).deliver("interactive", {}))
    assert (caught.value.reason, caught.value.again) == ("http_error", True)


def test_an_app_may_ask_for_no_retry(app: OtherEnd) -> None:
    app.answer = Response(b"", status_code=500, headers={"X-Slack-No-Retry": "1"})
    with pytest.raises(NotDelivered) as caught:
        run(line_to(app).deliver("events_api", {}))
    assert not caught.value.again


def test_an_answer_that_slack_could_not_read(app: OtherEnd) -> None:
    app.answer = Response(b"<html>")
    with pytest.raises(NotDelivered, match="neither empty nor a JSON object"):
        run(line_to(app).deliver("interactive", {}))


def test_an_answer_that_comes_too_late(app: OtherEnd) -> None:
    app.waits_s = 5
    with pytest.raises(AckTimeout) as caught:
        run(line_to(app, ack_s=0.05).deliver("events_api", {}))
    assert caught.value.reason == "http_timeout"


@pytest.mark.parametrize("form", ["plain", "form", "json"])
def test_the_handshake_takes_three_forms(app: OtherEnd, form: str) -> None:
    app.echoes = form
    line = line_to(app)
    run(line.verify())
    assert line.connected


def test_an_address_that_does_not_answer_the_handshake_is_refused(app: OtherEnd) -> None:
    app.echoes = ""
    heard: list[bool] = []
    line = line_to(app, on_change=lambda: heard.append(True))
    with pytest.raises(PersonError, match="did not answer with the challenge"):
        run(line.verify())
    app.answer = Response(status_code=401)
    with pytest.raises(PersonError, match="HTTP 401"):
        run(line.verify())
    assert not line.connected
    assert not heard
    app.echoes = "plain"
    run(line.verify())
    assert heard == [True]


def test_the_record_hides_the_verification_token(app: OtherEnd) -> None:
    traffic = Traffic(lambda: NOW)
    line = SignedHttp(RequestUrls.everywhere(URL), APP, lambda: NOW, traffic, network=app.network)
    run(line.verify())
    run(line.deliver("interactive", {"token": "secret", "type": "x"}))
    assert [entry["name"] for entry in traffic.after(0)] == ["url_verification", "interactive"]
    assert "secret" not in str(traffic.after(0))
    assert "playground-verification" not in str(traffic.after(0))


def test_a_manifest_names_an_address_for_each_purpose(app: OtherEnd) -> None:
    manifest: Json = {
        "features": {"slash_commands": [{"command": "/vote", "url": "http://app.test/vote"}]},
        "settings": {
            "event_subscriptions": {"request_url": "http://app.test/events"},
            "interactivity": {
                "is_enabled": True,
                "request_url": "http://app.test/act",
                "message_menu_options_url": "http://app.test/options",
            },
            "socket_mode_enabled": False,
        },
    }
    urls = RequestUrls.of_manifest(manifest)
    assert urls is not None
    line = line_to(app, urls)
    run(line.deliver("slash_commands", {"command": "/vote"}))
    run(line.deliver("interactive", {"type": "block_actions"}))
    run(line.deliver("interactive", {"type": "block_suggestion"}))
    run(line.deliver("events_api", {}))
    assert [path for path, _, _ in app.got] == ["/vote", "/act", "/options", "/events"]
    with pytest.raises(NotDelivered, match="no address"):
        run(line.deliver("slash_commands", {"command": "/other"}))


def test_a_manifest_of_socket_mode_names_no_address() -> None:
    manifest: Json = {
        "settings": {"socket_mode_enabled": True, "event_subscriptions": {"request_url": "http://app.test"}}
    }
    assert RequestUrls.of_manifest(manifest) is None
    assert RequestUrls.of_manifest({}) is None


def test_the_line_is_set_to_an_address_that_answers_and_back(app: OtherEnd) -> None:
    hub = SocketHub(lambda: NOW, Traffic(lambda: NOW), APP.id)
    line = Line(hub, lambda urls: line_to(app, urls))
    assert line.shown() == {"transport": "socket", "connected": False, "sockets": 0}
    with pytest.raises(NotDelivered, match="no app is connected"):
        run(line.deliver("events_api", {}))
    assert run(line.request_url({"url": URL})) == {"transport": "http", "connected": True, "sockets": 0}
    assert run(line.deliver("events_api", {})) == {}
    assert run(line.request_url({"url": ""}))["transport"] == "socket"


@pytest.mark.parametrize("asked", [{}, {"url": 5}, {"url": "ftp://app"}, {"url": "app"}])
def test_an_address_that_is_none_is_refused(app: OtherEnd, asked: Json) -> None:
    hub = SocketHub(lambda: NOW, Traffic(lambda: NOW), APP.id)
    line = Line(hub, lambda urls: line_to(app, urls))
    with pytest.raises(PersonError):
        run(line.request_url(asked))
    assert line.shown()["transport"] == "socket"


def test_an_address_that_is_refused_leaves_the_line_as_it_was(app: OtherEnd) -> None:
    app.echoes = ""
    hub = SocketHub(lambda: NOW, Traffic(lambda: NOW), APP.id)
    line = Line(hub, lambda urls: line_to(app, urls))
    with pytest.raises(PersonError, match="could not be verified"):
        run(line.request_url({"url": URL}))
    assert line.shown()["transport"] == "socket"


def test_the_handshake_is_repeated_until_the_app_answers(app: OtherEnd) -> None:
    async def wait() -> None:
        verified = asyncio.Event()
        hub = SocketHub(lambda: NOW, Traffic(lambda: NOW), APP.id)
        line = Line(hub, lambda urls: line_to(app, urls, on_change=verified.set))
        line.use(RequestUrls.everywhere(URL))
        verifying = asyncio.create_task(line.keep_verified())
        await asyncio.wait_for(verified.wait(), 5)
        assert line.shown()["connected"]
        verifying.cancel()

    run(wait())
