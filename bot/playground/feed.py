"""What has happened in the workspace, numbered, for whoever watches it (the control API's `wait`, a page)."""

import asyncio
from collections import deque

from bot.playground.records import Json

_KEPT = 20_000


class Feed:
    """A numbered list of happenings; the oldest are forgotten past 20,000. Numbers start at 1."""

    def __init__(self) -> None:
        self._entries: deque[Json] = deque(maxlen=_KEPT)
        self._last = 0
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def last(self) -> int:
        return self._last

    def add(self, kind: str, **facts: object) -> None:
        self._last += 1
        self._entries.append({"n": self._last, "kind": kind, **facts})
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    def after(self, number: int) -> list[Json]:
        return [entry for entry in self._entries if entry["n"] > number]

    async def wait(self, number: int, timeout_s: float) -> list[Json]:
        """The entries after `number`, as soon as there is one; an empty list after `timeout_s` seconds."""
        if self._last <= number:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(waiter)
            try:
                await asyncio.wait_for(waiter, timeout_s)
            except TimeoutError:
                self._waiting.discard(waiter)
        return self.after(number)
