"""An outbox and a Slack in memory, with the rules of the real ones that the sender relies on."""

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from bot.messages.message import Message, TextFile
from bot.slack_errors import SlackError, UploadRefused
from bot.slack_port import FileState, Payload, UploadTicket
from bot.uploads import PictureFile
from db.errors import Busy, Conflict, SignoffError
from db.lifecycle import OutboxStatus
from db.records import OutboxKind, OutboxRow, Trouble

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
FINISHED = frozenset({OutboxStatus.SENT, OutboxStatus.DEAD})


class Clock:
    """Time that moves only when it is told to."""

    def __init__(self) -> None:
        self.passed_s = 1000.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed_s)

    def ticking(self) -> float:
        return self.passed_s

    def sleep(self, seconds: float) -> None:
        self.passed_s += seconds


class FakeOutbox:
    """Claims like the ledger: first in first out per thread, a lapsed lease counts as ambiguous."""

    def __init__(self) -> None:
        self.rows: dict[int, OutboxRow] = {}
        self.leases: dict[int, datetime] = {}
        self.errors: dict[int, str] = {}
        self.told: list[str] = []
        self.leader = ""
        self.leader_until = START
        self.busy = 0

    def add(self, kind: OutboxKind = OutboxKind.DECISION, **changes: object) -> OutboxRow:
        number = len(self.rows) + 1
        row = OutboxRow(
            id=number,
            key=f"E-1/{kind.value}/{number}",
            kind=kind,
            experiment=1,
            n=number,
            run_id=None,
            status=OutboxStatus.PENDING,
            wanted=1,
            tries=0,
            channel_id="C1",
            thread_ts="1.0",
            ts=None,
            file_id=None,
            due_at=START,
        )
        self.rows[number] = replace(row, **changes)  # type: ignore[arg-type]
        return self.rows[number]

    def lead(self, owner: str, now: datetime, *, lease_s: float, over: str = "") -> str:
        self._perhaps_busy()
        if self.leader in ("", owner, over) or self.leader_until <= now:
            self.leader, self.leader_until = owner, now + timedelta(seconds=lease_s)
        return self.leader

    def resign(self, owner: str) -> None:
        if self.leader == owner:
            self.leader = ""

    def claim(self, now: datetime) -> OutboxRow | None:
        self._perhaps_busy()
        seen: set[tuple[str, str | None]] = set()
        for row in self.rows.values():
            thread = (row.channel_id, row.thread_ts)
            if row.status in FINISHED or thread in seen:
                continue
            seen.add(thread)
            lapsed = row.status is OutboxStatus.SENDING and self.leases[row.id] <= now
            status = OutboxStatus.AMBIGUOUS if lapsed else row.status
            if status is OutboxStatus.SENDING or row.due_at > now:
                continue
            self.rows[row.id] = replace(
                row, status=OutboxStatus.SENDING, tries=row.tries + 1, claim=row.claim + 1
            )
            self.leases[row.id] = now + timedelta(seconds=30)
            return replace(self.rows[row.id], status=status)
        return None

    def keep(self, claimed: OutboxRow, now: datetime) -> None:
        self._held(claimed)
        self.leases[claimed.id] = now + timedelta(seconds=30)

    def mark_sent(self, claimed: OutboxRow, *, ts: str | None, next_due: datetime | None = None) -> None:
        self._perhaps_busy()
        row = self._held(claimed)
        done = row.wanted == claimed.wanted
        self.rows[row.id] = replace(
            row,
            ts=ts,
            tries=0,
            status=OutboxStatus.SENT if done else OutboxStatus.PENDING,
            due_at=next_due or row.due_at,
        )

    def save_file(self, claimed: OutboxRow, file_id: str) -> None:
        self.rows[claimed.id] = replace(self._held(claimed), file_id=file_id)

    def postpone(
        self, claimed: OutboxRow, due_at: datetime, *, ambiguous: bool, trouble: Trouble | None = None
    ) -> None:
        self._perhaps_busy()
        row = self._held(claimed)
        self._note(row, trouble)
        status = OutboxStatus.AMBIGUOUS if ambiguous else OutboxStatus.PENDING
        self.rows[row.id] = replace(row, due_at=due_at, status=status)

    def mark_dead(self, claimed: OutboxRow, trouble: Trouble) -> None:
        row = self._held(claimed)
        self.rows[row.id] = replace(row, status=OutboxStatus.DEAD)
        self._note(row, trouble)

    def _held(self, claimed: OutboxRow) -> OutboxRow:
        row = self.rows[claimed.id]
        if row.status is not OutboxStatus.SENDING or row.claim != claimed.claim:
            raise Conflict(f"{row.key} was claimed by somebody else")
        return row

    def _note(self, row: OutboxRow, trouble: Trouble | None) -> None:
        self.errors[row.id] = trouble.words if trouble else ""
        self.told.extend(trouble.tell if trouble else ())

    def want(self, row_id: int) -> None:
        """Somebody changed what a living card shows."""
        row = self.rows[row_id]
        again = OutboxStatus.PENDING if row.status is OutboxStatus.SENT else row.status
        self.rows[row_id] = replace(row, wanted=row.wanted + 1, status=again)

    def _perhaps_busy(self) -> None:
        if self.busy:
            self.busy -= 1
            raise Busy("the ledger is locked")


@dataclass
class Posted:
    ts: str
    channel_id: str
    thread_ts: str | None
    text: str
    key: str | None
    blocks: JsonValue
    edits: list[str] = field(default_factory=list)
    file_id: str | None = None


class FakeSlack:
    """Keeps what was posted. `lose` makes the next calls of a method act and then fail; `fail` only fail."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.files: dict[str, bytes] = {}
        self.calls: list[str] = []
        self.fail: dict[str, list[SlackError]] = {}
        self.lose: dict[str, list[SlackError]] = {}
        self.complete_files: set[str] = set()

    def post(self, payload: Payload) -> str:
        self._call("chat.postMessage")
        metadata = payload["metadata"]
        assert isinstance(metadata, dict)
        event = metadata["event_payload"]
        assert isinstance(event, dict)
        thread = payload.get("thread_ts")
        posted = Posted(
            ts=f"{len(self.posted) + 1}.0",
            channel_id=str(payload["channel"]),
            thread_ts=str(thread) if thread else None,
            text=str(payload["text"]),
            key=str(event["outbox_key"]),
            blocks=payload.get("blocks"),
        )
        self.posted.append(posted)
        self._lost("chat.postMessage")
        return posted.ts

    def update(self, payload: Payload) -> None:
        self._call("chat.update")
        next(message for message in self.posted if message.ts == payload["ts"]).edits.append(
            str(payload["text"])
        )
        self._lost("chat.update")

    def find(self, channel_id: str, thread_ts: str | None, key: str, since: datetime) -> str | None:
        self._call("conversations.replies")
        found = (m for m in self.posted if (m.channel_id, m.thread_ts, m.key) == (channel_id, thread_ts, key))
        return next((message.ts for message in found), None)

    def find_file(self, channel_id: str, thread_ts: str, file_id: str) -> str | None:
        return next((message.ts for message in self.posted if message.file_id == file_id), None)

    def reserve(self, filename: str, length: int, alt: str) -> UploadTicket:
        self._call("files.getUploadURLExternal")
        file_id = f"F{len(self.files) + 1}"
        self.files[file_id] = b""
        return UploadTicket(file_id, f"http://slack/{file_id}")

    def put(self, ticket: UploadTicket, content: bytes) -> None:
        self._call("upload")
        self.files[ticket.file_id] = content

    def complete(self, file_id: str, title: str, share: Payload) -> None:
        self._call("files.completeUploadExternal")
        self.complete_files.add(file_id)
        if share:
            ts = f"{len(self.posted) + 1}.0"
            channel, thread = str(share["channel_id"]), str(share["thread_ts"])
            self.posted.append(Posted(ts, channel, thread, title, None, None, file_id=file_id))
        self._lost("files.completeUploadExternal")

    def file(self, file_id: str) -> FileState:
        if file_id not in self.complete_files:
            raise UploadRefused("files.info", "file_not_found", "no such file")
        shares = {m.channel_id: (m.ts,) for m in self.posted if m.file_id == file_id}
        return FileState(ready=True, shares=shares)

    def _call(self, method: str) -> None:
        self.calls.append(method)
        if self.fail.get(method):
            raise self.fail[method].pop(0)

    def _lost(self, method: str) -> None:
        if self.lose.get(method):
            raise self.lose[method].pop(0)


@dataclass
class FakeLetters:
    """Says the row's key and how often it was wanted; a picture for results, a file for logs."""

    unsayable: SignoffError | None = None
    broken: Exception | None = None
    needs_file: bool = True
    wanted: int = 1
    says_nothing: bool = False

    def is_over(self, row: OutboxRow) -> bool:
        return self.says_nothing

    def message(self, row: OutboxRow, picture_id: str | None, picture_note: str) -> Message:
        if self.unsayable or self.broken:
            raise self.unsayable or self.broken or AssertionError
        block: dict[str, JsonValue] = {"type": "section", "picture": picture_id, "note": picture_note}
        return Message(text=f"{row.key} at {row.wanted}", blocks=[block])

    def picture(self, row: OutboxRow) -> PictureFile | None:
        return PictureFile("plot.png", "it went up", b"png") if row.kind is OutboxKind.RESULT else None

    def file(self, row: OutboxRow) -> TextFile | None:
        return TextFile("train.log", "Whole log", "lines") if self.needs_file else None

    def born_at(self, row: OutboxRow) -> datetime:
        return START


class TimedStop(threading.Event):
    """A stop event whose waiting passes on the fake clock."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.sleep(timeout or 0.0)
        return self.is_set()
