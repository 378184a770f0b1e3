"""The wiring: one Starlette application around one workspace."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from bot.playground.acting import Acting
from bot.playground.bad_days import BadDays
from bot.playground.control import Control
from bot.playground.delivery import Delivery
from bot.playground.faults import FaultPlan
from bot.playground.forms import Forms
from bot.playground.journal import Journal
from bot.playground.page.wiring import page_routes
from bot.playground.people import apply_manifest, default_roster
from bot.playground.records import Json
from bot.playground.socket_mode import SocketHub
from bot.playground.traffic import Traffic
from bot.playground.uploads import Uploads
from bot.playground.web_api.api import WebApi
from bot.playground.web_api.http import WebApiEndpoint
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
    workspace = _open_workspace(setup)
    traffic = Traffic(time.time)
    faults = FaultPlan(on_change=lambda: workspace.feed.add("faults"))
    hub = SocketHub(
        time.time,
        traffic,
        workspace.app.id,
        on_change=lambda count: workspace.feed.add("sockets", count=count),
    )
    delivery = Delivery(workspace, hub, faults)
    workspace.emit = delivery.emit
    acting = Acting(workspace, delivery)
    forms = Forms(workspace, acting, delivery)
    endpoint = WebApiEndpoint(WebApi(workspace, _connection_opener(hub)), faults, traffic)
    uploads = Uploads(workspace, faults, traffic)
    control = Control(workspace, acting, forms, hub=hub, traffic=traffic)
    routes = [
        *page_routes(workspace, faults, traffic, lambda: _connection(hub)),
        Route("/api/{method:path}", endpoint.handle, methods=["GET", "POST"]),
        Route("/upload/v1/{file_id}", uploads.receive, methods=["POST", "PUT"]),
        Route("/files/{file_id}", control.file, methods=["GET"]),
        Route("/response/{team}/{response_id}", uploads.respond, methods=["POST"]),
        WebSocketRoute("/link/", hub.serve),
        *control.routes(),
        *BadDays(workspace, hub, faults).routes(),
    ]
    return Starlette(routes=routes, lifespan=lambda _app: _running(workspace, delivery, ready))


def _open_workspace(setup: Setup) -> Workspace:
    roster = default_roster()
    if setup.manifest is not None:
        apply_manifest(roster, setup.manifest)
    journal = None if setup.data is None else Journal(setup.data / "journal.jsonl")
    folder = None if setup.data is None else setup.data / "files"
    workspace = Workspace(roster, time.time, journal=journal, files_folder=folder)
    workspace.base_url = setup.base_url
    return workspace


@contextlib.asynccontextmanager
async def _running(
    workspace: Workspace, delivery: Delivery, ready: Callable[[], None]
) -> AsyncIterator[None]:
    settling = asyncio.create_task(_settle(workspace))
    ready()
    try:
        yield
    finally:
        settling.cancel()
        await delivery.close()
        workspace.close()


def _connection_opener(hub: SocketHub) -> Callable[[Call], Json]:
    def open_connection(call: Call) -> Json:
        address = call.workspace.base_url.replace("http://", "ws://", 1)
        return {"url": f"{address}/link/?ticket={hub.ticket()}&app_id={call.app.id}"}

    return open_connection


def _connection(hub: SocketHub) -> Json:
    return {"connected": hub.count > 0, "transport": "socket", "sockets": hub.count}


async def _settle(workspace: Workspace) -> None:
    """Let files become ready and appear in their channels."""
    while True:
        workspace.settle()
        await asyncio.sleep(_SETTLE_EVERY_S)
