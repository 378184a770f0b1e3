"""Socket Mode: tickets, sockets, envelopes and their acks."""

import asyncio
import contextlib
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.playground import limits
from bot.playground.records import Json
from bot.playground.traffic import Traffic
from bot.playground.transport import AckTimeout, NoSocket

_TICKET_S = 30.0
_DRAIN_S = 10.0
"""How long a socket lives after `refresh_requested`, so that the app can open the next one first."""


_REFRESH_S = 2.0
_ANSWERED = frozenset({"view_submission", "block_suggestion"})


@dataclass(eq=False)
class Socket:
    """One open WebSocket. A draining one gets no more envelopes while another is open."""

    websocket: WebSocket
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    draining: bool = False

    async def send(self, message: Json) -> None:
        await self.websocket.send_json(message)


@dataclass
class _Pending:
    acked: asyncio.Future[Json]
    sent_at: float


class SocketHub:
    """The app's sockets. Each envelope goes to one of them, in turn, and waits for its ack.

    `on_change` hears how many sockets are open whenever that changes.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        traffic: Traffic,
        app_id: str,
        *,
        on_change: Callable[[int], None] = lambda _count: None,
        ack_s: float = limits.ACK_S.number,
    ) -> None:
        self._clock = clock
        self._traffic = traffic
        self._app_id = app_id
        self._on_change = on_change
        self._ack_s = ack_s
        self._tickets: dict[str, float] = {}
        self._sockets: list[Socket] = []
        self._pending: dict[str, _Pending] = {}
        self._sent: dict[str, float] = {}
        self._turn = 0
        self._opened = asyncio.Event()

    @property
    def count(self) -> int:
        return len(self._sockets)

    def ticket(self) -> str:
        """A ticket that opens one socket within 30 s."""
        made = str(uuid.uuid4())
        self._tickets[made] = self._clock() + _TICKET_S
        return made

    async def serve(self, websocket: WebSocket) -> None:
        """One socket's whole life."""
        expires = self._tickets.pop(websocket.query_params.get("ticket", ""), 0.0)
        if expires < self._clock():
            await websocket.close(code=1008, reason="invalid ticket")
            return
        await websocket.accept()
        socket = Socket(websocket)
        if len(self._sockets) >= limits.SOCKETS.number:
            await socket.send(self._disconnect("too_many_websockets"))
            await websocket.close()
            return
        self._sockets.append(socket)
        self._opened.set()
        self._announce()
        try:
            await socket.send(self._hello())
            while True:
                self._receive(await websocket.receive_json())
        except (WebSocketDisconnect, ValueError):
            pass
        finally:
            self._sockets.remove(socket)
            self._announce()

    async def deliver(self, kind: str, payload: Json, *, retry: int = 0, reason: str = "") -> Json:
        """Send one envelope and return its ack's payload (`{}` when it has none).

        Raises NoSocket and AckTimeout.
        """
        socket = await self._next_socket()
        envelope: Json = {
            "envelope_id": str(uuid.uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind == "slash_commands" or payload.get("type") in _ANSWERED,
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": retry, "retry_reason": reason}
        started = self._clock()
        pending = _Pending(asyncio.get_running_loop().create_future(), started)
        self._pending[envelope["envelope_id"]] = pending
        answer: object = None
        try:
            await socket.send(envelope)
            answer = await asyncio.wait_for(pending.acked, self._ack_s)
        except TimeoutError:
            answer = "no ack"
            self._sent[envelope["envelope_id"]] = started
            raise AckTimeout from None
        except (WebSocketDisconnect, RuntimeError) as error:
            answer = "socket closed"
            raise NoSocket from error
        finally:
            del self._pending[envelope["envelope_id"]]
            took = self._clock() - started
            self._traffic.note(
                "envelope", kind, payload, answer, duration_s=took, socket=socket.id, retry=retry
            )
        return dict(answer) if isinstance(answer, dict) else {}

    async def drop(self, count: int | None = None) -> int:
        """Cut sockets without a word, as a broken network does. How many were cut."""
        cut = self._sockets[:count]
        for socket in cut:
            await socket.websocket.close(code=1011)
        return len(cut)

    async def disconnect(self, reason: str) -> int:
        """Tell every socket to go: `warning`, `refresh_requested` or `link_disabled`."""
        told = list(self._sockets)
        for socket in told:
            await socket.send(self._disconnect(reason))
            if reason != "warning":
                socket.draining = True
                self._opened.clear()
        if reason != "warning":
            asyncio.get_running_loop().call_later(_DRAIN_S, self._close_later, told)
        return len(told)

    def _close_later(self, sockets: list[Socket]) -> None:
        for socket in sockets:
            if socket in self._sockets:
                closing = asyncio.ensure_future(socket.websocket.close())
                closing.add_done_callback(lambda done: done.exception())

    def _receive(self, message: object) -> None:
        envelope_id = message.get("envelope_id") if isinstance(message, dict) else None
        if not isinstance(message, dict) or not isinstance(envelope_id, str):
            self._traffic.note("envelope", "unknown", message, None)
            return
        pending = self._pending.get(envelope_id)
        if pending is not None and not pending.acked.done():
            payload = message.get("payload")
            pending.acked.set_result(payload if isinstance(payload, dict) else {})
        elif envelope_id in self._sent:
            took = self._clock() - self._sent.pop(envelope_id)
            self._traffic.note("envelope", "late_ack", {"envelope_id": envelope_id}, message, duration_s=took)

    async def _next_socket(self) -> Socket:
        if self._sockets and not self._fresh():
            await self._refreshed()
        fresh = self._fresh() or self._sockets
        if not fresh:
            raise NoSocket
        self._turn += 1
        return fresh[self._turn % len(fresh)]

    def _fresh(self) -> list[Socket]:
        return [socket for socket in self._sockets if not socket.draining]

    async def _refreshed(self) -> None:
        """Wait a moment for the socket that an app opens after `refresh_requested`."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._opened.wait(), _REFRESH_S)

    def _announce(self) -> None:
        self._on_change(len(self._sockets))

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._sockets),
            "debug_info": {"host": "playground", "build_number": 1, "approximate_connection_time": 3600},
            "connection_info": {"app_id": self._app_id},
        }

    def _disconnect(self, reason: str) -> Json:
        return {"type": "disconnect", "reason": reason, "debug_info": {"host": "playground"}}
