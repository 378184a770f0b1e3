"""How far each person has read each channel, and what has come since."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.playground.feed import Feed
from bot.playground.journal import Journal
from bot.playground.messages import MessageStore
from bot.playground.records import Channel, Json, Message, UserGroup

_MENTIONS = re.compile(r"<(@[UW]\w+|!subteam\^\w+|!channel|!here|!everyone)")
_ELEMENTS = {
    "user": ("@", "user_id"),
    "usergroup": ("!subteam^", "usergroup_id"),
    "broadcast": ("!", "range"),
}
_EVERYBODY = frozenset({"!channel", "!here", "!everyone"})
NOTHING = "0"
"""The mark of somebody who has read nothing: it is before every ts."""


@dataclass
class Unread:
    """What a person has not read: messages of the channel's top level, and messages that mention them.

    Answers in threads count as mentions only. In direct messages everything is meant for the person.
    """

    messages: int = 0
    mentions: int = 0


@dataclass
class _Counted:
    unread: Unread
    up_to: str
    deletions: int


class ReadMarks:
    """Marks by person and channel; they only move forward. Counts go on from where they were."""

    def __init__(
        self, journal: Journal, feed: Feed, messages: MessageStore, groups: Mapping[str, UserGroup]
    ) -> None:
        self._journal = journal
        self._feed = feed
        self._messages = messages
        self._groups = groups
        self._marks: dict[tuple[str, str], str] = {}
        self._counted: dict[tuple[str, str], _Counted] = {}

    def restore(self, data: Json) -> None:
        self._marks[data["user"], data["channel"]] = data["ts"]

    def last_read(self, user: str, channel: str) -> str:
        return self._marks.get((user, channel), NOTHING)

    def mark(self, user: str, channel: str, ts: str) -> None:
        """The person has read the channel up to this message."""
        if ts <= self.last_read(user, channel):
            return
        self._marks[user, channel] = ts
        self._counted.pop((user, channel), None)
        self._journal.write("read", {"user": user, "channel": channel, "ts": ts})
        self._feed.add("read", user=user, channel=channel, ts=ts)

    def unread(self, user: str, channel: Channel) -> Unread:
        """What has come since the mark; nothing for somebody who is not in the channel."""
        if user not in channel.members:
            return Unread()
        deletions = self._messages.deletions(channel.id)
        counted = self._counted.get((user, channel.id))
        if counted is None or counted.deletions != deletions:
            counted = _Counted(Unread(), self.last_read(user, channel.id), deletions)
            self._counted[user, channel.id] = counted
        names = self._names_of(user)
        newest = counted.up_to
        for message in self._messages.since(channel.id, counted.up_to):
            newest = max(newest, message.ts)
            if message.user != user:
                _count(counted.unread, message, names, is_direct=channel.is_direct)
        counted.up_to = newest
        return counted.unread

    def _names_of(self, user: str) -> frozenset[str]:
        """All by which a message can mention the person."""
        groups = {f"!subteam^{group.id}" for group in self._groups.values() if user in group.members}
        return _EVERYBODY | groups | {f"@{user}"}


def _count(unread: Unread, message: Message, names: frozenset[str], *, is_direct: bool) -> None:
    is_top_level = message.thread_ts is None or message.reply_broadcast
    unread.messages += is_top_level
    is_for_person = (is_direct and is_top_level) or not names.isdisjoint(mentioned(message))
    unread.mentions += is_for_person


def mentioned(message: Message) -> Iterator[str]:
    """Whom a message mentions: `@U…`, `!subteam^S…`, `!channel`, `!here`, `!everyone`."""
    yield from _MENTIONS.findall(message.text)
    left: list[object] = [*message.blocks, *message.attachments]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            kind = value.get("type")
            if kind == "mrkdwn":
                yield from _MENTIONS.findall(str(value.get("text")))
            elif kind in _ELEMENTS:
                sign, name = _ELEMENTS[kind]
                yield f"{sign}{value.get(name)}"
            else:
                left += [item for item in value.values() if isinstance(item, (dict, list))]
