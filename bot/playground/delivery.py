"""Sending interactions and events to the app, and what a person sees when the app does not answer."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine

from bot.playground import events, limits, payloads
from bot.playground.errors import PersonError
from bot.playground.faults import ACKS, EVENTS, FaultPlan
from bot.playground.records import Json
from bot.playground.transport import AckTimeout, NotDelivered, Transport
from bot.playground.volume import EventVolume
from bot.playground.workspace import Workspace

_RETRY_AFTER_S = (0.0, 60.0, 300.0)


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
        self._volume = EventVolume(workspace.clock)
        self._running: set[asyncio.Task[None]] = set()

    async def interact(self, kind: str, payload: Json, what: str) -> Json:
        """The ack of an interaction; `what` is named in the error that the person sees.

        Raises PersonError `dispatch_failed` when no app is connected, `operation_timeout` after 3 s.
        """
        try:
            return await self._deliver(kind, payload)
        except AckTimeout as error:
            message = f"{what} failed because the app did not respond within {limits.ACK_S.number} s"
            raise PersonError("operation_timeout", message, status=504) from error
        except NotDelivered as error:
            message = f"{what} failed with the error “dispatch_failed”: {error}"
            raise PersonError("dispatch_failed", message, status=502) from error

    def notify(self, payload: Json) -> None:
        """An interaction without an answer (view_closed)."""
        self._start(self._quietly(payload))

    def emit(self, inner: Json) -> None:
        """Deliver an event, if the app subscribes to it."""
        if not self._is_subscribed(inner):
            return
        if not self._volume.take():
            self._tell_of_volume()
            return
        self._start(self._deliver_event(inner))
        if self._faults.take(EVENTS) is not None:
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

    def _tell_of_volume(self) -> None:
        minute = self._volume.minute_to_tell()
        if minute is not None:
            self._start(self._repeat(payloads.app_rate_limited(self._workspace, minute)))

    def _is_subscribed(self, inner: Json) -> bool:
        return events.is_wanted(inner, self._workspace.app, self._workspace.channels)

    async def _deliver(self, kind: str, payload: Json, *, retry: int = 0, reason: str = "") -> Json:
        """The ack; a `slow_ack` fault holds it back, past the 3 s if it is long enough."""
        fault = self._faults.take(ACKS, envelope=kind)
        started = asyncio.get_running_loop().time()
        ack = await self._transport.deliver(kind, payload, retry=retry, reason=reason)
        if fault is not None:
            left_s = limits.ACK_S.number - (asyncio.get_running_loop().time() - started)
            await self._sleep(min(fault.delay_s, max(0.0, left_s)))
            if fault.delay_s > left_s:
                raise AckTimeout
        return ack

    async def _quietly(self, payload: Json) -> None:
        with contextlib.suppress(NotDelivered):  # nobody waits for it; the traffic record has it
            await self._deliver("interactive", payload)

    async def _deliver_event(self, inner: Json) -> None:
        await self._repeat(payloads.event(self._workspace, inner))

    async def _repeat(self, payload: Json) -> None:
        """Deliver an event, up to three times more where it is not acked."""
        reason = ""
        for attempt in range(limits.EVENT_RETRIES.number + 1):
            if attempt:
                await self._sleep(_RETRY_AFTER_S[attempt - 1])
            try:
                await self._deliver("events_api", payload, retry=attempt, reason=reason)
            except NotDelivered as error:
                if not error.again:
                    return
                reason = error.reason
            else:
                return
