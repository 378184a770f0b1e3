"""The workspace on disk: one JSON line for each record as it changes; the last line of a record wins."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from bot.playground.records import Json


class Journal:
    """An append-only file of `{"kind", "data"}` lines. Every line is flushed before `write` returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file: TextIO | None = None

    def read(self) -> Iterator[tuple[str, Json]]:
        """The lines so far. A last line that was cut off by a crash is dropped."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as lines:
            for line in lines:
                if not line.endswith("\n"):
                    return
                entry = json.loads(line)
                yield entry["kind"], entry["data"]

    def write(self, kind: str, data: Json) -> None:
        if self._file is None:
            self._drop_torn_line()
            self._file = self._path.open("a", encoding="utf-8")
        self._file.write(json.dumps({"kind": kind, "data": data}, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _drop_torn_line(self) -> None:
        if not self._path.exists():
            return
        content = self._path.read_bytes()
        if content and not content.endswith(b"\n"):
            self._path.write_bytes(content[: content.rfind(b"\n") + 1])


class NoJournal(Journal):
    """Keeps nothing: for tests of the state alone."""

    def __init__(self) -> None:
        super().__init__(Path("/dev/null"))

    def read(self) -> Iterator[tuple[str, Json]]:
        return iter(())

    def write(self, kind: str, data: Json) -> None:
        """Forgets it."""
