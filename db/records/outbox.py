"""Slack messages that wait to be sent or edited. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.lifecycle import OutboxStatus


class OutboxKind(StrEnum):
    """What a Slack message says; the sender renders it from the ledger when it is sent.

    Living cards (`PROPOSAL`, `STATUS`, `EXTENSION`) are posted once and edited after that.
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


LIVING_CARDS = frozenset({OutboxKind.PROPOSAL, OutboxKind.STATUS, OutboxKind.EXTENSION})


@dataclass(frozen=True)
class OutboxRow:
    """One Slack message to send. `key` is unique and travels in the message's metadata.

    `ts` and `file_id` are what Slack answered (set on a living card that is to be edited).
    `wanted` counts the changes asked for, so that an edit made while one is being sent is not lost.
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
