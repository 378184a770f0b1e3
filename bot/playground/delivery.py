"""Sending interactions and events to the app, and what a person sees when the app does not answer."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Protocol

from bot.playground import limits, payloads
from bot.playground.errors import PersonError
from bot.playground.faults import FaultPlan
from bot.playground.records import Json
from bot.playground.socket_mode import AckTimeout, NoSocket
from bot.playground.workspace import Workspace

_RETRY_AFTER_S = (0.0, 60.0, 300.0)


class Transport(Protocol):
    """How envelopes reach the app: `SocketHub` now; signed HTTP can stand in its place."""

    async def deliver(self, kind: str, payload: Json, *, retry: int = 0, reason: str = "") -> Json:
        """The ack's payload. Raises NoSocket and AckTimeout."""


class Delivery:
    """Interactions wait for their ack; events are delivered in the background, with Slack's retries."""

    def __init__(
        self,
        workspace: Workspace,
        transport: Transport,
        faults: FaultPlan,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._workspace = workspace
        self._transport = transport
        self._faults = faults
        self._sleep = sleep
        self._running: set[asyncio.Task[None]] = set()

    async def interact(self, kind: str, payload: Json, what: str) -> Json:
        """The ack of an interaction; `what` is named in the error that the person sees.

        Raises PersonError `dispatch_failed` when no app is connected, `operation_timeout` after 3 s.
        """
        try:
            return await self._transport.deliver(kind, payload)
        except NoSocket as error:
            message = f"{what} failed with the error “dispatch_failed”: no app is connected"
            raise PersonError("dispatch_failed", message, status=502) from error
        except AckTimeout as error:
            message = f"{what} failed because the app did not respond within {limits.ACK_S.number} s"
            raise PersonError("operation_timeout", message, status=504) from error

    def notify(self, payload: Json) -> None:
        """An interaction without an answer (view_closed)."""
        self._start(self._quietly(payload))

    def emit(self, inner: Json) -> None:
        """Deliver an event, if the app subscribes to it."""
        if not self._is_subscribed(inner):
            return
        self._start(self._deliver_event(inner))
        if self._faults.take("events") is not None:
            self._start(self._deliver_event(inner))

    async def idle(self) -> None:
        """Wait until nothing is being delivered."""
        while self._running:
            await asyncio.gather(*self._running)

    async def close(self) -> None:
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _start(self, coroutine: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _is_subscribed(self, inner: Json) -> bool:
        kind = inner["type"]
        if kind == "message":
            kind = {"im": "message.im", "group": "message.groups"}.get(
                inner["channel_type"], "message.channels"
            )
        channel = self._workspace.channels.get(str(inner.get("channel")))
        is_member = channel is None or self._workspace.app.bot_user in channel.members
        return kind in self._workspace.app.events and is_member

    async def _quietly(self, payload: Json) -> None:
        try:
            await self._transport.deliver("interactive", payload)
        except (NoSocket, AckTimeout):
            return  # nobody waits for it; the traffic record has it

    async def _deliver_event(self, inner: Json) -> None:
        payload = payloads.event(self._workspace, inner)
        reason = ""
        for attempt in range(limits.EVENT_RETRIES.number + 1):
            if attempt:
                await self._sleep(_RETRY_AFTER_S[attempt - 1])
            try:
                await self._transport.deliver("events_api", payload, retry=attempt, reason=reason)
            except AckTimeout:
                reason = "timeout"
            except NoSocket:
                reason = "connection_failed"
            else:
                return
