"""Payloads of a given size, and a workspace with a clock that the test moves."""

from dataclasses import dataclass, field
from typing import Any

from bot.playground.checks.messages import check_blocks
from bot.playground.checks.schema import Facts
from bot.playground.checks.views import check_view
from bot.playground.errors import SlackError
from bot.playground.people import default_roster
from bot.playground.records import Json, StoredFile
from bot.playground.web_api.api import Answer, WebApi
from bot.playground.workspace import Workspace

BOT = "xoxb-playground"
EXPERIMENTS = "C0EXPERIMENTS"


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "hello", **rest: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **rest}


def sections_with(characters: int) -> list[Json]:
    """Sections with so many characters in all."""
    return [section("x" * min(3000, characters - start)) for start in range(0, characters, 3000)]


def button(action_id: str = "go", **rest: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain("Go"), **rest}


def actions(*elements: Json, block_id: str = "buttons") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def option(value: str = "1", **rest: Any) -> Json:
    return {"text": plain(f"Option {value}"), "value": value, **rest}


def options(count: int) -> list[Json]:
    return [option(str(n)) for n in range(count)]


def input_block(element: Json, block_id: str = "b", **rest: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain("Label"), "element": element, **rest}


def text_input(action_id: str = "a", **rest: Any) -> Json:
    return {"type": "plain_text_input", "action_id": action_id, **rest}


def modal(*blocks: Json, **rest: Any) -> Json:
    """A modal; None leaves a field out."""
    view = {
        "type": "modal",
        "title": plain("Title"),
        "submit": plain("Send"),
        "blocks": list(blocks) or [section()],
        **rest,
    }
    return {name: value for name, value in view.items() if value is not None}


def rich_text(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def message_code(*blocks: Json) -> str | None:
    """The code with which a message of these blocks is refused; None when it is taken."""
    try:
        check_blocks(list(blocks), Facts(image_is_ready=lambda file_id: file_id == "F1"))
    except SlackError as error:
        return error.code
    return None


def message_problems(*blocks: Json) -> list[str]:
    try:
        check_blocks(list(blocks), Facts())
    except SlackError as error:
        return list(error.messages)
    return []


def view_code(view: Json, kind: str = "modal") -> str | None:
    try:
        check_view(view, kind, Facts())
    except SlackError as error:
        return error.code
    return None


@dataclass
class Clock:
    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Stage:
    """A workspace in memory with its Web API."""

    clock: Clock = field(default_factory=Clock)
    events: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.workspace = Workspace(default_roster(), self.clock, emit=self.events.append)
        self.workspace.base_url = "http://playground"
        self.api = WebApi(self.workspace, lambda _call: {"url": "ws://playground/link/"})

    def call(self, method: str, token: str | None = BOT, /, **arguments: Any) -> Answer:
        return self.api.call(method, arguments, token)

    def ok(self, method: str, /, **arguments: Any) -> Json:
        """A call that must succeed."""
        answer = self.call(method, **arguments)
        assert answer.body["ok"], answer.body
        return answer.body

    def code(self, method: str, /, **arguments: Any) -> str | None:
        """The error code of a call; None when it succeeded."""
        error: str | None = self.call(method, **arguments).body.get("error")
        return error

    def post(self, **arguments: Any) -> Json:
        """A message in #experiments, a second after whatever was before."""
        self.clock.now += 1
        return self.ok("chat.postMessage", **{"channel": EXPERIMENTS, "text": "hi", **arguments})

    def trigger(self, user: str = "UANA", view_id: str | None = None) -> str:
        return self.workspace.permits.trigger(user, view_id=view_id).id

    def open(self, view: Json | None = None, user: str = "UANA") -> Json:
        shown: Json = self.ok("views.open", trigger_id=self.trigger(user), view=view or modal())["view"]
        return shown

    def ready_file(self, name: str = "plot.png", content: bytes = b"png") -> str:
        """A file that was uploaded, completed and is ready."""
        asked = self.ok("files.getUploadURLExternal", filename=name, length=len(content))
        self.workspace.files.receive(asked["file_id"], content)
        self.ok("files.completeUploadExternal", files=[{"id": asked["file_id"]}])
        self.clock.now += 1
        return str(asked["file_id"])

    def file(self, file_id: str) -> StoredFile:
        return self.workspace.files.get(file_id)
