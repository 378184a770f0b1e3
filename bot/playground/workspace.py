"""The state of the local workspace. Synchronous, with its clock as an argument; one event loop owns it."""

import secrets
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bot.playground import events
from bot.playground import files as file_records
from bot.playground import messages as message_records
from bot.playground.block_ids import with_ids
from bot.playground.checks.schema import Facts
from bot.playground.errors import SlackError
from bot.playground.feed import Feed
from bot.playground.files import FileStore
from bot.playground.journal import Journal, NoJournal
from bot.playground.messages import MessageStore
from bot.playground.people import Roster
from bot.playground.reads import ReadMarks
from bot.playground.records import App, Channel, Json, Message, Person, StoredFile, Team, UserGroup
from bot.playground.triggers import Permits
from bot.playground.view_store import ViewStore

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Workspace:
    """People, channels, messages, files and views. Every change goes to the journal and to the feed.

    `emit` takes the Events API events that a change causes; the server delivers those the app subscribes to.
    """

    def __init__(
        self,
        roster: Roster,
        clock: Callable[[], float],
        *,
        journal: Journal | None = None,
        files_folder: Path | None = None,
        emit: Callable[[Json], None] = lambda _event: None,
    ) -> None:
        self.clock = clock
        self.feed = Feed()
        self.team: Team = roster.team
        self.app: App = roster.app
        self.people: dict[str, Person] = {person.id: person for person in roster.people}
        self.channels: dict[str, Channel] = {channel.id: channel for channel in roster.channels}
        self.groups: dict[str, UserGroup] = {group.id: group for group in roster.groups}
        self.base_url = ""
        self.emit = emit
        self._journal = journal or NoJournal()
        self._last_ts = 0.0
        self.messages = MessageStore(self._journal, self.feed)
        self.reads = ReadMarks(self._journal, self.feed, self.messages, self.groups)
        self.files = FileStore(self._journal, self.feed, files_folder, clock)
        self.views = ViewStore(self._journal, self.feed, clock, self.new_id)
        self.permits = Permits(clock)
        self.facts = Facts(image_is_ready=self.files.image_is_ready)
        self._restore()

    def new_id(self, prefix: str) -> str:
        return prefix + "0" + "".join(secrets.choice(_BASE32) for _ in range(9))

    def new_ts(self) -> str:
        """A timestamp that no other message of the workspace has, later than all before it."""
        self._last_ts = max(round(self.clock(), 6), round(self._last_ts + 0.000001, 6))
        return f"{self._last_ts:.6f}"

    def close(self) -> None:
        self._journal.close()

    # People and channels

    def person(self, user_id: str) -> Person:
        person = self.people.get(user_id)
        if person is None:
            raise SlackError("user_not_found")
        return person

    def channel(self, channel_id: str) -> Channel:
        """The channel, if the app may know of it: private ones exist only for their members."""
        channel = self.channels.get(channel_id)
        if channel is None or (channel.is_private and self.app.bot_user not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def keep_person(self, person: Person) -> None:
        self.people[person.id] = person
        self._journal.write("person", asdict(person))
        self.feed.add("person", person=person.id)

    def keep_channel(self, channel: Channel) -> None:
        self.channels[channel.id] = channel
        self._journal.write("channel", asdict(channel))
        self.feed.add("channel", channel=channel.id)

    def keep_app(self) -> None:
        self._journal.write("app", asdict(self.app))

    def direct_message(self, user_id: str) -> Channel:
        """The direct message between the app and a person, made on first use."""
        self.person(user_id)
        channel_id = f"D0{user_id}"
        if channel_id not in self.channels:
            members = [user_id, self.app.bot_user]
            self.keep_channel(Channel(channel_id, "", members, im_user=user_id, created=int(self.clock())))
        return self.channels[channel_id]

    def join(self, channel: Channel, user_id: str, inviter: str | None = None) -> None:
        if user_id in channel.members:
            return
        channel.members.append(user_id)
        self.keep_channel(channel)
        event: Json = {
            "type": "member_joined_channel",
            "user": user_id,
            "channel": channel.id,
            "channel_type": "G" if channel.is_private else "C",
            "team": self.team.id,
        }
        self.emit(event | ({"inviter": inviter} if inviter else {}))

    def leave(self, channel: Channel, user_id: str) -> None:
        if user_id in channel.members:
            channel.members.remove(user_id)
            self.keep_channel(channel)
            self.feed.add("left", channel=channel.id, user=user_id)

    # Messages

    def post(self, message: Message) -> Message:
        """Put a message into its channel, with ids for its blocks, and tell the app if it listens."""
        message.blocks = with_ids(message.blocks)
        for attachment in message.attachments:
            if attachment.get("blocks"):
                attachment["blocks"] = with_ids(attachment["blocks"])
        if not self.people[message.user].is_bot:
            self.reads.mark(message.user, message.channel, message.ts)
        self.messages.add(message)
        channel = self.channels[message.channel]
        for event in events.posted(message, self.shown(message, metadata=True), channel, self.app):
            self.emit(event)
        return message

    def shown(self, message: Message, *, metadata: bool = False) -> Json:
        files = [self.shown_file(record) for record in self.files.of_message(message)]
        body = message_records.shown(message, self.messages, self.app, self.team, files)
        return body | ({"metadata": message.metadata} if metadata and message.metadata else {})

    # Files

    def shown_file(self, record: StoredFile) -> Json:
        return file_records.shown(record, self.files.is_ready(record), self.base_url, self.team.id)

    def settle(self) -> None:
        """Do what was only waiting for time to pass: share the files that have become ready."""
        self.files.announce_ready()
        for group in self.files.to_share():
            self._share(group)

    def _share(self, group: list[StoredFile]) -> None:
        target = group[0].share_to
        assert target is not None
        message = Message(
            channel=target["channel"],
            ts=self.new_ts(),
            user=group[0].user,
            text=target.get("initial_comment") or "",
            bot_id=self.app.bot_id if group[0].user == self.app.bot_user else None,
            app_id=self.app.id if group[0].user == self.app.bot_user else None,
            blocks=target.get("blocks") or [],
            thread_ts=target.get("thread_ts"),
            subtype="file_share",
            file_ids=[record.id for record in group],
        )
        for record in group:
            file_records.note_share(record, message, self.channels[message.channel].name, self.team.id)
            self.files.changed(record)
            self.emit(events.file_shared(record.id, record.user, message.channel))
        self.post(message)

    # The journal

    def _restore(self) -> None:
        readers: dict[str, Callable[[Json], None]] = {
            "message": self.messages.restore,
            "file": self.files.restore,
            "home": self.views.restore_home,
            "person": self._restore_person,
            "channel": self._restore_channel,
            "app": self._restore_app,
            "read": self.reads.restore,
        }
        for kind, data in self._journal.read():
            readers[kind](data)
            if kind == "message":
                self._last_ts = max(self._last_ts, float(data["ts"]))

    def _restore_person(self, data: Json) -> None:
        person = Person(**data)
        self.people[person.id] = person

    def _restore_channel(self, data: Json) -> None:
        channel = Channel(**data)
        self.channels[channel.id] = channel

    def _restore_app(self, data: Json) -> None:
        """Revoked tokens outlive a restart; the rest of the app comes from the manifest each time."""
        self.app.revoked_tokens = list(data["revoked_tokens"])
