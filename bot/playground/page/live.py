"""`/page/live`: one WebSocket for each open page, with what its person may know of, in batches."""

import asyncio
import contextlib
import json

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.playground.errors import PersonError
from bot.playground.feed import Feed
from bot.playground.page.changes import Changes
from bot.playground.page.numbers import PageNumbers
from bot.playground.page.sight import Sight
from bot.playground.records import Json
from bot.playground.traffic import Traffic

_FRAME_S = 0.05
"""The least time between two frames: what happens within it travels together."""
_POLICY_VIOLATION = 1008


class Live:
    """Pages that listen. Each resumes after the number it has, or is told to start over."""

    def __init__(
        self, feed: Feed, traffic: Traffic, sight: Sight, changes: Changes, numbers: PageNumbers
    ) -> None:
        self._feed = feed
        self._traffic = traffic
        self._sight = sight
        self._changes = changes
        self._numbers = numbers
        self._bells: set[asyncio.Event] = set()
        feed.on_add = traffic.on_note = self._ring

    async def serve(self, websocket: WebSocket) -> None:
        """One page's whole life."""
        try:
            user = self._sight.person(websocket.query_params.get("user")).id
        except PersonError as error:
            await websocket.close(code=_POLICY_VIOLATION, reason=error.message[:100])
            return
        await websocket.accept()
        bell = asyncio.Event()
        self._bells.add(bell)
        telling = asyncio.create_task(self._tell(websocket, user, bell))
        leaving = asyncio.create_task(_left(websocket))
        try:
            await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                telling.result()
                await websocket.close()
        finally:
            self._bells.discard(bell)
            for task in (telling, leaving):
                task.cancel()
            await asyncio.gather(telling, leaving, return_exceptions=True)

    async def _tell(self, websocket: WebSocket, user: str, bell: asyncio.Event) -> None:
        query = websocket.query_params
        number = self._numbers.of_feed(query.get("after"), self._feed)
        traffic = self._traffic.last
        while number is not None and self._feed.has_all_after(number):
            events = self._changes.since(number, user, query.get("tab", ""))
            number = self._feed.last
            if self._traffic.last > traffic:
                traffic = self._traffic.last
                events.append({"kind": "traffic", "n": traffic})
            if events:
                await _send(websocket, {"n": self._numbers.of_page(number), "events": events})
                await asyncio.sleep(_FRAME_S)
            await bell.wait()
            bell.clear()
        await _send(websocket, {"reset": True})

    def _ring(self) -> None:
        for bell in self._bells:
            bell.set()


async def _left(websocket: WebSocket) -> None:
    """Until the page is closed; it says nothing here, it acts through the control API."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


async def _send(websocket: WebSocket, frame: Json) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the page has just gone
        await websocket.send_text(json.dumps(frame, ensure_ascii=False))
