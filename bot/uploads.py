"""Pictures and files on their way to Slack.

A picture is uploaded without being shared, and the message that shows it is posted afterwards: so
the message carries its outbox key, and a lost answer can be looked up. A file (log, full diff) is
shared into its thread by the upload itself; its id is saved before the first byte leaves, so that
after an accident `files.info` tells whether it has arrived.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from bot.messages.message import TextFile
from bot.slack_errors import Ambiguous, TryLater, UploadRefused
from bot.slack_port import FileState, SlackPort, UploadTicket
from db.records import OutboxRow
from trainer.crashpoints import crash_at

READY_WITHIN_S = 10.0
POLL_EVERY_S = 0.4


@dataclass(frozen=True)
class PictureFile:
    """A PNG; `alt` says its takeaway in one sentence (at most 1,000 characters).

    `title` is what people see where it is shared as a file of its own.
    """

    name: str
    alt: str
    content: bytes
    title: str = ""


class FileIds(Protocol):
    """The one verb of the outbox that uploads need."""

    def save_file(self, claimed: OutboxRow, file_id: str) -> object:
        """Remember the file of an outbox row. Raises Conflict where somebody else has claimed it."""


class Uploads:
    """Uploads for outbox rows. `wait(seconds)` sleeps and returns True when the sender must stop."""

    def __init__(
        self,
        port: SlackPort,
        outbox: FileIds,
        wait: Callable[[float], bool],
        ticking: Callable[[], float] = time.monotonic,
    ) -> None:
        self._port = port
        self._outbox = outbox
        self._wait = wait
        self._ticking = ticking

    def picture(self, row: OutboxRow, picture: PictureFile) -> str:
        """The id of the uploaded picture, ready to stand in a message; nobody sees it before that.

        Raises SlackError, never Ambiguous: whatever was lost, no message was made.
        """
        try:
            if row.file_id and self._state(row.file_id).ready:
                return row.file_id
            ticket = self._send(row, picture.name, picture.content, picture.alt)
            self._port.complete(ticket.file_id, picture.alt[:250] or picture.name, {})
            self._until(ticket.file_id, lambda state: state.ready)
        except Ambiguous as error:
            raise TryLater(error.method, error.code, str(error)) from None
        return ticket.file_id

    def share(self, row: OutboxRow, file: TextFile | PictureFile) -> str:
        """Upload the file into the row's thread and return the ts of its message.

        Raises Ambiguous when Slack took the file and it cannot be seen in the thread yet.
        """
        if row.file_id:
            arrived = self._arrival(row, row.file_id, READY_WITHIN_S / 2)
            if arrived:
                return arrived
        try:
            if isinstance(file, TextFile):
                ticket = self._send(row, file.name, file.content.encode(), "")
            else:
                ticket = self._send(row, file.name, file.content, file.alt)
        except Ambiguous as error:  # before `complete` nobody can see the file
            raise TryLater(error.method, error.code, str(error)) from None
        share: dict[str, JsonValue] = {"channel_id": row.channel_id}
        if row.thread_ts:
            share["thread_ts"] = row.thread_ts
        self._port.complete(ticket.file_id, file.title, share)
        crash_at("upload.completed")
        arrived = self._arrival(row, ticket.file_id, READY_WITHIN_S)
        if not arrived:
            raise Ambiguous("files.info", "not_shared_yet", "Slack took the file but has not shown it yet.")
        return arrived

    def _send(self, row: OutboxRow, name: str, content: bytes, alt: str) -> UploadTicket:
        ticket = self._port.reserve(name, max(1, len(content)), alt)
        crash_at("upload.reserved")
        self._outbox.save_file(row, ticket.file_id)
        self._port.put(ticket, content or b"\n")
        crash_at("upload.sent")
        return ticket

    def _arrival(self, row: OutboxRow, file_id: str, within_s: float) -> str | None:
        state = self._until(file_id, lambda known: bool(known.shares.get(row.channel_id)), within_s)
        shares = state.shares.get(row.channel_id)
        if shares:
            return shares[-1]
        if row.thread_ts:
            return self._port.find_file(row.channel_id, row.thread_ts, file_id)
        return None

    def _until(
        self, file_id: str, holds: Callable[[FileState], bool], within_s: float = READY_WITHIN_S
    ) -> FileState:
        deadline = self._ticking() + within_s
        while True:
            state = self._state(file_id)
            if holds(state) or self._ticking() >= deadline or self._wait(POLL_EVERY_S):
                return state

    def _state(self, file_id: str) -> FileState:
        """What Slack knows of the file; a file that it does not know is simply not ready."""
        try:
            return self._port.file(file_id)
        except UploadRefused:
            return FileState(ready=False)
