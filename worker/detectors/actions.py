"""The rule about actions from one step to the next. Pure."""

from collections.abc import Iterator

import numpy as np

from db.records import Finding, FindingKind, Severity
from worker.detectors.recording import Recording, numbers
from worker.series import Series

RESTLESS = 0.5
FEWEST = 4


def oscillation(recording: Recording) -> Iterator[Finding]:
    """In the last quarter of the evaluations the action flips on more than half of the steps, or moves by
    more than half of its range from one step to the next.
    """
    measured = recording.evaluations.get("oscillation", Series())
    values = np.asarray(measured.values)
    if len(values) < FEWEST:
        return
    level = float(np.median(values[-(-3 * len(values) // 4) :] if len(values) > FEWEST else values[-2:]))
    if level <= RESTLESS:
        return
    calm = np.flatnonzero(values <= RESTLESS)
    since = int(calm[-1]) + 1 if len(calm) > 0 and calm[-1] + 1 < len(values) else 0
    yield Finding(
        FindingKind.ACTION_OSCILLATION,
        recording.seed,
        int(measured.steps[since]),
        Severity.NOTABLE,
        None,
        numbers(oscillation=level),
    )
