"""The bot's address for Slack: signed and fresh requests of a sane size, and nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from slack_bolt import App
from slack_sdk.signature import SignatureVerifier

from bot.slack_http import MOST_BYTES, PATH, make_slack_app

SECRET = "5" * 32
HELLO = b'{"type":"url_verification","challenge":"abc"}'


@dataclass
class Slack:
    """Somebody who posts to the address."""

    http: httpx.AsyncClient

    async def post(
        self, body: bytes = HELLO, *, secret: str = SECRET, age_s: float = 0, **headers: str
    ) -> httpx.Response:
        stamp = str(int(time.time() - age_s))
        signed = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
        sent = {
            "content-type": "application/json",
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": str(signed),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return await self.http.post(PATH, content=body, headers=sent)


@pytest.fixture
def slack() -> Slack:
    app = App(
        signing_secret=SECRET,
        token="xoxb-1",
        token_verification_enabled=False,
        request_verification_enabled=True,
    )
    transport = httpx.ASGITransport(make_slack_app(app, SECRET))
    return Slack(httpx.AsyncClient(transport=transport, base_url="http://bot.test"))


def status(doing: Coroutine[Any, Any, httpx.Response]) -> int:
    return asyncio.run(doing).status_code


def test_a_signed_request_reaches_bolt(slack: Slack) -> None:
    answer = asyncio.run(slack.post())
    assert (answer.status_code, answer.json()) == (200, {"challenge": "abc"})


def test_a_wrong_signature_is_refused(slack: Slack) -> None:
    assert status(slack.post(secret="6" * 32)) == 401
    assert status(slack.post(x_slack_signature="v0=")) == 401
    assert status(slack.post(x_slack_signature="")) == 401


def test_an_old_or_early_request_is_refused(slack: Slack) -> None:
    assert status(slack.post(age_s=290)) == 200
    assert status(slack.post(age_s=310)) == 401
    assert status(slack.post(age_s=-310)) == 401


@pytest.mark.parametrize("stamp", ["", "x", "-1", "1e9", "٣", "9" * 5_000])
def test_a_time_that_is_none_is_refused(slack: Slack, stamp: str) -> None:
    headers = {b"x-slack-request-timestamp": stamp.encode()}
    answer = slack.http.post(PATH, content=HELLO, headers=headers)
    assert status(answer) in (400, 401)


def test_a_request_without_any_header_is_refused(slack: Slack) -> None:
    assert status(slack.http.post(PATH, content=HELLO)) == 401


def test_a_body_that_is_no_text_is_refused(slack: Slack) -> None:
    stamp = {"x-slack-request-timestamp": str(int(time.time()))}
    assert status(slack.http.post(PATH, content=b"\xff\xfe", headers=stamp)) == 401


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000])
def test_what_is_not_signed_is_not_even_read(slack: Slack, body: bytes) -> None:
    assert status(slack.post(body, secret="6" * 32)) == 401


def test_a_signed_body_that_is_no_json_is_refused(slack: Slack) -> None:
    assert status(slack.post(b"{")) == 400


def test_without_a_secret_there_is_no_address() -> None:
    with pytest.raises(ValueError, match="SLACK_SIGNING_SECRET"):
        make_slack_app(App(token="xoxb-1", token_verification_enabled=False), "")


def test_a_body_that_is_too_long_is_refused_whatever_length_it_claims(slack: Slack) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MOST_BYTES // 65_536 + 2):
            yield b"x" * 65_536

    assert status(slack.post(b"x" * (MOST_BYTES + 1))) == 413
    assert status(slack.http.post(PATH, content=endless())) == 413
    assert status(slack.post(b"x" * MOST_BYTES)) == 400


@pytest.mark.parametrize("path", ["/", "/slack/events/", "/experiments/1", "/static/style.css", "/slack"])
def test_nothing_else_is_there(slack: Slack, path: str) -> None:
    assert status(slack.http.get(path)) in (404, 307)
    assert status(slack.http.get(PATH)) == 405
