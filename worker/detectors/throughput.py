"""The rule about speed. Pure."""

from collections.abc import Iterator

import numpy as np

from db.records import Finding, FindingKind, Severity
from worker.detectors.recording import BLOCKS, Recording, numbers, stretches, until
from worker.series import Series

SLOW = 0.5
SLOW_BLOCKS = 2
FEWEST_ROWS = 40


def drop(recording: Recording) -> Iterator[Finding]:
    """For at least 2 windows of 20 in a row, after the first two, steps per second are below half of the
    windows' median.
    """
    series = recording.training.get("time_s", Series())
    if len(series) < FEWEST_ROWS:
        return
    edges = np.linspace(series.steps[0], series.steps[-1], BLOCKS + 1)
    seconds = np.diff(np.interp(edges, np.asarray(series.steps), np.asarray(series.values)))
    speeds = np.where(
        seconds > 0, np.diff(edges) / np.maximum(seconds, 1e-9), np.inf
    )  # resumed: time restarts
    usual = float(np.median(speeds))
    slow = speeds < SLOW * usual
    slow[:2] = False
    found = [
        (last - first, first, last) for first, last in stretches(slow) if last - first + 1 >= SLOW_BLOCKS
    ]
    if not found or not np.isfinite(usual):
        return
    _, first, last = max(found)
    yield Finding(
        FindingKind.THROUGHPUT_DROP,
        recording.seed,
        int(edges[first]),
        Severity.NOTABLE,
        until(float(edges[last + 1]), recording),
        numbers(steps_per_s=float(np.median(speeds[first : last + 1])), usual=usual),
    )
