"""A workspace with the page's side of the server in front of it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.playground.bad_days import BadDays
from bot.playground.faults import FaultPlan
from bot.playground.page.changes import Changes
from bot.playground.page.history import History
from bot.playground.page.numbers import PageNumbers
from bot.playground.page.sight import Sight
from bot.playground.page.state import PageState
from bot.playground.records import Channel, Json, Message
from bot.playground.socket_mode import SocketHub
from bot.playground.traffic import Traffic
from tests.unit.bot.playground.builders import EXPERIMENTS, Stage

T = TypeVar("T")
CONNECTION: Json = {"connected": True, "transport": "socket", "sockets": 1}


@dataclass
class Pages(Stage):
    """A stage that is looked at by people."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.faults = FaultPlan(on_change=lambda: self.workspace.feed.add("faults"))
        hub = SocketHub(self.clock, Traffic(self.clock), self.workspace.app.id)
        to_come = BadDays(self.workspace, hub, self.faults).to_come
        self.sight = Sight(self.workspace)
        self.changes = Changes(self.workspace, self.sight, to_come, lambda: CONNECTION)
        self.history = History(self.workspace, self.sight)
        numbers = PageNumbers(self.clock.now)
        self.page_state = PageState(self.workspace, self.sight, numbers, to_come, lambda: CONNECTION)

    def state(self, user: str = "UKAI") -> Json:
        return done(self.page_state.state({"user": user}))

    def messages(self, user: str = "UKAI", channel: str = EXPERIMENTS, **asked: Any) -> Json:
        return done(self.history.messages({"user": user, "channel": channel, **asked}))

    def shown(self, user: str = "UKAI", **asked: Any) -> list[str]:
        """The texts of a page of messages, oldest first."""
        return [message["text"] for message in self.messages(user, **asked)["messages"]]

    def news(self, doing: Callable[[], object], user: str = "UKAI") -> list[Json]:
        """What the person's page is told when something is done."""
        before = self.workspace.feed.last
        doing()
        return self.changes.since(before, user)

    def say(self, text: str = "hi", user: str = "UANA", channel: str = EXPERIMENTS, **rest: Any) -> str:
        """A message of a person, a second after whatever was before; its ts."""
        self.clock.now += 1
        message = Message(channel=channel, ts=self.workspace.new_ts(), user=user, text=text, **rest)
        return self.workspace.post(message).ts

    def private(self, *members: str, channel: str = "G0SECRET") -> Channel:
        made = Channel(channel, "secret", list(members), is_private=True)
        self.workspace.keep_channel(made)
        return made


def done(verb: Coroutine[object, object, T]) -> T:
    return asyncio.run(verb)
