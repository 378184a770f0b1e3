"""The calls to Slack that the sender makes, each with its errors translated.

`SlackPort` is what the sender needs; `SlackWeb` does it with slack_sdk. Nothing here retries: the
outbox alone does, because only the ledger knows what was already sent.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from pydantic import JsonValue
from slack_sdk.web import WebClient

from bot.slack_errors import Permanent, SlackError, translate
from bot.upload_bytes import upload

Payload = Mapping[str, JsonValue]

EVENT_TYPE = "signoff_outbox"
PAGE = 200
MOST_PAGES = 25


@dataclass(frozen=True)
class UploadTicket:
    """Where the bytes of one file go, and the id that it will have."""

    file_id: str
    url: str


@dataclass(frozen=True)
class FileState:
    """What Slack knows of a file. `shares` maps a channel id to the ts of its messages there."""

    ready: bool
    shares: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class SlackPort(Protocol):
    """What the sender asks of Slack. Every method raises `bot.slack_errors.SlackError` only."""

    def post(self, payload: Payload) -> str:
        """Post a message and return its ts."""

    def update(self, payload: Payload) -> None:
        """Edit a message; its metadata stays as it is."""

    def find(self, channel_id: str, thread_ts: str | None, key: str, since: datetime) -> str | None:
        """The ts of the bot's own message whose metadata carries the outbox key, if there is one.

        `since` bounds the look-up in a channel; a thread is read as a whole.
        """

    def find_file(self, channel_id: str, thread_ts: str, file_id: str) -> str | None:
        """The ts of the bot's own message in the thread that carries the file, if there is one."""

    def reserve(self, filename: str, length: int, alt: str) -> UploadTicket:
        """Ask for a place to upload to; nobody sees anything yet."""

    def put(self, ticket: UploadTicket, content: bytes) -> None:
        """Upload the bytes; nobody sees anything yet."""

    def complete(self, file_id: str, title: str, share: Payload) -> None:
        """End an upload. `share` is empty, or holds channel_id, thread_ts and initial_comment."""

    def file(self, file_id: str) -> FileState:
        """What Slack knows of the file."""


class SlackWeb:
    """The port over the real Web API (or any server that speaks it)."""

    def __init__(self, client: WebClient, on_error: Callable[[SlackError], None] | None = None) -> None:
        """`client` must have no retry handlers of its own: slack_sdk's send a lost POST twice.

        `on_error` is told of every call that Slack refused or did not answer.
        """
        if client.retry_handlers:
            raise ValueError("the sender's WebClient must be built with retry_handlers=[]")
        self._client = client
        self._on_error = on_error
        self._own: frozenset[str] = frozenset()

    def post(self, payload: Payload) -> str:
        return str(self._call("chat.postMessage", json=payload)["ts"])

    def update(self, payload: Payload) -> None:
        self._call("chat.update", json=payload)

    def find(self, channel_id: str, thread_ts: str | None, key: str, since: datetime) -> str | None:
        for message in self._messages(channel_id, thread_ts, since):
            if _outbox_key(message) == key and self._is_own(message):
                return str(message["ts"])
        return None

    def find_file(self, channel_id: str, thread_ts: str, file_id: str) -> str | None:
        for message in self._messages(channel_id, thread_ts, None):
            ids = {str(file.get("id")) for file in message.get("files") or []}
            if file_id in ids and self._is_own(message):
                return str(message["ts"])
        return None

    def reserve(self, filename: str, length: int, alt: str) -> UploadTicket:
        params: dict[str, JsonValue] = {"filename": filename, "length": length}
        if alt:
            params["alt_txt"] = alt
        answer = self._call("files.getUploadURLExternal", params=params)
        return UploadTicket(str(answer["file_id"]), str(answer["upload_url"]))

    def put(self, ticket: UploadTicket, content: bytes) -> None:
        failure = upload(ticket.url, content, proxy=self._client.proxy)
        if failure is not None:
            raise failure

    def complete(self, file_id: str, title: str, share: Payload) -> None:
        files: list[JsonValue] = [{"id": file_id, "title": title}]
        self._call("files.completeUploadExternal", json={"files": files, **share})

    def file(self, file_id: str) -> FileState:
        info = self._call("files.info", params={"file": file_id})["file"]
        shares: dict[str, tuple[str, ...]] = {}
        for places in (info.get("shares") or {}).values():
            for channel_id, messages in places.items():
                shares[channel_id] = tuple(str(message["ts"]) for message in messages)
        return FileState(ready=bool(info.get("mimetype")), shares=shares)

    def _messages(
        self, channel_id: str, thread_ts: str | None, since: datetime | None
    ) -> Iterator[dict[str, Any]]:
        method = "conversations.replies" if thread_ts else "conversations.history"
        params: dict[str, JsonValue] = {"channel": channel_id, "limit": PAGE, "include_all_metadata": True}
        if thread_ts:
            params["ts"] = thread_ts
        elif since is not None:
            params["oldest"] = f"{since.timestamp():.6f}"
        for _ in range(MOST_PAGES):
            answer = self._call(method, params=params)
            yield from answer.get("messages") or []
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
            params["cursor"] = cursor
        raise Permanent(method, "too_long", "The conversation is too long to be looked through.")

    def _is_own(self, message: Mapping[str, Any]) -> bool:
        """Metadata can be forged by any app in the channel, so only the bot's own messages count."""
        if not self._own:
            me = self._call("auth.test")
            self._own = frozenset(str(me[name]) for name in ("user_id", "bot_id") if me.get(name))
        return str(message.get("user")) in self._own or str(message.get("bot_id")) in self._own

    def _call(
        self,
        method: str,
        *,
        json: Payload | None = None,
        params: Mapping[str, JsonValue] | None = None,
    ) -> dict[str, Any]:
        """One call, its answer as a dict; anything but `ok: true` becomes a `SlackError`."""
        try:
            response = self._client.api_call(
                method,
                json=dict(json) if json is not None else None,
                params=dict(params) if params is not None else None,
            )
        except Exception as error:
            known = translate(method, error)
            if known is None:
                raise
            if self._on_error is not None:
                self._on_error(known)
            raise known from None
        return dict(response.data) if isinstance(response.data, Mapping) else {}


def _outbox_key(message: Mapping[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    return (metadata.get("event_payload") or {}).get("outbox_key")
