"""People who write to each other, and how they are refused."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bot.playground.conversing import Conversing
from bot.playground.errors import PersonError
from bot.playground.records import Json
from tests.unit.bot.playground.app import People
from tests.unit.bot.playground.builders import EXPERIMENTS


class Town(People):
    """People who write to each other; every event reaches `events`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.verbs = Conversing(self.workspace, self.acting)

    def do(
        self, verb: Callable[[Json], Coroutine[object, object, Json]], user: str = "UKAI", **asked: Any
    ) -> Json:
        """One verb, a second after whatever was before."""
        self.clock.now += 1
        return asyncio.run(verb({"user": user, **asked}))

    def write(self, text: str, user: str = "UKAI", channel: str = EXPERIMENTS, **rest: Any) -> str:
        self.clock.now += 1
        return self.acting.write(user, channel, text, rest.pop("thread_ts", None), **rest).ts

    def last(self, kind: str) -> Json:
        return [event for event in self.events if event["type"] == kind][-1]


def refused(code: str, doing: Callable[[], object]) -> None:
    with pytest.raises(PersonError) as caught:
        doing()
    assert caught.value.code == code, caught.value
