"""Slack's signed requests over HTTP: one address, one method, and nothing without a good signature."""

from slack_bolt import App
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

PATH = "/slack/events"

MOST_BYTES = 4 * 2**20
"""A view of 250 kB with everything typed in it, percent-encoded, stays below; nothing else comes close."""


def make_slack_app(app: App, signing_secret: str) -> Starlette:
    """The application for Slack alone. Raises ValueError for an empty secret: anybody could sign with it."""
    if not signing_secret:
        raise ValueError("Slack's requests cannot be told from others without SLACK_SIGNING_SECRET")
    take = SlackRequests(app, SignatureVerifier(signing_secret)).take
    return Starlette(routes=[Route(PATH, take, methods=["POST"])])


class SlackRequests:
    """Hands requests to Bolt, each in a thread: a listener may take its 3 seconds.

    Bolt reads a body before it looks at the signature; here nothing is read that Slack has not signed
    within the last five minutes.
    """

    def __init__(self, app: App, verifier: SignatureVerifier) -> None:
        self._app = app
        self._verifier = verifier

    async def take(self, request: Request) -> Response:
        """Bolt's answer; 413, 401 and 400 for what it is not shown at all."""
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        if not self._is_signed(request, body):
            return Response(status_code=401)
        try:
            asked = to_bolt_request(request, body)
        except ValueError:
            return Response(status_code=400)
        return to_starlette_response(await run_in_threadpool(self._app.dispatch, asked))

    def _is_signed(self, request: Request, body: bytes) -> bool:
        stamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        if not (stamp.isascii() and stamp.isdigit() and signature.isascii()):
            return False
        try:
            return self._verifier.is_valid(body, stamp, signature)
        except ValueError:  # a body that is no text, a time of thousands of digits
            return False


async def _body(request: Request) -> bytes | None:
    """The body; None as soon as it is longer than Slack's can be, whatever its length was said to be."""
    parts: list[bytes] = []
    length = 0
    try:
        async for part in request.stream():
            length += len(part)
            if length > MOST_BYTES:
                return None
            parts.append(part)
    except ClientDisconnect:
        return None
    return b"".join(parts)
