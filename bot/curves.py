"""Interim evaluations that runs have written so far, read without trusting them."""

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

from bot.artifacts import ArtifactError, read_artifact
from db.records import Run
from trainer.contract import EVALUATIONS_FILE

MAX_BYTES = 512 * 1024
MAX_POINTS = 200


@dataclass(frozen=True)
class Point:
    timesteps: int
    value: float


@dataclass(frozen=True)
class Curves:
    """`root` is the artifacts folder, which the bot only reads."""

    root: Path

    def of(self, run: Run, metric: str) -> tuple[Point, ...]:
        """The metric over steps of the run's newest attempt; empty where there is nothing to read."""
        if run.attempt is None:
            return ()
        path = f"{run.attempt.folder}/{EVALUATIONS_FILE}"
        try:
            text = read_artifact(self.root, path, max_bytes=MAX_BYTES).decode("utf-8", "replace")
        except ArtifactError:
            return ()
        rows = csv.DictReader(io.StringIO(text))
        points = [point for row in rows if (point := _point(row, metric)) is not None]
        return tuple(points[-MAX_POINTS:])


def _point(row: dict[str, str], metric: str) -> Point | None:
    """A line of the table; None for a half-written or strange one."""
    try:
        point = Point(int(row.get("timesteps") or ""), float(row.get(metric) or ""))
    except (TypeError, ValueError):
        return None
    return point if math.isfinite(point.value) else None
