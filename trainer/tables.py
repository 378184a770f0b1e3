"""The run folder's CSV tables, which grow while a run goes on."""

import csv
import io
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

Row = Mapping[str, float | int | None]

_FLUSH_S = 1.0


class Table:
    """A CSV file with fixed columns. Rows reach the disk about once a second, and on `close`.

    A value that is missing or None is an empty field.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(self._columns)
        self._file.flush()
        self._next_flush = time.monotonic() + _FLUSH_S

    def add(self, row: Row) -> None:
        self._writer.writerow([_text(row.get(column)) for column in self._columns])

    def flush(self, *, force: bool = False) -> bool:
        """Hand the rows to the operating system, at most once a second unless forced. True where it did."""
        now = time.monotonic()
        if not force and now < self._next_flush:
            return False
        self._file.flush()
        self._next_flush = now + _FLUSH_S
        return True

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def rows_until(path: Path, timesteps: int) -> list[Row]:
    """The rows of an earlier attempt's table up to `timesteps`; none where it has no table.

    A kill may have cut its last line anywhere, also within a number: only whole lines count.
    """
    if not path.is_file():
        return []
    whole, ended, _ = path.read_text("utf-8").rpartition("\n")
    read = csv.DictReader(io.StringIO(whole + ended))
    rows = [row for row in read if (row.get("timesteps") or "").isdigit()]
    return [
        {name: float(text) for name, text in row.items() if name and text}
        for row in rows
        if int(row["timesteps"]) <= timesteps
    ]


def _text(value: float | None) -> str:
    if value is None:
        return ""
    text = f"{value:.8g}"
    if "e" in text and float(value).is_integer() and abs(value) < 1e15:  # noqa: PLR2004  # the integers that a float holds exactly
        return str(int(value))
    return text
