"""Rules about exploration: entropy collapse, and exploration that never finds anything. Pure."""

from collections.abc import Iterator

import numpy as np

from db.records import Finding, FindingKind, Severity
from worker.detectors.recording import Recording, blocks, numbers
from worker.series import Series

SPENT = 0.02
SOON = 0.9
STAYS = 0.95
FEWEST_ROWS = 20
SAME_SHARE = 0.9
SAME = 1e-6


def entropy_collapse(recording: Recording) -> Iterator[Finding]:
    """The policy's entropy (continuous: its standard deviation) falls to 2 % of where it began, and from
    there to the end, at least a tenth of the training, 95 % of the rows stay there.
    """
    name, series = _randomness(recording)
    values = np.asarray(series.values)
    if len(values) < FEWEST_ROWS:
        return
    start = float(values[: FEWEST_ROWS // 2].max())
    if start <= 0:
        return
    low = values <= SPENT * start
    # The share of low rows from each row on to the end.
    rest = np.cumsum(low[::-1])[::-1] / np.arange(len(low), 0, -1)
    held = np.flatnonzero(low & (rest >= STAYS))
    if len(held) == 0 or series.steps[since := int(held[0])] > SOON * series.steps[-1]:
        return
    yield Finding(
        FindingKind.ENTROPY_COLLAPSE,
        recording.seed,
        int(series.steps[since]),
        Severity.NOTABLE if recording.solved else Severity.ALARMING,
        None,
        numbers(**{name: values[since], "start": start}),
    )


def _randomness(recording: Recording) -> tuple[str, Series]:
    """What says how random the policy is."""
    std = recording.training.get("std", Series())
    if len(std) > 0:
        return "std", std
    loss = recording.training.get("entropy_loss", Series())
    return "entropy", Series(loss.steps, tuple(-value for value in loss.values))


def dead_exploration(recording: Recording) -> Iterator[Finding]:
    """In the last half at least 9 of 10 rows have the lowest return ever seen: no reward was found to
    learn from.
    """
    series = recording.returns
    values, steps = np.asarray(series.values), np.asarray(series.steps)
    if len(values) < FEWEST_ROWS or recording.solved:
        return
    lowest = float(values.min())
    same = np.abs(values - lowest) <= SAME * max(1.0, abs(lowest))
    late = steps > steps[-1] / 2
    if same[late].mean() < SAME_SHARE or recording.is_best(lowest) or _succeeds(recording):
        return
    other = np.flatnonzero(~same)
    yield Finding(
        FindingKind.DEAD_EXPLORATION,
        recording.seed,
        0 if same.mean() >= SAME_SHARE or len(other) == 0 else int(steps[other[-1]]),
        Severity.ALARMING,
        None,
        numbers(level=lowest, share=same.mean()),
    )


def _succeeds(recording: Recording) -> bool:
    successes = blocks(recording.evaluations.get("success_rate", Series()), 4)
    return len(successes) > 0 and successes.means[-1] > 0
