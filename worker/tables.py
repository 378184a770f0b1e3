"""Reads the tables that a run left. A run is not trusted: sizes are capped, bad rows are skipped.

A large table is sampled evenly instead of read from end to end: a curve of a million rows is drawn
with some 80 points, and reading all of it would take seconds.
"""

import io
import math
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from worker.files import UnsafeFile, open_regular
from worker.series import Series

WHOLE_BYTES = 1024 * 1024
HEAD_BYTES = 16 * 1024
SAMPLES = 400
ROWS_A_SAMPLE = 3
MAX_COLUMNS = 64
MAX_FIELD = 40
MAX_LINE = MAX_COLUMNS * MAX_FIELD
LARGEST = 1e100
STEPS = "timesteps"


def read_table(path: Path, wanted: Collection[str] | None = None) -> dict[str, Series]:
    """The columns of a table over its `timesteps`; rows without a number or back in steps are skipped.

    `wanted` names the columns to read, None for all. Empty where the file is missing, unsafe or no table.
    A file larger than `WHOLE_BYTES` is sampled.
    """
    try:
        with open_regular(path) as file:
            return _parse(_lines(file), wanted)
    except (OSError, UnsafeFile):
        return {}


def _lines(file: io.BufferedReader) -> Iterator[str]:
    """The header, then the rows or an even sample of them, in order."""
    size = os.fstat(file.fileno()).st_size
    if size <= WHOLE_BYTES:
        yield from _decoded(file.read(WHOLE_BYTES)).split("\n")
        return
    head = _decoded(os.pread(file.fileno(), HEAD_BYTES, 0)).split("\n")[:-1]
    yield from head
    length = max(8, HEAD_BYTES // max(len(head), 1))
    block = min(MAX_LINE, (ROWS_A_SAMPLE + 1) * length)
    begin, last = HEAD_BYTES, size - block
    for i in range(SAMPLES):
        place = begin + (last - begin) * i // (SAMPLES - 1)
        # The first line of a block is cut somewhere; the last one is, too, but at the end of the file.
        rows = _decoded(os.pread(file.fileno(), block, place)).split("\n")[1:]
        yield from rows if i == SAMPLES - 1 else rows[:-1]


def _decoded(content: bytes) -> str:
    return content.decode(errors="replace")


def _parse(lines: Iterator[str], wanted: Collection[str] | None) -> dict[str, Series]:
    names = [name.strip() for name in next(lines, "").split(",", MAX_COLUMNS)[:MAX_COLUMNS]]
    if STEPS not in names:
        return {}
    place = names.index(STEPS)
    columns: dict[int, tuple[list[float], list[float]]] = {
        i: ([], [])
        for i, name in enumerate(names)
        if name != STEPS and (wanted is None or name in wanted) and names.index(name) == i
    }
    last = -1.0
    for line in lines:
        fields = line.split(",") if len(line) <= MAX_LINE else []
        steps = _number(fields[place]) if len(fields) == len(names) else None
        if steps is None or steps <= last:
            continue
        last = steps
        for i, (kept, values) in columns.items():
            value = _number(fields[i])
            if value is not None:
                kept.append(steps)
                values.append(value)
    return {names[i]: Series(tuple(steps), tuple(values)) for i, (steps, values) in columns.items()}


def _number(text: str) -> float | None:
    if not text or len(text) > MAX_FIELD:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if usable(value) else None


def usable(value: float) -> bool:
    """Whether a value can be shown: finite, and not absurdly large."""
    return math.isfinite(value) and abs(value) <= LARGEST
