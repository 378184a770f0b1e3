"""An app that answers from a list: stands where the sockets are, under the same protocol."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar

from bot.playground.acting import Acting
from bot.playground.delivery import Delivery
from bot.playground.faults import FaultPlan
from bot.playground.forms import Forms
from bot.playground.records import Json
from bot.playground.transport import AckTimeout, NoSocket
from tests.unit.bot.playground.builders import Stage

T = TypeVar("T")


class ScriptedApp:
    """Acks each envelope with the next of `acks` (None: never acks); without one, with nothing."""

    def __init__(self) -> None:
        self.acks: list[Json | None] = []
        self.received: list[tuple[str, Json, int]] = []
        self.connected = True
        self.on_receive: Callable[[Json], None] = lambda _payload: None

    async def deliver(self, kind: str, payload: Json, *, retry: int = 0, reason: str = "") -> Json:
        if not self.connected:
            raise NoSocket
        self.received.append((kind, payload, retry))
        self.on_receive(payload)
        ack = self.acks.pop(0) if self.acks else {}
        if ack is None:
            raise AckTimeout
        return ack

    @property
    def last(self) -> Json:
        return self.received[-1][1]


class People(Stage):
    """A stage with people who act and a scripted app."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.app = ScriptedApp()
        self.faults = FaultPlan()
        self.naps: list[float] = []
        self.delivery = Delivery(self.workspace, self.app, self.faults, sleep=self._nap)
        self.acting = Acting(self.workspace, self.delivery)
        self.forms = Forms(self.workspace, self.acting, self.delivery)

    async def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)

    def run(self, doing: Coroutine[object, object, T]) -> T:
        """Run to the end, with all deliveries that were started on the way."""

        async def whole() -> T:
            self.workspace.emit = self.delivery.emit
            result = await doing
            await self.delivery.idle()
            return result

        return asyncio.run(whole())
