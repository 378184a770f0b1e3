"""Files: upload URLs, bytes on disk, and the short while Slack takes until a file is ready and shared."""

import mimetypes
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from bot.playground.errors import SlackError
from bot.playground.feed import Feed
from bot.playground.journal import Journal
from bot.playground.records import Json, Message, StoredFile

_IMAGE_SUFFIXES = frozenset({"png", "jpg", "jpeg", "gif"})


class FileStore:
    """Files by id. `folder` holds their bytes; None keeps them in memory."""

    def __init__(self, journal: Journal, feed: Feed, folder: Path | None, clock: Callable[[], float]) -> None:
        self._journal = journal
        self._feed = feed
        self._folder = folder
        self._clock = clock
        self._files: dict[str, StoredFile] = {}
        self._memory: dict[str, bytes] = {}
        self._unready: set[str] = set()

    def restore(self, data: Json) -> None:
        record = StoredFile(**data)
        self._files[record.id] = record

    def add(self, record: StoredFile) -> StoredFile:
        self._files[record.id] = record
        self._unready.add(record.id)
        self.changed(record)
        return record

    def changed(self, record: StoredFile) -> None:
        self._journal.write("file", asdict(record))
        self._feed.add("file", file=record.id)

    def get(self, file_id: str) -> StoredFile:
        record = self._files.get(file_id)
        if record is None:
            raise SlackError("file_not_found")
        if record.deleted:
            raise SlackError("file_deleted")
        return record

    def of_message(self, message: Message) -> list[StoredFile]:
        """The files shared with a message, deleted ones too."""
        return [self._files[file_id] for file_id in message.file_ids]

    def all(self) -> Iterator[StoredFile]:
        return (record for record in self._files.values() if not record.deleted)

    def receive(self, file_id: str, content: bytes) -> None:
        """The bytes arrive at the upload URL; they must be as many as was said."""
        record = self.get(file_id)
        if len(content) != record.length:
            raise SlackError("length_mismatch", f"{record.length} bytes announced, {len(content)} received")
        if self._folder is None:
            self._memory[file_id] = content
        else:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / file_id).write_bytes(content)
        record.uploaded = True
        self.changed(record)

    def content(self, file_id: str) -> bytes:
        record = self.get(file_id)
        if not record.uploaded:
            raise SlackError("file_not_found")
        return self._memory[file_id] if self._folder is None else (self._folder / file_id).read_bytes()

    def is_ready(self, record: StoredFile) -> bool:
        return record.ready_at is not None and record.ready_at <= self._clock()

    def image_is_ready(self, file_id: str) -> bool:
        record = self._files.get(file_id)
        return record is not None and self.is_ready(record) and suffix(record) in _IMAGE_SUFFIXES

    def announce_ready(self) -> None:
        """Tell whoever watches of the files that have become ready since the last call."""
        for file_id in [name for name in self._unready if self.is_ready(self._files[name])]:
            self._unready.remove(file_id)
            self._feed.add("file_ready", file=file_id)

    def places(self, file_id: str) -> list[tuple[str, str]]:
        """Channel and ts of the messages in which the file was shared."""
        record = self._files[file_id]
        return [(channel, share["ts"]) for channel, shares in record.shares.items() for share in shares]

    def to_share(self) -> list[list[StoredFile]]:
        """Files whose time has come to appear in a channel; those of one call together."""
        groups: dict[str, list[StoredFile]] = {}
        for record in self._files.values():
            if record.share_to is not None and self.is_ready(record):
                groups.setdefault(record.group, []).append(record)
        return list(groups.values())


def suffix(record: StoredFile) -> str:
    return Path(record.name).suffix.lstrip(".").lower()


def shown(record: StoredFile, ready: bool, base_url: str, team_id: str) -> Json:
    """The file as `files.info` and messages show it. Until it is ready, Slack does not know its type."""
    if record.deleted:
        return {"id": record.id, "mode": "tombstone"}
    mimetype = mimetypes.guess_type(record.name)[0] or "text/plain"
    address = f"{base_url}/files/{record.id}"
    return {
        "id": record.id,
        "created": int(record.created),
        "timestamp": int(record.created),
        "name": record.name,
        "title": record.title or record.name,
        "mimetype": mimetype if ready else "",
        "filetype": (record.snippet_type or suffix(record) or "text") if ready else "",
        "pretty_type": suffix(record).upper() if ready else "",
        "user": record.user,
        "user_team": team_id,
        "mode": "snippet" if record.snippet_type else "hosted",
        "editable": record.snippet_type is not None,
        "size": record.length,
        "alt_txt": record.alt_txt,
        "is_external": False,
        "is_public": any(channel.startswith("C") for channel in record.shares),
        "url_private": address,
        "url_private_download": address,
        "permalink": address,
        "file_access": "visible",
        "channels": [channel for channel in record.shares if channel.startswith("C")],
        "groups": [],
        "ims": [channel for channel in record.shares if channel.startswith("D")],
        "shares": {"public": record.shares} if record.shares else {},
        "has_rich_preview": False,
    }


def note_share(record: StoredFile, message: Message, channel_name: str, team_id: str) -> None:
    """Write into the file where it has been shared."""
    record.share_to = None
    record.shares.setdefault(message.channel, []).append(
        {
            "ts": message.ts,
            "channel_name": channel_name,
            "team_id": team_id,
            "share_user_id": message.user,
            "source": "UNKNOWN",
            "reply_users": [],
            "reply_users_count": 0,
            "reply_count": 0,
            **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        }
    )
