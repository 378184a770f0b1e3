"""What has happened in the workspace, numbered, for whoever watches it (the control API's `wait`, a page)."""

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import takewhile

from bot.playground.records import Json

_KEPT = 20_000


class Feed:
    """A numbered list of happenings; the oldest are forgotten past 20,000. Numbers start at 1."""

    def __init__(self) -> None:
        self._entries: deque[Json] = deque(maxlen=_KEPT)
        self._last = 0
        self._waiting: set[asyncio.Future[None]] = set()
        self.on_add: Callable[[], None] = lambda: None

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
        self.on_add()

    def after(self, number: int) -> list[Json]:
        """The entries after `number`, oldest first."""
        return list(takewhile(lambda entry: entry["n"] > number, reversed(self._entries)))[::-1]

    def has_all_after(self, number: int) -> bool:
        """Whether nothing that came after `number` has been forgotten."""
        return self._last - len(self._entries) <= number <= self._last

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
