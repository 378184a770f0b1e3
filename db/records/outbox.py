"""Slack messages that wait to be sent or edited. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.lifecycle import OutboxStatus


class OutboxKind(StrEnum):
    """What a Slack message says; the sender renders it from the ledger when it is sent.

    Living cards (`PROPOSAL`, `STATUS`, `EXTENSION`) are posted once and edited after that. An `ALERT` goes
    to an administrator alone, outside of any thread.
    """

    PROPOSAL = "proposal"
    DIFF_FILE = "diff_file"
    STATUS = "status"
    DECISION = "decision"
    FAILURE = "failure"
    LOG_FILE = "log_file"
    RESULT = "result"
    CONCLUSION = "conclusion"
    EXTENSION = "extension"
    DIAGNOSTICS = "diagnostics"
    RESUMED = "resumed"
    STALLED = "stalled"
    ALERT = "alert"


LIVING_CARDS = frozenset({OutboxKind.PROPOSAL, OutboxKind.STATUS, OutboxKind.EXTENSION})


@dataclass(frozen=True)
class OutboxRow:
    """One Slack message to send. `key` is unique and travels in the message's metadata.

    `ts` and `file_id` are what Slack answered (set on a living card that is to be edited).
    `wanted` counts the changes asked for, so that an edit made while one is being sent is not lost.
    `claim` numbers the claims of a row: a report names the claim that it is about.
    """

    id: int
    key: str
    kind: OutboxKind
    experiment: int
    n: int
    run_id: int | None
    status: OutboxStatus
    wanted: int
    tries: int
    channel_id: str
    thread_ts: str | None
    ts: str | None
    file_id: str | None
    due_at: datetime
    claim: int = 0


@dataclass(frozen=True)
class Trouble:
    """Why a message could not be delivered, and who has to hear of it: `code` is Slack's word for it.

    Each of `tell` (user ids) is told once a day about one code in one channel.
    """

    code: str
    words: str
    tell: tuple[str, ...] = ()


@dataclass(frozen=True)
class Undelivered:
    """A message that is not in Slack because something has to be mended. `is_dead`: it waits for a person."""

    key: str
    channel_id: str
    words: str
    is_dead: bool
    since: datetime


@dataclass(frozen=True)
class OutboxHealth:
    """How the sending goes: how many messages are due, since when, what is held up, and who sends.

    `sender` is the bot that has the lease, None where nobody has ever had it.
    """

    waiting: int
    oldest_due_at: datetime | None
    undelivered: tuple[Undelivered, ...]
    sender: str | None
    lease_until: datetime | None
