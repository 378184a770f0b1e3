"""The traffic record on disk: one JSON object a line, bounded in size."""

import json
from pathlib import Path

from bot.playground.records import Json

_AT_MOST = 20_000_000
"""Bytes of one file; the one before it is kept beside it, so that twice as much is the most."""


class TrafficFile:
    """Appends to `path`; a full file becomes `<name>.1<suffix>` in place of the one before."""

    def __init__(self, path: Path, *, at_most: int = _AT_MOST) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._at_most = at_most

    @property
    def before(self) -> Path:
        """Where the exchanges before this file's are."""
        return self._path.with_name(f"{self._path.stem}.1{self._path.suffix}")

    def write(self, entry: Json) -> None:
        """Write one exchange; it is in the file when this returns."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")
            is_full = file.tell() >= self._at_most
        if is_full:
            self._path.replace(self.before)
