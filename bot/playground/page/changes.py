"""From what has happened in the workspace to what one person's page is told of it."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TypeAlias

from bot.playground.page.sight import Sight
from bot.playground.records import Json
from bot.playground.workspace import Workspace

Touched: TypeAlias = tuple[str, ...]
"""Something that may look different now: its kind, then what names it."""

_OF_MESSAGES = frozenset({"message", "message_changed", "message_deleted", "reaction"})
_COUNTED = frozenset({"message", "message_deleted"})
_OF_PERSONS = frozenset({"ephemeral", "read", "left", "home", "views"})


class Changes:
    """Tells one person's page what is new. Events carry the present state, so each thing comes once."""

    def __init__(
        self, workspace: Workspace, sight: Sight, faults: Callable[[], Json], connection: Callable[[], Json]
    ) -> None:
        self._workspace = workspace
        self._sight = sight
        self._faults = faults
        self._connection = connection

    def since(self, number: int, user: str, tab: str = "") -> list[Json]:
        """Events for what the feed has after `number`; what was typed in `tab` is no news to it."""
        entries = [one for one in self._workspace.feed.after(number) if not tab or one.get("tab") != tab]
        touched = dict.fromkeys(name for entry in entries for name in self._touched(entry, user))
        found = (self._event(user, name) for name in touched)
        return [event for event in found if event is not None]

    def _touched(self, entry: Json, user: str) -> Iterator[Touched]:
        """What a feed entry may have changed, in the order in which the page should hear of it."""
        kind = "views" if entry["kind"].startswith("view_") else str(entry["kind"])
        if kind in _OF_PERSONS and entry["user"] != user:
            return
        if kind in _OF_MESSAGES:
            yield from self._of_message(entry, counted=kind in _COUNTED)
        elif kind == "ephemeral":
            yield "ephemeral", entry["channel"], entry["ts"]
        elif kind in ("channel", "read", "left"):
            yield "channel_gone" if kind == "left" else "channel", entry["channel"]
        elif kind in ("file", "file_ready"):
            yield from self._of_file(entry["file"])
        elif kind == "person":
            yield "person", entry["person"]
        elif kind in ("views", "home", "sockets", "faults"):
            yield (kind,)

    def _of_message(self, entry: Json, *, counted: bool) -> Iterator[Touched]:
        channel = entry["channel"]
        if counted:
            yield "channel", channel
        yield "message", channel, entry["ts"]
        if counted and entry.get("thread_ts"):
            yield "message", channel, entry["thread_ts"]

    def _of_file(self, file_id: str) -> Iterator[Touched]:
        for channel, ts in self._workspace.files.places(file_id):
            yield "message", channel, ts

    def _event(self, user: str, name: Touched) -> Json | None:
        kind, *rest = name
        if rest:
            named: dict[str, Callable[..., Json | None]] = {
                "message": self._message,
                "ephemeral": self._ephemeral,
                "channel": self._channel,
                "channel_gone": self._channel_gone,
                "person": self._person,
            }
            return named[kind](user, *rest)
        facts: dict[str, Callable[[], Json]] = {
            "views": lambda: {"kind": "views", "views": self._sight.views(user)},
            "home": lambda: {"kind": "home", "home": self._sight.home(user)},
            "sockets": lambda: {"kind": "connected", **self._connection()},
            "faults": lambda: {"kind": "faults", **self._faults()},
        }
        return facts[kind]()

    def _message(self, user: str, channel_id: str, ts: str) -> Json | None:
        channel = self._workspace.channels.get(channel_id)
        if channel is None or not self._sight.may_see(user, channel):
            return None
        message = self._workspace.messages.find(channel_id, ts)
        if message is None:
            return {"kind": "message_deleted", "channel": channel_id, "ts": ts}
        return {"kind": "message", "message": self._sight.message(message)}

    def _ephemeral(self, user: str, channel_id: str, ts: str) -> Json:
        found = self._workspace.messages.ephemeral(user, channel_id, ts)
        if found is None:
            return {"kind": "ephemeral_deleted", "channel": channel_id, "ts": ts}
        return {"kind": "ephemeral", "message": self._sight.ephemeral(found)}

    def _channel(self, user: str, channel_id: str) -> Json | None:
        channel = self._workspace.channels[channel_id]
        if not self._sight.may_see(user, channel):
            return None
        return {"kind": "channel", "channel": self._sight.shown_channel(user, channel)}

    def _person(self, _user: str, person_id: str) -> Json:
        return {"kind": "person", "person": asdict(self._workspace.people[person_id])}

    def _channel_gone(self, user: str, channel_id: str) -> Json | None:
        """To who left a private channel: that they see it no more."""
        if self._sight.may_see(user, self._workspace.channels[channel_id]):
            return None
        return {"kind": "channel_gone", "channel": channel_id}
