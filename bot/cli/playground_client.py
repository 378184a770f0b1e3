"""Acts as people in a playground, over its control API: for the demo and for end-to-end tests."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

import httpx

from bot.cli.playground_seen import Json, SeenMessage, SeenView

T = TypeVar("T")

_EXPERIMENTS = "C0EXPERIMENTS"
_LONG_POLL_S = 5.0


class PlaygroundError(Exception):
    """The playground refused what a person asked for; `errors` are its messages per block of a form."""

    def __init__(self, code: str, message: str, errors: Mapping[str, str]) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.errors = dict(errors)


class NeverHappened(AssertionError):
    """What was waited for did not come in time."""


@dataclass(frozen=True)
class Submission:
    """What came of a submitted form: `response_action` is None when it closed."""

    response_action: str | None
    errors: Mapping[str, str]
    view: SeenView | None


class PlaygroundClient:
    """One playground, any number of people. Use it as a context manager, or close it."""

    def __init__(self, base_url: str, *, timeout_s: float = 20.0) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def command(self, user: str, command: str, text: str = "", *, channel: str = _EXPERIMENTS) -> None:
        """Type a slash command. Raises PlaygroundError when the app does not answer within 3 s."""
        self._post("command", user=user, channel=channel, command=command, text=text)

    def shortcut(self, user: str, callback_id: str, *, message: SeenMessage | None = None) -> None:
        """Run a global shortcut, or with a message a message shortcut."""
        where = {} if message is None else {"channel": message.channel, "message_ts": message.ts}
        self._post("shortcut", user=user, callback_id=callback_id, **where)

    def press(self, user: str, message: SeenMessage, action_id: str) -> None:
        """Press a button of a message as it was seen, even if the message has changed since."""
        button = message.button(action_id)
        self._post(
            "action",
            user=user,
            channel=message.channel,
            message_ts=message.ts,
            action_id=action_id,
            block_id=button.block_id,
            value=button.value or None,
            stale=True,
        )

    def act(self, user: str, view: SeenView, action_id: str, value: object = None) -> None:
        """Press, choose or type in a view; inputs with dispatch_action tell the app at once."""
        block_id = view.input_block(action_id)
        self._post("action", user=user, view_id=view.id, action_id=action_id, block_id=block_id, value=value)

    def options(self, user: str, seen: SeenView | SeenMessage, action_id: str, typed: str = "") -> list[Json]:
        """What an external select of a view or a message offers for what was typed."""
        asked = {"block_id": seen.input_block(action_id), "action_id": action_id, "value": typed}
        answer = self._post("options", user=user, **seen.place, **asked)
        options: list[Json] = answer["options"]
        return options

    def submit(self, user: str, view: SeenView, values: Mapping[str, object] | None = None) -> Submission:
        """Fill in `values` (action_id -> value) and submit.

        A value is a text, an option's value, an id, a date, or a list of them. Raises PlaygroundError
        `invalid_input` when Slack's client would not submit (a required field is empty, ...).
        """
        answer = self._post("submit", user=user, view_id=view.id, state=_state(view, values or {}))
        shown = SeenView(answer["view"]) if answer.get("view") else None
        return Submission(answer["response_action"], answer.get("errors") or {}, shown)

    def close_view(self, user: str, view: SeenView | None = None) -> None:
        """Close the modal on top, or this one."""
        self._post("close", user=user, view_id=None if view is None else view.id)

    def write(
        self,
        user: str,
        text: str,
        *,
        channel: str = _EXPERIMENTS,
        thread_ts: str | None = None,
        mentions: bool = False,
    ) -> str:
        """Write a message; its ts. With `mentions` the text is escaped, and `<@U…>` in it are people."""
        asked = {"channel": channel, "text": text, "thread_ts": thread_ts, "mentions": mentions or None}
        return str(self._post("message", user=user, **asked)["ts"])

    def edit(self, user: str, message: SeenMessage, text: str) -> None:
        """Change one's own message."""
        self._post("edit", user=user, channel=message.channel, ts=message.ts, text=text)

    def delete(self, user: str, message: SeenMessage) -> None:
        """Delete one's own message; administrators may delete everybody's."""
        self._post("delete", user=user, channel=message.channel, ts=message.ts)

    def react(self, user: str, message: SeenMessage, name: str, *, remove: bool = False) -> None:
        """Add a reaction by its emoji's name, or take one's own back."""
        where = {"channel": message.channel, "message_ts": message.ts}
        self._post("react", user=user, **where, name=name, remove=remove or None)

    def read(self, user: str, message: SeenMessage) -> None:
        """Mark the message's channel as read up to it."""
        self._post("read", user=user, channel=message.channel, ts=message.ts)

    def hire(self, user: str, name: str, title: str, *, channel: str = _EXPERIMENTS) -> None:
        """A new person in the workspace and in a channel."""
        self._post("people", id=user, name=name.lower(), real_name=name, title=title)
        self._post("members", channel=channel, add=[user])

    def open_conversation(self, user: str, *others: str) -> str:
        """A direct message with the app or one person, a group message with several; its channel id."""
        return str(self._post("open", user=user, users=list(others))["channel"]["id"])

    def upload(
        self, user: str, name: str, content: bytes, *, channel: str = _EXPERIMENTS, thread_ts: str = ""
    ) -> str:
        """Share a file; the ts of its message."""
        fields = {"user": user, "channel": channel, "thread_ts": thread_ts}
        answer = self._http.post("/control/upload", data=fields, files={"file": (name, content)})
        return str(_answer(answer)["ts"])

    def dismiss(self, user: str, message: SeenMessage) -> None:
        """Put away a message that only this person sees."""
        self._post("dismiss", user=user, channel=message.channel, ts=message.ts)

    def type(self, user: str, view: SeenView, values: Mapping[str, object]) -> None:
        """Type into a view (action_id -> value) without submitting; the app hears nothing."""
        self._post("type", user=user, view_id=view.id, state=_state(view, values))

    def open_home(self, user: str) -> None:
        self._post("home", user=user)

    def fault(self, kind: str, **facts: object) -> None:
        """Plan a fault: see docs/playground.md for the kinds."""
        self._post("fault", kind=kind, **facts)

    def request_url(self, url: str) -> None:
        """Reach the app over signed HTTP requests to this address; an empty one goes back to sockets."""
        self._post("request_url", url=url)

    def views(self, user: str) -> tuple[SeenView, ...]:
        """The person's open modals, the one on top last."""
        return tuple(map(SeenView, self._get("views", user=user)["views"]))

    def home(self, user: str) -> SeenView | None:
        home = self._get("views", user=user)["home"]
        return None if home is None else SeenView(home)

    def messages(
        self, channel: str = _EXPERIMENTS, *, thread_ts: str | None = None
    ) -> tuple[SeenMessage, ...]:
        """The channel's top level, or a thread with its parent; oldest first."""
        asked = {"channel": channel} | ({} if thread_ts is None else {"thread_ts": thread_ts})
        return tuple(map(SeenMessage, self._get("channel", **asked)["messages"]))

    def ephemerals(self, user: str) -> tuple[SeenMessage, ...]:
        """What only this person sees, oldest first."""
        return tuple(map(SeenMessage, self._get("ephemerals", user=user)["ephemerals"]))

    def file(self, file_id: str) -> bytes:
        answer = self._http.get(f"/control/files/{file_id}")
        answer.raise_for_status()
        return answer.content

    def traffic(self, name: str | None = None, *, after: int = 0) -> Sequence[Json]:
        """What passed between app and playground; `name` is a Web API method or an envelope's type."""
        asked = {"after": after} | ({} if name is None else {"name": name})
        entries: list[Json] = self._get("traffic", **asked)["traffic"]
        return entries

    def sockets(self) -> int:
        """How many sockets the app has open."""
        return int(self._get("workspace")["sockets"])

    def connected(self) -> bool:
        """Whether the app is there: a socket of it is open, or its address has answered."""
        return bool(self._get("workspace")["connected"])

    def wait_for(self, find: Callable[[], T | None], what: str, *, timeout_s: float = 10.0) -> T:
        """The first thing that `find` finds, looked for again whenever something happens.

        Raises NeverHappened naming `what` after `timeout_s`.
        """
        deadline = time.monotonic() + timeout_s
        seen = int(self._get("wait", after=0, timeout_s=0)["last"])
        while True:
            found = find()
            if found is not None and found is not False:
                return found
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise NeverHappened(f"{what} did not happen within {timeout_s:g} s")
            seen = int(self._get("wait", after=seen, timeout_s=min(left_s, _LONG_POLL_S))["last"])

    def wait_for_app(self, *, timeout_s: float = 20.0) -> None:
        """Wait until the app has a socket open, or answers at its address."""
        self.wait_for(lambda: self.connected() or None, "a connection of the app", timeout_s=timeout_s)

    def wait_for_view(
        self,
        user: str,
        callback_id: str | None = None,
        *,
        where: Callable[[SeenView], bool] = lambda _view: True,
        timeout_s: float = 10.0,
    ) -> SeenView:
        """The person's modal on top, once it has this callback_id and `where` holds."""

        def find() -> SeenView | None:
            views = self.views(user)
            top = views[-1] if views else None
            wanted = top is not None and callback_id in (None, top.callback_id) and where(top)
            return top if wanted else None

        return self.wait_for(find, f"a modal {callback_id or ''} for {user}", timeout_s=timeout_s)

    def wait_for_message(
        self,
        where: Callable[[SeenMessage], bool],
        what: str,
        *,
        channel: str = _EXPERIMENTS,
        thread_ts: str | None = None,
        timeout_s: float = 10.0,
    ) -> SeenMessage:
        """The newest message for which `where` holds."""

        def find() -> SeenMessage | None:
            messages = reversed(self.messages(channel, thread_ts=thread_ts))
            return next((message for message in messages if where(message)), None)

        return self.wait_for(find, what, timeout_s=timeout_s)

    def wait_for_ephemeral(self, user: str, containing: str, *, timeout_s: float = 10.0) -> SeenMessage:
        def find() -> SeenMessage | None:
            messages = reversed(self.ephemerals(user))
            return next((message for message in messages if containing in message.words), None)

        return self.wait_for(find, f"“{containing}” only visible to {user}", timeout_s=timeout_s)

    def _post(self, verb: str, **asked: object) -> Json:
        given = {name: value for name, value in asked.items() if value is not None}
        return _answer(self._http.post(f"/control/{verb}", json=given))

    def _get(self, verb: str, **asked: str | float) -> Json:
        return _answer(self._http.get(f"/control/{verb}", params=asked))


def _state(view: SeenView, values: Mapping[str, object]) -> dict[str, Json]:
    """What was entered, in the control API's short form: block_id -> action_id -> value."""
    state: dict[str, Json] = {}
    for action_id, value in values.items():
        state.setdefault(view.input_block(action_id), {})[action_id] = {"value": value}
    return state


def _answer(response: httpx.Response) -> Json:
    body: Json = response.json()
    if not body.get("ok"):
        raise PlaygroundError(str(body.get("error")), str(body.get("message", "")), body.get("errors") or {})
    return body
