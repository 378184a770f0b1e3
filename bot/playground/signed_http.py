"""Signed HTTP requests: the other way in which Slack reaches an app, with its headers and handshake."""

import asyncio
import hashlib
import hmac
import json
import secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from bot.playground import limits
from bot.playground.errors import PersonError
from bot.playground.records import App, Json
from bot.playground.traffic import Traffic
from bot.playground.transport import AckTimeout, NotDelivered

VERSION = "v0"
_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"
_FORM = "application/x-www-form-urlencoded"
_OK = 200


@dataclass(frozen=True)
class RequestUrls:
    """Where the app takes requests; an empty address reaches nobody. `commands` by the command's name."""

    events: str = ""
    interactivity: str = ""
    options: str = ""
    commands: Mapping[str, str] = field(default_factory=dict)
    any_command: str = ""

    @classmethod
    def everywhere(cls, url: str) -> "RequestUrls":
        """One address for everything. Raises PersonError for what is no address."""
        return cls(_address(url), url, url, {}, url)

    @classmethod
    def of_manifest(cls, manifest: Json) -> "RequestUrls | None":
        """The addresses of a Slack app manifest; None where it asks for Socket Mode or names none."""
        settings, features = manifest.get("settings", {}), manifest.get("features", {})
        interactivity = settings.get("interactivity", {})
        commands = {one["command"]: one["url"] for one in features.get("slash_commands", ()) if "url" in one}
        urls = cls(
            events=settings.get("event_subscriptions", {}).get("request_url", ""),
            interactivity=interactivity.get("request_url", ""),
            options=interactivity.get("message_menu_options_url", interactivity.get("request_url", "")),
            commands=commands,
        )
        return None if settings.get("socket_mode_enabled") or urls == cls() else urls

    def of(self, kind: str, payload: Json) -> str:
        """The address that an envelope goes to."""
        if kind == "events_api":
            return self.events
        if kind == "slash_commands":
            return self.commands.get(str(payload.get("command")), self.any_command)
        return self.options if payload.get("type") == "block_suggestion" else self.interactivity


class SignedHttp:
    """The Transport that posts each envelope to the app's address and takes the answer as its ack.

    `clock` gives Unix seconds. An app counts as connected once its address has answered the handshake.
    """

    def __init__(
        self,
        urls: RequestUrls,
        app: App,
        clock: Callable[[], float],
        traffic: Traffic,
        *,
        ack_s: float = limits.ACK_S.number,
        on_change: Callable[[], None] = lambda: None,
        network: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`network` stands in for the network, where there is none."""
        self.urls = urls
        self.connected = False
        self._app = app
        self._clock = clock
        self._traffic = traffic
        self._ack_s = ack_s
        self._on_change = on_change
        self._network = network
        self._certificates = ssl.create_default_context()

    async def deliver(self, kind: str, payload: Json, *, retry: int = 0, reason: str = "") -> Json:
        url = self.urls.of(kind, payload)
        content_type, body = encoded(kind, payload)
        headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason} if retry else {}
        started = self._clock()
        answer: object = None
        try:
            response = await self._post(url, content_type, body, headers)
            answer = _ack(kind, response)
        except NotDelivered as error:
            answer = str(error)
            raise
        finally:
            took = self._clock() - started
            self._traffic.note("envelope", kind, payload, answer, duration_s=took, url=url, retry=retry)
        return answer

    async def verify(self) -> None:
        """The url_verification handshake. Raises PersonError where the address does not answer it."""
        challenge = secrets.token_urlsafe(30)
        asked = {"type": "url_verification", "challenge": challenge, "token": "playground-verification-token"}
        why = ""
        try:
            response = await self._post(self.urls.events, "application/json", json.dumps(asked).encode(), {})
            if response.status_code != _OK:
                why = f"it answered with HTTP {response.status_code}"
            elif challenge not in _challenges(response.text):
                why = "it did not answer with the challenge"
        except NotDelivered as error:
            why = str(error)
        self._traffic.note("envelope", "url_verification", asked, why or "verified", url=self.urls.events)
        self._note(connected=not why)
        if why:
            raise PersonError("url_not_verified", f"{self.urls.events} could not be verified: {why}")

    async def _post(
        self, url: str, content_type: str, body: bytes, more: Mapping[str, str]
    ) -> httpx.Response:
        if not url:
            raise NotDelivered("connection_failed", "the app has no address for this")
        stamp = str(int(self._clock()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": _AGENT,
            "Accept": "application/json,*/*",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(self._app.signing_secret, stamp, body),
            **more,
        }
        try:
            async with asyncio.timeout(self._ack_s), self._client() as client:
                return await client.post(url, content=body, headers=headers)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise AckTimeout("http_timeout") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._note(connected=False)
            raise NotDelivered("connection_failed", f"{url} does not answer ({error})") from error

    def _client(self) -> httpx.AsyncClient:
        """A connection of its own for each request: an app that restarts must not be missed."""
        return httpx.AsyncClient(
            timeout=self._ack_s, trust_env=False, verify=self._certificates, transport=self._network
        )

    def _note(self, *, connected: bool) -> None:
        if self.connected != connected:
            self.connected = connected
            self._on_change()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's v0 signature: HMAC-SHA256 of `v0:{timestamp}:{raw body}` (verifying requests from Slack)."""
    signed = f"{VERSION}:{timestamp}:".encode() + body
    return f"{VERSION}={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def encoded(kind: str, payload: Json) -> tuple[str, bytes]:
    """The content type and body of an envelope: forms for people's doings, JSON for events."""
    if kind == "events_api":
        return "application/json", json.dumps(payload).encode()
    if kind == "slash_commands":
        return _FORM, urlencode(payload).encode()
    return _FORM, urlencode({"payload": json.dumps(payload)}).encode()


def _ack(kind: str, response: httpx.Response) -> Json:
    """What an answer says, as the payload of an ack; NotDelivered for any status but 200."""
    if response.status_code != _OK:
        again = response.headers.get("x-slack-no-retry") != "1"
        raise NotDelivered("http_error", f"the app answered with HTTP {response.status_code}", again=again)
    if kind == "events_api" or not response.content.strip():
        return {}
    try:
        parsed = response.json()
    except ValueError:
        parsed = None
    if isinstance(parsed, dict):
        return parsed
    if kind == "slash_commands":
        return {"text": response.text}
    raise NotDelivered("http_error", "the app's answer is neither empty nor a JSON object")


def _challenges(text: str) -> list[str]:
    """The challenge in each of the three forms that Slack takes: plain, form, JSON."""
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    in_json = parsed.get("challenge") if isinstance(parsed, dict) else None
    return [text.strip(), *parse_qs(text).get("challenge", []), *([in_json] if in_json else [])]


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise PersonError("invalid_url", f"{url!r} is no http(s) address")
    return url
