"""The two addresses that need no token: upload URLs and response URLs."""

import asyncio
import json

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.playground.errors import SlackError
from bot.playground.faults import BEFORE, LOST, Fault, FaultKind, FaultPlan
from bot.playground.records import Json
from bot.playground.responses import respond
from bot.playground.traffic import Traffic
from bot.playground.web_api.http import lost_answer, read_multipart
from bot.playground.workspace import Workspace


class Uploads:
    def __init__(self, workspace: Workspace, faults: FaultPlan, traffic: Traffic) -> None:
        self._workspace = workspace
        self._faults = faults
        self._traffic = traffic

    async def receive(self, request: Request) -> Response:
        file_id = request.path_params["file_id"]
        content = await request.body()
        kind = request.headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            content = next(iter(read_multipart(kind, content).values()), b"")
        fault = self._faults.take("upload")
        if fault is not None:
            failed = await failure(request, fault)
            if failed is not None:
                return failed
        answer = PlainTextResponse(f"OK - {len(content)}")
        try:
            self._workspace.files.receive(file_id, content)
        except SlackError as error:
            answer = PlainTextResponse(str(error), status_code=400)
        self._traffic.note("upload", file_id, {"bytes": len(content)}, bytes(answer.body).decode())
        return await lost_answer(request, fault) if fault is not None and fault.kind in LOST else answer

    async def respond(self, request: Request) -> Response:
        response_id = request.path_params["response_id"]
        fault = self._faults.take("response_url")
        if fault is not None:
            failed = await failure(request, fault)
            if failed is not None:
                return failed
        body: Json = {}
        try:
            body = _object(await request.body())
            answer, status = respond(self._workspace, response_id, body), 200
        except SlackError as error:
            answer, status = error.body(), error.status if error.status != 200 else 400  # noqa: PLR2004 - HTTP OK
        except ValueError:
            answer, status = {"ok": False, "error": "invalid_payload"}, 400
        self._traffic.note("response_url", "response_url", body, answer, status=status)
        if fault is not None and fault.kind in LOST:
            return await lost_answer(request, fault)
        return JSONResponse(answer, status_code=status)


async def failure(request: Request, fault: Fault) -> Response | None:
    """What a fault answers in place of the call; None when the call is done all the same."""
    if fault.kind == FaultKind.SLOW:
        await asyncio.sleep(fault.delay_s)
    if fault.kind == FaultKind.SERVER_ERROR:
        return PlainTextResponse("Internal Server Error", status_code=500)
    if fault.kind == FaultKind.RATE_LIMITED:
        headers = {"Retry-After": str(fault.retry_after_s)}
        return PlainTextResponse("Too Many Requests", status_code=429, headers=headers)
    if fault.kind in (FaultKind.ERROR, FaultKind.TOKEN_REVOKED):
        return JSONResponse({"ok": False, "error": fault.code}, status_code=400)
    return await lost_answer(request, fault) if fault.kind in BEFORE else None


def _object(body: bytes) -> Json:
    """The JSON object in a body; ValueError when there is none."""
    parsed = json.loads(body)
    if not isinstance(parsed, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error for every unreadable body
    return parsed
