"""The wiring: one Starlette application around one workspace."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from bot.playground.acting import Acting
from bot.playground.control import Control
from bot.playground.delivery import Delivery
from bot.playground.errors import SlackError
from bot.playground.faults import LOST, FaultKind, FaultPlan
from bot.playground.forms import Forms
from bot.playground.journal import Journal
from bot.playground.page import Page
from bot.playground.people import apply_manifest, default_roster
from bot.playground.records import Json
from bot.playground.responses import respond
from bot.playground.socket_mode import SocketHub
from bot.playground.traffic import Traffic
from bot.playground.web_api.api import WebApi
from bot.playground.web_api.http import WebApiEndpoint, lost_answer, read_multipart
from bot.playground.web_api.method import Call
from bot.playground.workspace import Workspace

_SETTLE_EVERY_S = 0.05


@dataclass(frozen=True)
class Setup:
    """How a playground is started. `data` is the folder that outlives it; None keeps nothing."""

    base_url: str
    data: Path | None = None
    manifest: Json | None = None


def build(setup: Setup, *, ready: Callable[[], None] = lambda: None) -> Starlette:
    """The application; `ready` is called when it starts to answer."""
    roster = default_roster()
    if setup.manifest is not None:
        apply_manifest(roster, setup.manifest)
    journal = None if setup.data is None else Journal(setup.data / "journal.jsonl")
    folder = None if setup.data is None else setup.data / "files"
    workspace = Workspace(roster, time.time, journal=journal, files_folder=folder)
    workspace.base_url = setup.base_url
    traffic, faults = Traffic(time.time), FaultPlan()
    hub = SocketHub(
        time.time,
        traffic,
        roster.app.id,
        on_change=lambda count: workspace.feed.add("sockets", count=count),
    )
    delivery = Delivery(workspace, hub, faults)
    workspace.emit = delivery.emit
    acting = Acting(workspace, delivery)
    forms = Forms(workspace, acting, delivery)
    api = WebApi(workspace, _connection_opener(hub))
    endpoint = WebApiEndpoint(api, faults, traffic)
    uploads = Uploads(workspace, faults, traffic)
    control = Control(workspace, acting, forms, hub=hub, faults=faults, traffic=traffic)
    routes = [
        Route("/", Page(workspace).show, methods=["GET"]),
        Route("/api/{method:path}", endpoint.handle, methods=["GET", "POST"]),
        Route("/upload/v1/{file_id}", uploads.receive, methods=["POST", "PUT"]),
        Route("/files/{file_id}", control.file, methods=["GET"]),
        Route("/response/{team}/{response_id}", uploads.respond, methods=["POST"]),
        WebSocketRoute("/link/", hub.serve),
        *control.routes(),
    ]

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        settling = asyncio.create_task(_settle(workspace))
        ready()
        try:
            yield
        finally:
            settling.cancel()
            await delivery.close()
            workspace.close()

    return Starlette(routes=routes, lifespan=lifespan)


def _connection_opener(hub: SocketHub) -> Callable[[Call], Json]:
    def open_connection(call: Call) -> Json:
        address = call.workspace.base_url.replace("http://", "ws://", 1)
        return {"url": f"{address}/link/?ticket={hub.ticket()}&app_id={call.app.id}"}

    return open_connection


async def _settle(workspace: Workspace) -> None:
    """Let files become ready and appear in their channels."""
    while True:
        workspace.settle()
        await asyncio.sleep(_SETTLE_EVERY_S)


class Uploads:
    """The two addresses that need no token: upload URLs and response URLs."""

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
        if fault is not None and fault.kind == FaultKind.SERVER_ERROR:
            return PlainTextResponse("Internal Server Error", status_code=500)
        if fault is not None and fault.kind in (FaultKind.TIMEOUT_BEFORE, FaultKind.DROP_BEFORE):
            return await lost_answer(request, fault)
        answer = PlainTextResponse(f"OK - {len(content)}")
        try:
            self._workspace.files.receive(file_id, content)
        except SlackError as error:
            answer = PlainTextResponse(str(error), status_code=400)
        self._traffic.note("upload", file_id, {"bytes": len(content)}, bytes(answer.body).decode())
        return await lost_answer(request, fault) if fault is not None and fault.kind in LOST else answer

    async def respond(self, request: Request) -> Response:
        response_id = request.path_params["response_id"]
        body: Json = {}
        try:
            body = json.loads(await request.body())
            answer, status = respond(self._workspace, response_id, body), 200
        except SlackError as error:
            answer, status = error.body(), error.status if error.status != 200 else 400  # noqa: PLR2004 - HTTP OK
        except ValueError:
            answer, status = {"ok": False, "error": "invalid_payload"}, 400
        self._traffic.note("response_url", response_id, body, answer, status=status)
        return JSONResponse(answer, status_code=status)
