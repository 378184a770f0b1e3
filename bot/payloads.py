"""From an outbox row and its rendered message to the arguments of a call to Slack. Pure."""

from pydantic import JsonValue

from bot.messages import budget
from bot.messages.message import Message
from bot.slack_port import EVENT_TYPE
from db.lifecycle import OutboxStatus
from db.records import OutboxKind, OutboxRow

FILES = frozenset({OutboxKind.DIFF_FILE, OutboxKind.LOG_FILE, OutboxKind.DIAGNOSTICS})
_AS_WRITTEN: dict[str, JsonValue] = {"parse": "none", "link_names": False}
"""chat.update would make mentions of @names otherwise: its default is not chat.postMessage's."""


def method_of(row: OutboxRow) -> str:
    """The method that shows the row to people."""
    if row.kind in FILES:
        return "files.completeUploadExternal"
    return "chat.update" if row.ts else "chat.postMessage"


def lookup_of(row: OutboxRow) -> str:
    """The method by which an earlier try of the row is found."""
    return "conversations.replies" if row.thread_ts else "conversations.history"


def is_ambiguous(row: OutboxRow) -> bool:
    """Whether Slack may have the row already."""
    return row.status is OutboxStatus.AMBIGUOUS


def post_payload(row: OutboxRow, message: Message) -> dict[str, JsonValue]:
    """The post carries the row's key, by which it is found again."""
    payload: dict[str, JsonValue] = {
        "channel": row.channel_id,
        "text": message.text,
        **_AS_WRITTEN,
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"outbox_key": row.key}},
    }
    if message.blocks:
        payload["blocks"] = list(message.blocks)
    if row.thread_ts:
        payload["thread_ts"] = row.thread_ts
    return payload


def edit_payload(row: OutboxRow, ts: str, message: Message) -> dict[str, JsonValue]:
    """The edit says `blocks` even when there are none, or Slack would keep the old ones."""
    text = budget.escaped_head(message.text, budget.TEXT_OF_EDIT)
    return {
        "channel": row.channel_id,
        "ts": ts,
        "text": text,
        "blocks": list(message.blocks),
        **_AS_WRITTEN,
    }
