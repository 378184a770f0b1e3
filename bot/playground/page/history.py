"""The messages of a channel or a thread, a page at a time, as one person sees them."""

import re
from dataclasses import dataclass
from itertools import islice

from bot.playground.errors import PersonError
from bot.playground.page.sight import Sight
from bot.playground.records import Json, Message
from bot.playground.workspace import Workspace

_DEFAULT, _LARGEST = 50, 500
_NUMBER = re.compile("[0-9]{1,9}")


_END = "~"
"""Sorts after every ts."""


@dataclass(frozen=True)
class Span:
    """A stretch of messages, oldest first, and of time: from `low` to before `high`."""

    messages: list[Message]
    low: str = ""
    high: str = _END
    has_more: bool = False
    has_newer: bool = False


class History:
    """`GET /page/messages`: a channel's top level, or with `thread_ts` a thread with its parent first.

    Without more it is the newest; `before` and `after` (ts) lead on from there, `around` shows a message
    amid its neighbours. Ephemeral messages of the person stand among the others.
    """

    def __init__(self, workspace: Workspace, sight: Sight) -> None:
        self._store = workspace.messages
        self._sight = sight

    async def messages(self, asked: Json) -> Json:
        user = self._sight.person(asked.get("user")).id
        channel = self._sight.channel(user, asked.get("channel"))
        thread_ts, limit = asked.get("thread_ts"), _limit(asked.get("limit", _DEFAULT))
        span = self._thread(channel.id, thread_ts) if thread_ts else self._top_level(channel.id, asked, limit)
        shown = [self._sight.message(message) for message in span.messages]
        shown += [
            self._sight.ephemeral(ephemeral)
            for ephemeral in self._sight.ephemerals(user, channel.id, thread_ts or None)
            if span.low <= ephemeral.ts < span.high
        ]
        shown.sort(key=lambda message: str(message["ts"]))
        return {"messages": shown, "has_more": span.has_more, "has_newer": span.has_newer}

    def _thread(self, channel: str, thread_ts: str) -> Span:
        parent = self._store.find(channel, thread_ts)
        return Span([*([parent] if parent else []), *self._store.replies(channel, thread_ts)])

    def _top_level(self, channel: str, asked: Json, limit: int) -> Span:
        if asked.get("around"):
            ts = str(asked["around"])
            return self._stretch(channel, ts, older=limit // 2, newer=limit - limit // 2)
        if asked.get("after"):
            return self._stretch(channel, str(asked["after"]) + _END, older=0, newer=limit)
        return self._stretch(channel, asked.get("before"), older=limit, newer=0)

    def _stretch(self, channel: str, ts: str | None, *, older: int, newer: int) -> Span:
        """So many messages before `ts` (None: before now) and so many from it on."""
        before = list(islice(self._store.before(channel, ts), older + 1))
        after = [] if ts is None else list(islice(self._store.after(channel, ts), newer + 1))
        has_more, has_newer = len(before) > older, len(after) > newer
        shown = [*before[:older][::-1], *after[:newer]]
        low = (shown[0].ts if older and shown else ts or "") if has_more else ""
        return Span(shown, low, after[newer].ts if has_newer else _END, has_more, has_newer)


def _limit(given: object) -> int:
    text = str(given)
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= _LARGEST:
        raise PersonError("invalid_limit", f"limit must be a number from 1 to {_LARGEST}, got {text!r}")
    return int(text)
