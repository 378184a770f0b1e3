"""Rules about the return: collapse after a peak, plateau, oscillation. Pure."""

from collections.abc import Iterator

import numpy as np

from db.records import Finding, FindingKind, Severity
from worker.detectors.recording import Blocks, Recording, blocks, numbers

FEWEST_BLOCKS = 8
LOST = 0.5
FALLING = 0.25
BEYOND_NOISE = 4.0
BELOW_FOR = 3
STILL = 0.1
STILL_SHARE = 0.5
SWING = 0.3
SWINGS = 6
SWING_BLOCKS = 40


def collapse(recording: Recording) -> Iterator[Finding]:
    """At least half of what had been gained is lost, and stays lost for 3 windows of 20 or to the end."""
    cut = blocks(recording.returns)
    if len(cut) < FEWEST_BLOCKS:
        return
    means = cut.means
    for peak in _new_peaks(means):
        gain = means[peak] - means[: peak + 1].min()
        noise = cut.errors[: peak + 1].max()
        below = means[peak + 1 :] <= means[peak] - LOST * gain
        if gain <= BEYOND_NOISE * noise or gain <= 0 or not below.any():
            continue
        first = peak + 1 + int(np.argmax(below))
        later = means[first:] > means[peak] - LOST * gain
        back = first + int(np.argmax(later)) if later.any() else len(means)
        if back - first < min(BELOW_FOR, len(means) - first) or back - first < BELOW_FOR - 1:
            continue
        recovered = back < len(means)
        low = float(np.median(means[first:back]))
        still_high = np.flatnonzero(means[:first] > means[peak] - FALLING * gain)
        yield Finding(
            FindingKind.COLLAPSE,
            recording.seed,
            int(cut.ends[still_high[-1]]),
            Severity.NOTABLE if recovered and recording.solved else Severity.ALARMING,
            int(cut.starts[back]) if recovered else None,
            numbers(peak=means[peak], low=low, lost_share=(means[peak] - low) / gain),
        )
        return


def _new_peaks(means: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Iterator[int]:
    """The windows after which the return falls from the highest value so far."""
    for i in range(len(means) - 1):
        if means[i] >= means[: i + 1].max() and means[i + 1] < means[i]:
            yield i


def plateau(recording: Recording) -> Iterator[Finding]:
    """For the last half or more the return stays within a tenth of its range, below the best known one."""
    cut = blocks(recording.returns)
    if len(cut) < FEWEST_BLOCKS or recording.solved:
        return
    level = float(np.median(cut.means[-len(cut) // 4 :]))
    room = max(STILL * float(np.ptp(cut.means)), float(np.median(cut.errors)))
    away = np.abs(cut.means - level) > room
    since = int(np.flatnonzero(away)[-1]) + 1 if away.any() else 0
    if len(cut) - since < STILL_SHARE * len(cut) or recording.is_best(level):
        return
    yield Finding(
        FindingKind.PLATEAU,
        recording.seed,
        int(cut.starts[since]),
        Severity.NOTABLE,
        None,
        numbers(level=level, range=np.ptp(cut.means)),
    )


def oscillation(recording: Recording) -> Iterator[Finding]:
    """The return turns round at least 6 times by 30 % of its range, beyond what its noise explains."""
    cut = blocks(recording.returns, SWING_BLOCKS)
    if len(cut) < FEWEST_BLOCKS:
        return
    size = SWING * float(np.percentile(cut.means, 95) - np.percentile(cut.means, 5))
    if size <= BEYOND_NOISE * float(np.median(cut.errors)) or size <= 0:
        return
    turns = _turns(cut, size)
    if len(turns) < SWINGS:
        return
    yield Finding(
        FindingKind.RETURN_OSCILLATION,
        recording.seed,
        int(cut.starts[turns[0]]),
        Severity.NOTABLE,
        int(cut.ends[turns[-1]]),
        numbers(turns=len(turns), swing=_mean_swing(cut, turns)),
    )


def _turns(cut: Blocks, size: float) -> list[int]:
    """Windows at which the return turned, each at least `size` away from the one before (zigzag)."""
    turns: list[int] = []
    low = high = 0
    up: bool | None = None
    for i, value in enumerate(cut.means):
        low, high = (i if value < cut.means[low] else low), (i if value > cut.means[high] else high)
        if up is not False and value <= cut.means[high] - size:
            if up is not None:
                turns.append(high)
            up, low = False, i
        elif up is not True and value >= cut.means[low] + size:
            if up is not None:
                turns.append(low)
            up, high = True, i
    return turns


def _mean_swing(cut: Blocks, turns: list[int]) -> float:
    return float(np.abs(np.diff(cut.means[turns])).mean())
