"""The Web API over HTTP: bodies and tokens in, JSON out, with the faults that were asked for."""

import asyncio
import time
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from bot.playground.errors import SlackError
from bot.playground.faults import BEFORE, LOST, Fault, FaultKind, FaultPlan
from bot.playground.traffic import Traffic
from bot.playground.web_api.api import Answer, WebApi
from bot.playground.web_api.arguments import read_json


class BrokenResponse(Response):
    """An answer that stops after its headers: the client sees a broken connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


class WebApiEndpoint:
    """`POST` or `GET /api/<method>`."""

    def __init__(self, api: WebApi, faults: FaultPlan, traffic: Traffic) -> None:
        self._api = api
        self._faults = faults
        self._traffic = traffic

    async def handle(self, request: Request) -> Response:
        name = request.path_params["method"]
        started = time.monotonic()
        values: Mapping[str, object] = {}
        try:
            values, token = await read_call(request)
        except SlackError as error:
            answer, fault = Answer(error.body(), error.status), None
        else:
            fault = self._faults.take(name, str(values.get("channel", "")))
            answer = await self._answer(name, values, token, fault)
        note: dict[str, object] = {"fault": fault.kind.value} if fault else {}
        took = time.monotonic() - started
        self._traffic.note(
            "web_api", name, values, answer.body, duration_s=took, status=answer.status, **note
        )
        if fault is not None and fault.kind in LOST:
            return await lost_answer(request, fault)
        if fault is not None and fault.kind == FaultKind.SERVER_ERROR:
            return PlainTextResponse("Internal Server Error", status_code=500)
        return JSONResponse(answer.body, status_code=answer.status, headers=dict(answer.headers))

    async def _answer(
        self, name: str, values: Mapping[str, object], token: str | None, fault: Fault | None
    ) -> Answer:
        if fault is None or fault.kind in LOST - BEFORE:
            return self._api.call(name, values, token)
        if fault.kind == FaultKind.NEVER_SHARED:
            private = {item: value for item, value in values.items() if item == "files"}
            return self._api.call(name, private, token)
        if fault.kind == FaultKind.SLOW:
            await asyncio.sleep(fault.delay_s)
            return self._api.call(name, values, token)
        if fault.kind == FaultKind.RATE_LIMITED:
            error = SlackError("ratelimited", status=429, retry_after_s=fault.retry_after_s)
            return Answer(error.body(), error.status, error.headers())
        if fault.kind == FaultKind.SERVER_ERROR:
            return Answer({"ok": False, "error": "internal_error"}, 500)
        return Answer({"ok": False, "error": fault.code})


async def lost_answer(request: Request, fault: Fault) -> Response:
    """Wait until the client gives up, or the fault's delay is over, and break the connection."""
    if fault.kind in (FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER):
        try:
            await asyncio.wait_for(_disconnected(request), fault.delay_s)
        except TimeoutError:
            return BrokenResponse()
    return BrokenResponse()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def read_call(request: Request) -> tuple[Mapping[str, object], str | None]:
    """The arguments and the token of a call, wherever they were put. SlackError for an unreadable body."""
    values: dict[str, object] = dict(request.query_params)
    body = await request.body()
    if body:
        values |= _read_body(request.headers.get("content-type", ""), body)
    token = values.pop("token", None)
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials:
        token = credentials.strip()
    return values, None if token is None else str(token)


def _read_body(content_type: str, body: bytes) -> dict[str, object]:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            parsed = read_json(body)
        except ValueError as error:
            raise SlackError("invalid_json") from error
        if not isinstance(parsed, dict):
            raise SlackError("json_not_object")
        return parsed
    if kind == "multipart/form-data":
        return {name: content.decode() for name, content in read_multipart(content_type, body).items()}
    if kind == "application/x-www-form-urlencoded":
        try:
            return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
        except ValueError as error:
            raise SlackError("invalid_form_data") from error
    raise SlackError("missing_post_type" if not kind else "invalid_post_type")


def read_multipart(content_type: str, body: bytes) -> dict[str, bytes]:
    """The parts of a multipart form by name."""
    message = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body
    )
    if not message.is_multipart():
        raise SlackError("invalid_form_data")
    parts: dict[str, bytes] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            parts[name] = content
    return parts
