"""The page's side of the server, put together."""

from collections.abc import Callable

from starlette.routing import BaseRoute, Route, WebSocketRoute

from bot.playground.json_verbs import json_endpoint
from bot.playground.page import static
from bot.playground.page.changes import Changes
from bot.playground.page.history import History
from bot.playground.page.live import Live
from bot.playground.page.numbers import PageNumbers
from bot.playground.page.sight import Sight
from bot.playground.page.state import PageState
from bot.playground.page.traffic_log import TrafficLog
from bot.playground.records import Json
from bot.playground.traffic import Traffic
from bot.playground.workspace import Workspace


def page_routes(
    workspace: Workspace, faults: Callable[[], Json], traffic: Traffic, connection: Callable[[], Json]
) -> list[BaseRoute]:
    """Everything under `/`, `/static` and `/page`.

    `faults` says which are still to come; `connection` how the app is reached: `connected`, `transport`
    ("socket" or "http"), `sockets`.
    """
    sight = Sight(workspace)
    numbers = PageNumbers(workspace.clock())
    changes = Changes(workspace, sight, faults, connection)
    state = PageState(workspace, sight, numbers, faults, connection)
    log = TrafficLog(traffic)
    return [
        *static.routes(),
        Route("/page/state", json_endpoint(state.state), methods=["GET"]),
        Route("/page/messages", json_endpoint(History(workspace, sight).messages), methods=["GET"]),
        Route("/page/traffic", json_endpoint(log.newest), methods=["GET"]),
        Route("/page/traffic.jsonl", log.download, methods=["GET"]),
        WebSocketRoute("/page/live", Live(workspace.feed, traffic, sight, changes, numbers).serve),
    ]
