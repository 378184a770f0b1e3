"""The wiring: one Starlette application around one workspace."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route, WebSocketRoute

from bot.playground.acting import Acting
from bot.playground.bad_days import BadDays
from bot.playground.control import Control
from bot.playground.conversing import Conversing
from bot.playground.delivery import Delivery
from bot.playground.faults import FaultPlan
from bot.playground.forms import Forms
from bot.playground.journal import Journal
from bot.playground.json_verbs import json_endpoint
from bot.playground.line import Line
from bot.playground.page.same_origin import SameOrigin
from bot.playground.page.wiring import page_routes
from bot.playground.people import apply_manifest, default_roster
from bot.playground.records import Json
from bot.playground.signed_http import RequestUrls, SignedHttp
from bot.playground.socket_mode import SocketHub
from bot.playground.traffic import Traffic
from bot.playground.traffic_file import TrafficFile
from bot.playground.uploads import Uploads
from bot.playground.web_api.api import WebApi
from bot.playground.web_api.http import WebApiEndpoint
from bot.playground.web_api.method import Call
from bot.playground.workspace import Workspace

_SETTLE_EVERY_S = 0.05


@dataclass(frozen=True)
class Setup:
    """How a playground is started. `data` is the folder that outlives it; None keeps nothing.

    With `request_url`, or addresses in the manifest, the app is reached over signed HTTP requests.
    The record of all traffic goes to the file `traffic`, or to `traffic.jsonl` in the data folder.
    """

    base_url: str
    data: Path | None = None
    manifest: Json | None = None
    request_url: str | None = None
    traffic: Path | None = None

    @property
    def traffic_file(self) -> Path | None:
        return self.traffic or (self.data / "traffic.jsonl" if self.data is not None else None)


def build(setup: Setup, *, ready: Callable[[], None] = lambda: None) -> Starlette:
    """The application; `ready` is called when it starts to answer."""
    workspace = _open_workspace(setup)
    record = None if setup.traffic_file is None else TrafficFile(setup.traffic_file)
    traffic = Traffic(time.time) if record is None else Traffic(time.time, keep=record.write)
    faults = FaultPlan(on_change=lambda: workspace.feed.add("faults"))
    hub = SocketHub(
        time.time,
        traffic,
        workspace.app.id,
        on_change=lambda count: workspace.feed.add("sockets", count=count),
    )
    line = _line(setup, workspace, hub, traffic)
    delivery = Delivery(workspace, line, faults)
    workspace.emit = delivery.emit
    acting = Acting(workspace, delivery)
    forms = Forms(workspace, acting, delivery)
    endpoint = WebApiEndpoint(WebApi(workspace, _connection_opener(hub)), faults, traffic)
    uploads = Uploads(workspace, faults, traffic)
    control = Control(workspace, acting, forms, line=line, traffic=traffic)
    bad_days = BadDays(workspace, hub, faults)
    routes = [
        *page_routes(workspace, bad_days.to_come, traffic, line.shown),
        Route("/api/{method:path}", endpoint.handle, methods=["GET", "POST"]),
        Route("/upload/v1/{file_id}", uploads.receive, methods=["POST", "PUT"]),
        Route("/files/{file_id}", control.file, methods=["GET"]),
        Route("/response/{team}/{response_id}", uploads.respond, methods=["POST"]),
        WebSocketRoute("/link/", hub.serve),
        *control.routes(),
        *Conversing(workspace, acting).routes(),
        *bad_days.routes(),
        Route("/control/request_url", json_endpoint(line.request_url), methods=["POST"]),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(SameOrigin, base_url=setup.base_url)],
        lifespan=lambda _app: _running(workspace, delivery, line, ready),
    )


def _open_workspace(setup: Setup) -> Workspace:
    roster = default_roster()
    if setup.manifest is not None:
        apply_manifest(roster, setup.manifest)
    journal = None if setup.data is None else Journal(setup.data / "journal.jsonl")
    folder = None if setup.data is None else setup.data / "files"
    workspace = Workspace(roster, time.time, journal=journal, files_folder=folder)
    workspace.base_url = setup.base_url
    return workspace


def _line(setup: Setup, workspace: Workspace, hub: SocketHub, traffic: Traffic) -> Line:
    def open_http(urls: RequestUrls) -> SignedHttp:
        def changed() -> None:
            workspace.feed.add("sockets", count=hub.count)

        return SignedHttp(urls, workspace.app, time.time, traffic, on_change=changed)

    line = Line(hub, open_http)
    if setup.request_url:
        line.use(RequestUrls.everywhere(setup.request_url))
    elif setup.manifest is not None:
        line.use(RequestUrls.of_manifest(setup.manifest))
    return line


@contextlib.asynccontextmanager
async def _running(
    workspace: Workspace, delivery: Delivery, line: Line, ready: Callable[[], None]
) -> AsyncIterator[None]:
    settling = asyncio.create_task(_settle(workspace))
    verifying = asyncio.create_task(line.keep_verified())
    ready()
    try:
        yield
    finally:
        settling.cancel()
        verifying.cancel()
        await delivery.close()
        workspace.close()


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
