"""Reads the curves that a run left. A run is not trusted: sizes are capped, bad rows are skipped."""

import math
from collections.abc import Mapping
from pathlib import Path

from trainer.contract import EVALUATIONS_FILE, METRICS_FILE
from worker.files import UnsafeFile, read_capped
from worker.plots.spec import Curve, CurveKind, CurveState, Series

MAX_BYTES = 16 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 64
MAX_FIELD = 40
LARGEST = 1e100
STEPS = "timesteps"


def read_curve(
    folder: Path, label: str, kind: CurveKind, state: CurveState, final: Mapping[str, float]
) -> Curve:
    """One run's curve from its folder; empty series where a file is missing, unsafe or damaged."""
    return Curve(
        label=label,
        kind=kind,
        state=state,
        evaluations=read_table(folder / EVALUATIONS_FILE),
        training=read_table(folder / METRICS_FILE).get("reward", Series()),
        final={name: value for name, value in final.items() if _usable(value)},
    )


def read_table(path: Path) -> dict[str, Series]:
    """The columns of a table over its `timesteps`; rows without a number or back in steps are skipped."""
    try:
        text = read_capped(path, MAX_BYTES).decode(errors="replace")
    except (OSError, UnsafeFile):
        return {}
    lines = text.split("\n", MAX_ROWS + 1)[: MAX_ROWS + 1]
    names = [name.strip() for name in lines[0].split(",", MAX_COLUMNS)[:MAX_COLUMNS]]
    if STEPS not in names:
        return {}
    columns: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in names if name != STEPS}
    last = -1.0
    for line in lines[1:]:
        row = _row(line, names)
        steps = row.pop(STEPS, None)
        if steps is None or steps <= last:
            continue
        last = steps
        for name, value in row.items():
            columns[name][0].append(steps)
            columns[name][1].append(value)
    return {name: Series(tuple(steps), tuple(values)) for name, (steps, values) in columns.items()}


def _row(line: str, names: list[str]) -> dict[str, float]:
    """The finite numbers of a line by column; none where it has another number of fields."""
    if len(line) > MAX_COLUMNS * MAX_FIELD:
        return {}
    fields = line.split(",")
    if len(fields) != len(names):
        return {}
    numbers = ((name, _number(text)) for name, text in zip(names, fields, strict=True))
    return {name: number for name, number in numbers if number is not None}


def _number(text: str) -> float | None:
    if len(text) > MAX_FIELD:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if _usable(value) else None


def _usable(value: float) -> bool:
    return math.isfinite(value) and abs(value) <= LARGEST
