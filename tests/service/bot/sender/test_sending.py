"""The sender against a server as strict as Slack, on its bad days."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from pydantic import JsonValue

from bot.messages.message import Message
from bot.sender import Sender, Watches
from bot.slack_errors import RateLimited
from bot.slack_port import SlackWeb
from bot.uploads import PictureFile
from db.lifecycle import OutboxStatus
from db.records import OutboxKind, OutboxRow
from tests.service.bot.sender.conftest import CHANNEL, Playground
from tests.unit.bot.sender.fakes import FakeLetters, FakeOutbox

T = TypeVar("T")
pytestmark = pytest.mark.service

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000"
    "000301010018dd8db00000000049454e44ae426082"
)


def patiently(call: Callable[[], T]) -> T:
    while True:
        try:
            return call()
        except RateLimited as error:
            time.sleep(error.retry_after_s)


class RealLetters(FakeLetters):
    """Blocks that Slack takes."""

    def message(self, row: OutboxRow, picture_id: str | None, picture_note: str) -> Message:
        blocks: list[dict[str, JsonValue]] = [
            {"type": "section", "text": {"type": "mrkdwn", "text": f"{row.key} {picture_note}"}}
        ]
        if picture_id:
            blocks.append({"type": "image", "slack_file": {"id": picture_id}, "alt_text": "a plot"})
        return Message(text=f"{row.key} at {row.wanted}", blocks=blocks)

    def picture(self, row: OutboxRow) -> PictureFile | None:
        return PictureFile("plot.png", "it went up", PNG) if row.kind is OutboxKind.RESULT else None

    def born_at(self, row: OutboxRow) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)


class Office:
    def __init__(self, playground: Playground, *, timeout_s: int = 1) -> None:
        self.playground = playground
        self.outbox = FakeOutbox()
        self.port: SlackWeb = playground.port(timeout_s=timeout_s)
        self.root = self.post_root()
        self.restart()

    def restart(self) -> None:
        self.sender = Sender(
            self.outbox, RealLetters(), self.port, Watches(lambda: datetime.now(UTC), time.monotonic)
        )

    def post_root(self) -> str:
        metadata: JsonValue = {"event_type": "signoff_outbox", "event_payload": {"outbox_key": "root"}}
        return patiently(lambda: self.port.post({"channel": CHANNEL, "text": "E-1", "metadata": metadata}))

    def add(self, kind: OutboxKind = OutboxKind.DECISION, **changes: object) -> OutboxRow:
        return self.outbox.add(kind, channel_id=CHANNEL, **({"thread_ts": self.root} | changes))

    def settle(self, within_s: float = 40.0) -> None:
        self.until(
            lambda: all(
                r.status in {OutboxStatus.SENT, OutboxStatus.DEAD} for r in self.outbox.rows.values()
            ),
            within_s,
        )

    def until(self, holds: Callable[[], bool], within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < deadline, self.outbox.rows
            if not self.sender.step():
                time.sleep(0.05)

    def replies(self) -> list[str]:
        return [message["text"] for message in self.playground.messages(self.root)[1:]]

    def status(self, row: OutboxRow) -> OutboxStatus:
        return self.outbox.rows[row.id].status


@pytest.fixture
def office(playground: Playground) -> Office:
    return Office(playground)


@pytest.mark.parametrize(
    "fault",
    ["ratelimited", "server_error", "timeout_before", "timeout_after", "drop_before", "drop_after"],
)
def test_no_fault_of_a_post_loses_doubles_or_reorders_messages(office: Office, fault: str) -> None:
    rows = [office.add() for _ in range(3)]
    waits = {"delay_s": 2} if fault.startswith("timeout") else {}
    office.playground.fault(fault, "chat.postMessage", times=2, **waits)
    office.settle()
    assert office.replies() == [f"{row.key} at 1" for row in rows]


@pytest.mark.parametrize("fault", ["server_error", "drop_before", "ratelimited"])
def test_a_look_up_that_fails_is_repeated_before_anything_is_sent(office: Office, fault: str) -> None:
    row = office.add()
    office.playground.fault("drop_after", "chat.postMessage")
    office.playground.fault(fault, "conversations.replies", times=2)
    office.settle()
    assert office.replies() == [f"{row.key} at 1"]


def test_a_card_of_the_channel_is_found_among_its_messages(office: Office) -> None:
    card = office.add(OutboxKind.PROPOSAL, thread_ts=None)
    office.playground.fault("drop_after", "chat.postMessage")
    office.settle()
    mine = [m for m in office.playground.messages() if m["text"] == f"{card.key} at 1"]
    assert [message["ts"] for message in mine] == [office.outbox.rows[card.id].ts]


def test_the_key_in_a_message_of_somebody_else_is_not_believed(office: Office) -> None:
    row = office.add(status=OutboxStatus.AMBIGUOUS)
    office.playground.control(
        "message", user="UKAI", channel=CHANNEL, text=f"{row.key} at 1", thread_ts=office.root
    )
    office.settle()
    mine = [m for m in office.playground.messages(office.root) if m.get("bot_id")]
    assert len(mine) == 2


def test_a_living_card_is_edited_in_place(office: Office) -> None:
    card = office.add(OutboxKind.STATUS)
    office.settle()
    office.outbox.want(card.id)
    office.playground.fault("server_error", "chat.update")
    office.settle()
    assert office.replies() == [f"{card.key} at 2"]


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        (None, ""),
        ("files.completeUploadExternal", "drop_after"),
        ("upload", "drop_before"),
        ("chat.postMessage", "drop_after"),
    ],
)
def test_a_result_arrives_once_with_its_picture(office: Office, method: str | None, fault: str) -> None:
    office.add(OutboxKind.RESULT)
    if method:
        office.playground.fault(fault, method)
    office.settle()
    (message,) = office.playground.messages(office.root)[1:]
    (image,) = [block for block in message["blocks"] if block["type"] == "image"]
    assert office.playground.file(image["slack_file"]["id"]) == PNG


def test_a_refused_upload_leaves_the_message_without_its_picture(office: Office) -> None:
    office.add(OutboxKind.RESULT)
    office.playground.fault("error", "files.getUploadURLExternal", code="file_uploads_disabled", times=9)
    office.settle()
    (message,) = office.playground.messages(office.root)[1:]
    assert "could not be attached" in message["blocks"][0]["text"]["text"]
    assert [block["type"] for block in message["blocks"]] == ["section"]


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        (None, ""),
        ("files.completeUploadExternal", "drop_after"),
        ("files.completeUploadExternal", "drop_before"),
        ("files.completeUploadExternal", "ratelimited"),
        ("upload", "drop_after"),
        ("files.info", "server_error"),
    ],
)
def test_a_log_is_shared_in_the_thread_once(office: Office, method: str | None, fault: str) -> None:
    row = office.add(OutboxKind.LOG_FILE)
    if method:
        office.playground.fault(fault, method)
    office.settle()
    (message,) = office.playground.messages(office.root)[1:]
    assert office.playground.file(message["files"][0]["id"]) == b"lines"
    assert office.outbox.rows[row.id].ts == message["ts"]


def test_what_a_revoked_token_held_up_is_sent_when_it_is_restored(office: Office) -> None:
    row = office.add()
    office.playground.control("tokens", revoke=["xoxb-playground"])
    office.until(lambda: "token" in office.outbox.errors.get(row.id, ""), 40)
    assert office.status(row) is OutboxStatus.PENDING
    office.playground.control("tokens", restore=["xoxb-playground"])
    office.outbox.rows[row.id] = replace(office.outbox.rows[row.id], due_at=datetime.now(UTC))
    office.settle()
    assert office.status(row) is OutboxStatus.SENT


@pytest.mark.parametrize("code", ["not_in_channel", "is_archived"])
def test_a_closed_channel_is_told_of_and_stops_nobody_else(office: Office, code: str) -> None:
    if code == "not_in_channel":
        office.playground.control("members", channel=CHANNEL, remove=["USIGNOFF"])
    else:
        office.playground.control("channels", id=CHANNEL, is_archived=True)
    row = office.add()
    office.until(lambda: code in office.outbox.errors.get(row.id, ""), 40)
    assert office.status(row) is OutboxStatus.PENDING


def test_a_sender_killed_after_sending_finds_its_message(office: Office) -> None:
    row = office.add()
    claimed = office.outbox.claim(datetime.now(UTC))
    assert claimed is not None
    patiently(lambda: office.sender._send(claimed))
    office.outbox.leases[row.id] = datetime.now(UTC)
    office.restart()
    office.settle()
    assert office.replies() == [f"{row.key} at 1"]


def test_a_burst_of_messages_is_spread_out_below_the_limit(office: Office) -> None:
    rows = [office.add() for _ in range(6)]
    office.settle(60)
    assert office.replies() == [f"{row.key} at 1" for row in rows]
