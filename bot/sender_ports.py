"""What the sender needs of the ledger and of the cards."""

from datetime import datetime
from typing import Protocol

from bot.messages.message import Message, TextFile
from bot.uploads import PictureFile
from db.records import OutboxRow, Trouble


class Outbox(Protocol):
    """The verbs of `ledger.outbox` that the sender uses."""

    def lead(self, owner: str, now: datetime, *, lease_s: float, over: str = "") -> str: ...
    def resign(self, owner: str) -> None: ...
    def claim(self, now: datetime) -> OutboxRow | None: ...
    def keep(self, claimed: OutboxRow, now: datetime) -> object: ...
    def mark_sent(
        self, claimed: OutboxRow, *, ts: str | None, next_due: datetime | None = None
    ) -> object: ...
    def save_file(self, claimed: OutboxRow, file_id: str) -> object: ...
    def postpone(
        self, claimed: OutboxRow, due_at: datetime, *, ambiguous: bool, trouble: Trouble | None = None
    ) -> object: ...
    def mark_dead(self, claimed: OutboxRow, trouble: Trouble) -> object: ...


class Letters(Protocol):
    """Renders outbox rows from the ledger as it is now. Raises SignoffError where it cannot."""

    def message(self, row: OutboxRow, picture_id: str | None, picture_note: str) -> Message:
        """The message; `picture_note` says in a sentence why a picture is missing."""

    def is_over(self, row: OutboxRow) -> bool:
        """Whether there is nothing left to say: what the row would tell has been mended."""

    def picture(self, row: OutboxRow) -> PictureFile | None:
        """The picture that the message shows, if there is one."""

    def file(self, row: OutboxRow) -> TextFile | PictureFile | None:
        """The file that the row stands for; None where none is needed."""

    def born_at(self, row: OutboxRow) -> datetime:
        """A time before which the row's message cannot have been posted."""
