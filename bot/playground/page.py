"""A plain page with what is in the workspace, as text. (The page that people work in comes later.)"""

from html import escape, unescape

from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.playground.records import Channel, Message
from bot.playground.workspace import Workspace

BANNER = (
    "This is the playground: a local stand-in for Slack. It is not Slack, and nothing here reaches Slack."
)
_NEWEST = 200


class Page:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def show(self, _request: Request) -> HTMLResponse:
        channels = "".join(self._channel(channel) for channel in self._workspace.channels.values())
        title = escape(f"{self._workspace.team.name} (a stand-in for Slack)")
        head = f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
        return HTMLResponse(
            f"{head}<h1>{title}</h1><p role=note><strong>{escape(BANNER)}</strong></p>{channels}"
        )

    def _channel(self, channel: Channel) -> str:
        name = f"#{channel.name}" if channel.im_user is None else f"direct message with {channel.im_user}"
        messages = list(self._workspace.messages.in_channel(channel.id))[-_NEWEST:]
        lines = "\n".join(self._line(message) for message in messages) or "(no messages)"
        return f"<h2>{escape(name)}</h2><pre>{escape(lines)}</pre>"

    def _line(self, message: Message) -> str:
        person = self._workspace.people[message.user]
        indent = "    " if message.thread_ts else ""
        files = "".join(f" [file {self._workspace.files.get(name).name}]" for name in message.file_ids)
        return f"{indent}{message.ts} {person.real_name}: {unescape(message.text)}{files}"
