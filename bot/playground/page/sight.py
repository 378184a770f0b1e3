"""What one person may see of the workspace. All that the page is told comes from here."""

from dataclasses import asdict

from bot.playground.errors import PersonError
from bot.playground.records import Channel, Ephemeral, Json, Message, Person, View
from bot.playground.view_store import shown
from bot.playground.workspace import Workspace


class Sight:
    """A workspace seen by people: their channels, messages, modals, and nobody else's."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def person(self, user: object) -> Person:
        """Somebody who can act. Raises PersonError."""
        person = self._workspace.people.get(str(user))
        if person is None or person.is_bot:
            known = ", ".join(one.id for one in self._workspace.people.values() if not one.is_bot)
            raise PersonError("no_such_person", f"there is no person {user!r}; there are {known}")
        return person

    def may_see(self, user: str, channel: Channel) -> bool:
        """Public channels are seen by all; private ones and direct messages by those in them."""
        return user in channel.members or not (channel.is_private or channel.is_direct)

    def channel(self, user: str, channel_id: object) -> Channel:
        """A channel that the person may see. Raises PersonError."""
        channel = self._workspace.channels.get(str(channel_id))
        if channel is None or not self.may_see(user, channel):
            raise PersonError("no_such_channel", f"{user} sees no channel {channel_id!r}")
        return channel

    def channels(self, user: str) -> list[Json]:
        every = self._workspace.channels.values()
        return [self.shown_channel(user, channel) for channel in every if self.may_see(user, channel)]

    def shown_channel(self, user: str, channel: Channel) -> Json:
        """The channel with how much of it the person has not read."""
        unread = self._workspace.reads.unread(user, channel)
        newest = next(self._workspace.messages.before(channel.id, None), None)
        others = [member for member in channel.members if member != user]
        is_im = channel.is_im or channel.im_user is not None
        return {
            "id": channel.id,
            "name": channel.name,
            "is_private": channel.is_private,
            "is_archived": channel.is_archived,
            "is_im": is_im,
            "is_mpim": channel.is_mpim,
            "im_user": (others or [user])[0] if is_im else None,
            "members": channel.members,
            "is_member": user in channel.members,
            "topic": channel.topic,
            "purpose": channel.purpose,
            "last_read": self._workspace.reads.last_read(user, channel.id),
            "unread": unread.messages,
            "mentions": unread.mentions,
            "latest": None if newest is None else newest.ts,
        }

    def message(self, message: Message) -> Json:
        return self._workspace.shown(message) | {"channel": message.channel}

    def ephemeral(self, ephemeral: Ephemeral) -> Json:
        """A message that only its person sees, in the form of a message of the app."""
        app = self._workspace.app
        body = {"type": "message", "user": app.bot_user, "bot_id": app.bot_id, "app_id": app.id}
        content = asdict(ephemeral)
        for name in ("deleted", "user"):
            del content[name]
        return body | content | {"ephemeral": True}

    def ephemerals(self, user: str, channel_id: str, thread_ts: str | None) -> list[Ephemeral]:
        """What only this person sees in the channel's top level or in a thread, oldest first."""
        return [
            one
            for one in self._workspace.messages.ephemerals
            if (one.user, one.channel, one.thread_ts) == (user, channel_id, thread_ts) and not one.deleted
        ]

    def views(self, user: str) -> list[Json]:
        """The person's open modals, the one on top last."""
        return [self._view(view) for view in self._workspace.views.stack(user)]

    def home(self, user: str) -> Json | None:
        home = self._workspace.views.home(user)
        return None if home is None else self._view(home)

    def _view(self, view: View) -> Json:
        return shown(view, self._workspace.app, self._workspace.team)
