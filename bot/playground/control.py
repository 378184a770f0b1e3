"""The control API: tests, the demo and the page act as people through it (docs/playground.md)."""

from dataclasses import asdict
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground.acting import Acting
from bot.playground.errors import PersonError, SlackError
from bot.playground.forms import Forms
from bot.playground.json_verbs import json_endpoint, names, required
from bot.playground.line import Line
from bot.playground.records import Channel, Json, Message, Person
from bot.playground.traffic import Traffic
from bot.playground.workspace import Workspace

_LONGEST_WAIT_S = 60.0
_CHANNEL: dict[str, type] = {
    "id": str,
    "name": str,
    "members": list,
    "is_private": bool,
    "is_archived": bool,
    "topic": str,
    "purpose": str,
}
"""What can be said of a channel."""
_PERSON: dict[str, type] = {"id": str, "name": str, "real_name": str, "title": str, "is_admin": bool}
"""What can be said of a person."""
_KIND = {str: "a text", list: "a list", bool: "true or false"}


class Control:
    """Every verb takes a JSON object and gives one back; refusals are PersonError."""

    def __init__(
        self,
        workspace: Workspace,
        acting: Acting,
        forms: Forms,
        *,
        line: Line,
        traffic: Traffic,
    ) -> None:
        self._workspace = workspace
        self._acting = acting
        self._forms = forms
        self._line = line
        self._traffic = traffic

    def routes(self) -> list[Route]:
        posts = {
            "command": self.command,
            "shortcut": self.shortcut,
            "action": self.action,
            "options": self.options,
            "type": self.type,
            "submit": self.submit,
            "close": self.close,
            "message": self.message,
            "home": self.home,
            "people": self.people,
            "members": self.members,
            "channels": self.channels,
            "tokens": self.tokens,
            "app": self.app,
        }
        gets = {
            "workspace": self.workspace,
            "views": self.views,
            "channel": self.channel,
            "ephemerals": self.ephemerals,
            "traffic": self.traffic,
            "wait": self.wait,
        }
        return [
            *(
                Route(f"/control/{name}", json_endpoint(verb), methods=["POST"])
                for name, verb in posts.items()
            ),
            *(Route(f"/control/{name}", json_endpoint(verb), methods=["GET"]) for name, verb in gets.items()),
            Route("/control/files/{file_id}", self.file, methods=["GET"]),
        ]

    # Acting

    async def command(self, asked: Json) -> Json:
        channel = asked.get("channel", "C0EXPERIMENTS")
        return await self._acting.command(
            required(asked, "user"), channel, required(asked, "command"), asked.get("text", "")
        )

    async def shortcut(self, asked: Json) -> Json:
        return await self._acting.shortcut(
            required(asked, "user"),
            required(asked, "callback_id"),
            asked.get("channel"),
            asked.get("message_ts"),
        )

    async def action(self, asked: Json) -> Json:
        if asked.get("view_id"):
            return await self._forms.act(required(asked, "user"), required(asked, "view_id"), asked)
        return await self._acting.act_on_message(
            required(asked, "user"), required(asked, "channel"), required(asked, "message_ts"), asked
        )

    async def options(self, asked: Json) -> Json:
        user = required(asked, "user")
        if asked.get("view_id"):
            return await self._forms.options(user, asked)
        return await self._acting.options_of_message(
            user, required(asked, "channel"), required(asked, "message_ts"), asked
        )

    async def type(self, asked: Json) -> Json:
        """Keep what is typed into a view so far; `tab` is not told of it."""
        user, view_id = required(asked, "user"), required(asked, "view_id")
        self._forms.type(user, view_id, asked.get("state") or {}, str(asked.get("tab", "")))
        return {}

    async def submit(self, asked: Json) -> Json:
        return await self._forms.submit(
            required(asked, "user"), required(asked, "view_id"), asked.get("state") or {}
        )

    async def close(self, asked: Json) -> Json:
        return self._forms.close(
            required(asked, "user"), asked.get("view_id"), everything=bool(asked.get("everything"))
        )

    async def message(self, asked: Json) -> Json:
        message = self._acting.write(
            required(asked, "user"),
            required(asked, "channel"),
            required(asked, "text"),
            asked.get("thread_ts"),
            mentions=bool(asked.get("mentions")),
        )
        return {"ts": message.ts}

    async def home(self, asked: Json) -> Json:
        self._acting.open_home(required(asked, "user"), asked.get("tab", "home"))
        return {}

    async def people(self, asked: Json) -> Json:
        """Make a person, or change one. Nobody but the app's own user is a bot."""
        _check_kinds(asked, _PERSON)
        user = asked.get("id") or self._workspace.new_id("U")
        name = required(asked, "name")
        person = self._workspace.people.get(user) or Person(user, name, asked.get("real_name") or name)
        for field in asked.keys() & (_PERSON.keys() - {"id"}):
            setattr(person, field, asked[field])
        self._workspace.keep_person(person)
        return {"person": asdict(person)}

    async def members(self, asked: Json) -> Json:
        """Invite to a channel or remove from it; this is also how the bot gets in and out."""
        channel = self._any_channel(required(asked, "channel"))
        added, removed = self._people(asked, "add"), names(asked, "remove")
        for user in added:
            self._workspace.join(channel, user, asked.get("inviter"))
        for user in removed:
            self._workspace.leave(channel, user)
        return {"members": channel.members}

    async def channels(self, asked: Json) -> Json:
        """Make a channel, or change one (`is_archived`)."""
        _check_kinds(asked, _CHANNEL)
        self._people(asked, "members")
        channel_id = asked.get("id") or self._workspace.new_id("C")
        known = self._workspace.channels.get(channel_id)
        channel = known or Channel(channel_id, required(asked, "name"), created=int(self._workspace.clock()))
        for name in asked.keys() & (_CHANNEL.keys() - {"id"}):
            setattr(channel, name, asked[name])
        self._workspace.keep_channel(channel)
        return {"channel": asdict(channel)}

    async def tokens(self, asked: Json) -> Json:
        """Revoke tokens (`{"revoke": ["xoxb-…"]}`) or give them back (`restore`)."""
        revoked = set(self._workspace.app.revoked_tokens) | set(names(asked, "revoke"))
        self._workspace.app.revoked_tokens = sorted(revoked - set(names(asked, "restore")))
        self._workspace.keep_app()
        return {}

    async def app(self, asked: Json) -> Json:
        """Change the app's scopes, events or commands."""
        given = {name: names(asked, name) for name in ("scopes", "events", "commands") if name in asked}
        for name, value in given.items():
            setattr(self._workspace.app, name, value)
        app = self._workspace.app
        return {"scopes": app.scopes, "events": app.events, "commands": app.commands}

    # Looking

    async def workspace(self, _asked: Json) -> Json:
        return {
            "team": asdict(self._workspace.team),
            "people": [asdict(person) for person in self._workspace.people.values()],
            "channels": [asdict(channel) for channel in self._workspace.channels.values()],
            "groups": [asdict(group) for group in self._workspace.groups.values()],
            **self._line.shown(),
        }

    async def views(self, asked: Json) -> Json:
        """The person's open modals, the one on top last, and the Home tab."""
        user = required(asked, "user")
        home = self._workspace.views.home(user)
        return {
            "views": [self._forms.shown(view) for view in self._workspace.views.stack(user)],
            "home": None if home is None else self._forms.shown(home),
        }

    async def channel(self, asked: Json) -> Json:
        """Messages oldest first: a channel's top level, or with `thread_ts` a thread with its parent."""
        channel = self._any_channel(required(asked, "channel"))
        store = self._workspace.messages
        thread_ts = asked.get("thread_ts")
        if thread_ts:
            parent = store.find(channel.id, thread_ts)
            found = [*([parent] if parent else []), *store.replies(channel.id, thread_ts)]
        else:
            found = list(store.top_level(channel.id))
        return {"messages": [self._seen(message) for message in found]}

    async def ephemerals(self, asked: Json) -> Json:
        user = required(asked, "user")
        seen = [asdict(e) for e in self._workspace.messages.ephemerals if e.user == user and not e.deleted]
        return {"ephemerals": [one for one in seen if asked.get("channel") in (None, one["channel"])]}

    async def traffic(self, asked: Json) -> Json:
        return {"traffic": self._traffic.after(int(asked.get("after", 0)), asked.get("name"))}

    async def wait(self, asked: Json) -> Json:
        """What has happened after number `after`; waits up to `timeout_s` seconds when nothing has."""
        timeout_s = min(float(asked.get("timeout_s", 10)), _LONGEST_WAIT_S)
        events = await self._workspace.feed.wait(int(asked.get("after", 0)), timeout_s)
        return {"events": events, "last": self._workspace.feed.last}

    async def file(self, request: Request) -> Response:
        try:
            record = self._workspace.files.get(request.path_params["file_id"])
            content = self._workspace.files.content(record.id)
        except SlackError as error:
            return JSONResponse(error.body(), status_code=404)
        shown = self._workspace.shown_file(record)
        headers = {
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(record.name, safe='')}",
            "Content-Security-Policy": "sandbox",  # a shared HTML file must not act as the page
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, max-age=3600",
        }
        return Response(content, media_type=shown["mimetype"] or "application/octet-stream", headers=headers)

    def _any_channel(self, channel_id: str) -> Channel:
        channel = self._workspace.channels.get(channel_id)
        if channel is None:
            known = ", ".join(self._workspace.channels)
            raise PersonError("no_such_channel", f"there is no channel {channel_id!r}; there are {known}")
        return channel

    def _people(self, asked: Json, name: str) -> list[str]:
        """People who are in the workspace, by id. Raises PersonError."""
        users = names(asked, name)
        for user in users:
            if user not in self._workspace.people:
                known = ", ".join(self._workspace.people)
                raise PersonError("no_such_person", f"there is no person {user!r}; there are {known}")
        return users

    def _seen(self, message: Message) -> Json:
        return self._workspace.shown(message, metadata=True) | {
            "edits": message.edits,
            "channel": message.channel,
        }


def _check_kinds(asked: Json, known: dict[str, type]) -> None:
    for name, kind in known.items():
        if not isinstance(asked.get(name, kind()), kind):
            raise PersonError("bad_request", f"{name} must be {_KIND[kind]}, got {asked[name]!r:.60}")
