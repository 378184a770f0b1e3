"""Messages of the workspace: kept by channel, found by ts, shown as Slack shows them."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict

from bot.playground.errors import SlackError
from bot.playground.feed import Feed
from bot.playground.journal import Journal
from bot.playground.records import App, Ephemeral, Json, Message, Team

_PAST_BLOCKS = 500


class MessageStore:
    """Messages and ephemerals. Not thread-safe: one event loop owns the workspace."""

    def __init__(self, journal: Journal, feed: Feed) -> None:
        self._journal = journal
        self._feed = feed
        self._by_channel: dict[str, dict[str, Message]] = {}
        self._top: dict[str, list[str]] = {}
        self._replies: dict[tuple[str, str], list[str]] = {}
        self._deletions: dict[str, int] = {}
        self._past: dict[tuple[str, str], deque[Json]] = {}
        self.ephemerals: list[Ephemeral] = []

    def restore(self, data: Json) -> None:
        self._put(Message(**data))

    def add(self, message: Message) -> Message:
        self._put(message)
        self._keep(message, "message")
        return message

    def changed(self, message: Message, kind: str = "message_changed") -> None:
        """Keep a change that was made to this record."""
        self._keep(message, kind)

    def remember_blocks(self, message: Message) -> None:
        """Keep what the message shows before it changes: somebody may still have it on the screen."""
        past = self._past.setdefault((message.channel, message.ts), deque(maxlen=_PAST_BLOCKS))
        past.extendleft(reversed(message.blocks))

    def past_blocks(self, channel: str, ts: str) -> list[Json]:
        """Blocks the message had before, the newest first. A restart forgets them."""
        return list(self._past.get((channel, ts), ()))

    def add_ephemeral(self, ephemeral: Ephemeral) -> Ephemeral:
        self.ephemerals.append(ephemeral)
        self._feed.add("ephemeral", channel=ephemeral.channel, user=ephemeral.user, ts=ephemeral.ts)
        return ephemeral

    def find(self, channel: str, ts: str) -> Message | None:
        message = self._by_channel.get(channel, {}).get(ts)
        return None if message is None or message.deleted else message

    def get(self, channel: str, ts: str) -> Message:
        message = self.find(channel, ts)
        if message is None:
            raise SlackError("message_not_found")
        return message

    def ephemeral(self, user: str, channel: str, ts: str) -> Ephemeral | None:
        for ephemeral in self.ephemerals:
            if (ephemeral.user, ephemeral.channel, ephemeral.ts) == (user, channel, ts):
                return None if ephemeral.deleted else ephemeral
        return None

    def in_channel(self, channel: str) -> Iterator[Message]:
        """All messages of the channel, replies included, oldest first."""
        return (message for message in self._by_channel.get(channel, {}).values() if not message.deleted)

    def top_level(self, channel: str) -> Iterator[Message]:
        return self.after(channel, "")

    def before(self, channel: str, ts: str | None) -> Iterator[Message]:
        """The channel's top level, newest first: all of it, or what is older than `ts`."""
        order = self._top.get(channel, [])
        start = len(order) if ts is None else bisect_left(order, ts)
        return self._present(channel, (order[index] for index in range(start - 1, -1, -1)))

    def after(self, channel: str, ts: str) -> Iterator[Message]:
        """The channel's top level from `ts` on, oldest first."""
        order = self._top.get(channel, [])
        return self._present(channel, (order[index] for index in range(bisect_left(order, ts), len(order))))

    def since(self, channel: str, ts: str) -> Iterator[Message]:
        """What came after `ts`, replies included, newest first."""
        for message in reversed(self._by_channel.get(channel, {}).values()):
            if message.ts <= ts:
                return
            if not message.deleted:
                yield message

    def deletions(self, channel: str) -> int:
        """How many messages of the channel have been deleted since the start."""
        return self._deletions.get(channel, 0)

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        found = (self.find(channel, ts) for ts in self._replies.get((channel, thread_ts), ()))
        return [message for message in found if message is not None]

    def _put(self, message: Message) -> None:
        known = self._by_channel.setdefault(message.channel, {})
        is_new = message.ts not in known
        known[message.ts] = message
        if is_new and message.thread_ts is not None:
            self._replies.setdefault((message.channel, message.thread_ts), []).append(message.ts)
        if is_new and (message.thread_ts is None or message.reply_broadcast):
            self._top.setdefault(message.channel, []).append(message.ts)

    def _present(self, channel: str, order: Iterator[str]) -> Iterator[Message]:
        found = (self.find(channel, ts) for ts in order)
        return (message for message in found if message is not None)

    def _keep(self, message: Message, kind: str) -> None:
        if message.deleted:
            self._deletions[message.channel] = self.deletions(message.channel) + 1
        self._journal.write("message", asdict(message))
        self._feed.add(kind, channel=message.channel, ts=message.ts, thread_ts=message.thread_ts)


def bot_profile(app: App, team: Team) -> Json:
    return {
        "id": app.bot_id,
        "app_id": app.id,
        "user_id": app.bot_user,
        "name": app.name,
        "icons": {},
        "deleted": False,
        "updated": 0,
        "team_id": team.id,
    }


def shown(message: Message, store: MessageStore, app: App, team: Team, files: list[Json]) -> Json:
    """The message as the Web API and the events show it, without its metadata."""
    body: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": team.id,
    }
    if message.subtype is not None:
        body["subtype"] = message.subtype
    if message.bot_id is not None:
        body |= {"bot_id": message.bot_id, "app_id": message.app_id, "bot_profile": bot_profile(app, team)}
    for name in ("blocks", "attachments", "edited"):
        if getattr(message, name):
            body[name] = getattr(message, name)
    if files:
        body |= {"files": files, "upload": False}
    if message.reactions:
        body["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ]
    return body | _thread(message, store)


def _thread(message: Message, store: MessageStore) -> Json:
    if message.thread_ts is not None:
        parent = store.find(message.channel, message.thread_ts)
        return {
            "thread_ts": message.thread_ts,
            **({"parent_user_id": parent.user} if parent else {}),
            **({"subtype": "thread_broadcast"} if message.reply_broadcast else {}),
        }
    replies = store.replies(message.channel, message.ts)
    if not replies:
        return {}
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": list(dict.fromkeys(reply.user for reply in replies)),
        "reply_users_count": len({reply.user for reply in replies}),
        "latest_reply": replies[-1].ts,
        "is_locked": False,
        "subscribed": False,
    }
