"""What people do among themselves: read, react, edit, delete, open conversations, share files."""

import re
import secrets

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.routing import Route

from bot.playground import changing, limits, typed
from bot.playground.acting import Acting
from bot.playground.directs import MOST, open_direct
from bot.playground.errors import PersonError, SlackError
from bot.playground.json_verbs import Verb, json_endpoint, names, required
from bot.playground.page.sight import Sight
from bot.playground.records import Json, Message, StoredFile
from bot.playground.workspace import Workspace

_TS = re.compile(r"[0-9]{10}\.[0-9]{6}")


class Conversing:
    """Verbs of the control API that reach the app as events, if at all. Refusals are PersonError."""

    def __init__(self, workspace: Workspace, acting: Acting) -> None:
        self._workspace = workspace
        self._acting = acting
        self._sight = Sight(workspace)

    def routes(self) -> list[Route]:
        verbs: dict[str, Verb] = {
            "read": self.read,
            "react": self.react,
            "edit": self.edit,
            "delete": self.delete,
            "open": self.open,
            "dismiss": self.dismiss,
        }
        return [
            *(
                Route(f"/control/{name}", json_endpoint(verb), methods=["POST"])
                for name, verb in verbs.items()
            ),
            Route("/control/upload", json_endpoint(self.upload, read=_read_form), methods=["POST"]),
        ]

    async def read(self, asked: Json) -> Json:
        """Mark a channel as read up to a message."""
        user = self._sight.person(required(asked, "user")).id
        channel = self._acting.channel_of(user, required(asked, "channel"))
        ts = required(asked, "ts")
        if not _TS.fullmatch(ts):
            raise PersonError("invalid_ts", f"{ts!r} is no ts of a message")
        self._workspace.reads.mark(user, channel.id, min(ts, self._workspace.new_ts()))
        return {"channel": self._sight.shown_channel(user, channel)}

    async def react(self, asked: Json) -> Json:
        """Add a reaction, or with `remove` take one's own back."""
        user, message = self._message(asked, "message_ts")
        do = changing.take_back if asked.get("remove") else changing.react
        try:
            do(self._workspace, user, message, required(asked, "name"))
        except SlackError as error:
            raise PersonError(error.code, f"{user} cannot react with {asked['name']!r}: {error}") from error
        return {"reactions": self._workspace.shown(message).get("reactions", [])}

    async def edit(self, asked: Json) -> Json:
        user, message = self._message(asked, "ts")
        if message.user != user:
            raise PersonError("cant_update_message", f"{message.ts} was written by {message.user}")
        block = self._acting.typed(required(asked, "text"), mentions=bool(asked.get("mentions")))
        before = self._workspace.shown(message, metadata=True)
        message.text, message.blocks = typed.escaped(block), [block | {"block_id": _block_id(message)}]
        message.edited = {"user": user, "ts": self._workspace.new_ts()}
        message.edits += 1
        changing.keep_change(self._workspace, message, before)
        return {"ts": message.ts}

    async def delete(self, asked: Json) -> Json:
        """Delete one's own message; administrators may delete everybody's."""
        user, message = self._message(asked, "ts")
        if message.user != user and not self._workspace.people[user].is_admin:
            raise PersonError("cant_delete_message", f"{message.ts} was written by {message.user}")
        changing.remove(self._workspace, message)
        return {}

    async def open(self, asked: Json) -> Json:
        """A direct message with one person or the app, or a group message with several."""
        user = self._sight.person(required(asked, "user")).id
        others = names(asked, "users")
        members = [user, *others]
        if not others or len(set(members)) > MOST:
            raise PersonError("users_list", f"users must name 1 to {MOST - 1} others, got {others!r}")
        try:
            channel = open_direct(self._workspace, members)
        except SlackError as error:
            raise PersonError("no_such_person", f"one of {others!r} is not in the workspace") from error
        return {"channel": self._sight.shown_channel(user, channel)}

    async def dismiss(self, asked: Json) -> Json:
        """Put away a message that is only visible to this person."""
        user, channel, ts = (required(asked, name) for name in ("user", "channel", "ts"))
        ephemeral = self._workspace.messages.ephemeral(user, channel, ts)
        if ephemeral is None:
            raise PersonError("no_such_message", f"{user} sees no ephemeral message {ts} in {channel}")
        ephemeral.deleted = True
        self._workspace.feed.add("ephemeral", channel=channel, user=user, ts=ts)
        return {}

    async def upload(self, asked: Json) -> Json:
        """A person shares a file, with words to it if they like; without a channel it is for a form."""
        user, upload = required(asked, "user"), asked.get("file")
        if not isinstance(upload, UploadFile) or not upload.filename:
            raise PersonError("missing", "file is missing: send it as a part of multipart/form-data")
        target = self._target(self._sight.person(user).id, asked) if asked.get("channel") else None
        content = await upload.read()
        await upload.close()
        if not 0 < len(content) <= limits.FILE_BYTES.number:
            raise PersonError("invalid_file", f"{upload.filename} has {len(content)} bytes")
        record = self._store(user, upload.filename, content)
        record.share_to = target
        self._workspace.settle()
        places = self._workspace.files.places(record.id)
        return {"file": self._workspace.shown_file(record), "ts": places[0][1] if places else None}

    def _target(self, user: str, asked: Json) -> Json:
        """Where the file goes, and the words that go with it."""
        channel = self._acting.channel_of(user, required(asked, "channel"))
        thread_ts = asked.get("thread_ts") or None
        self._acting.check_thread(channel, thread_ts)
        comment = self._acting.typed(str(asked.get("text") or ""), mentions=bool(asked.get("mentions")))
        return {
            "channel": channel.id,
            "thread_ts": thread_ts,
            "initial_comment": typed.escaped(comment),
            "blocks": [comment] if asked.get("text") else [],
        }

    def _store(self, user: str, name: str, content: bytes) -> StoredFile:
        now = self._workspace.clock()
        record = StoredFile(
            id=self._workspace.new_id("F"),
            name=name,
            length=len(content),
            user=user,
            created=now,
            ready_at=now,
            group=secrets.token_hex(8),
        )
        self._workspace.files.add(record)
        self._workspace.files.receive(record.id, content)
        return record

    def _message(self, asked: Json, name: str) -> tuple[str, Message]:
        """Who asks, and the message that they see in a channel they are in."""
        user = self._sight.person(required(asked, "user")).id
        channel = self._acting.channel_of(user, required(asked, "channel"))
        message = self._workspace.messages.find(channel.id, required(asked, name))
        if message is None:
            raise PersonError("no_such_message", f"{user} sees no message {asked[name]} in {channel.id}")
        return user, message


def _block_id(message: Message) -> str:
    """An edited message keeps its block's id, as its rich text is the same block."""
    return str(message.blocks[0]["block_id"]) if message.blocks else "text"


async def _read_form(request: Request) -> Json:
    form: FormData = await request.form(max_part_size=limits.FILE_BYTES.number)
    return dict(form)
