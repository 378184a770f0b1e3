"""The part of `doctor` that looks at how Slack reaches the bot. Secrets are never printed."""

import json
import re
import secrets
import time
from collections.abc import Iterator

import httpx
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web import WebClient

from bot.settings import HTTP, BotSettings
from bot.slack_errors import translate
from bot.slack_http import PATH
from db.checkup import Finding, problem, warning, well

TIMEOUT_S = 5
_OK, _UNAUTHORIZED = 200, 401
_SECRET = re.compile(r"[0-9a-f]{32}")


def look_at_line(settings: BotSettings) -> Iterator[Finding]:
    """The socket that the bot would open, or the address that Slack posts to."""
    if settings.slack_transport == HTTP:
        yield from _secret(settings)
        yield _address(settings)
    else:
        yield _socket(settings)


def _socket(settings: BotSettings) -> Finding:
    token = settings.slack_app_token.get_secret_value()
    client = WebClient(token=token, base_url=settings.api_url, retry_handlers=[], timeout=TIMEOUT_S)
    try:
        client.api_call("apps.connections.open")
    except Exception as error:
        known = translate("apps.connections.open", error)
        if known is None:
            raise
        return problem(f"Socket Mode does not open: {known}", "correct SLACK_APP_TOKEN (connections:write)")
    return well("Socket Mode opens")


def _secret(settings: BotSettings) -> Iterator[Finding]:
    if not _SECRET.fullmatch(settings.slack_signing_secret.get_secret_value()):
        yield warning(
            "SLACK_SIGNING_SECRET is not 32 hexadecimal digits, as Slack's are",
            "copy it again from the app's Basic Information page",
        )


def _address(settings: BotSettings) -> Finding:
    """Ask the running bot as Slack does when the address is typed in: a signed handshake."""
    host = settings.slack_host if settings.slack_host not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104 - compared
    url = f"http://[{host}]:{settings.slack_port}" if ":" in host else f"http://{host}:{settings.slack_port}"
    challenge = secrets.token_hex(16)
    body = json.dumps({"type": "url_verification", "challenge": challenge, "token": "doctor"})
    verifier = SignatureVerifier(settings.slack_signing_secret.get_secret_value())
    stamp = str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": str(verifier.generate_signature(timestamp=stamp, body=body)),
    }
    try:
        with httpx.Client(trust_env=False, timeout=TIMEOUT_S) as http:
            answer = http.post(url + PATH, content=body, headers=headers)
    except httpx.HTTPError:
        return warning(f"no bot takes Slack's requests at {url}{PATH} now", "start it: `signoff bot`")
    if answer.status_code == _OK and challenge in answer.text:
        return well(f"the bot takes Slack's signed requests at {url}{PATH}")
    if answer.status_code == _UNAUTHORIZED:
        return problem(
            "the running bot has another SLACK_SIGNING_SECRET", "restart it with the present settings"
        )
    return problem(
        f"something else answers at {url}{PATH} (HTTP {answer.status_code})", "set SIGNOFF_SLACK_PORT"
    )
