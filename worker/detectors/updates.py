"""Rules about updates: KL spikes, an exploding value loss, explained variance below zero. Pure."""

from collections.abc import Iterator

import numpy as np

from db.records import Finding, FindingKind, Severity
from worker.detectors.recording import Blocks, Recording, blocks, numbers, stretches, until
from worker.series import Series

FEWEST_ROWS = 20
KL = ("approx_kl", "kl_divergence_loss")
FAR = 0.2
FAR_BESIDE_MEDIAN = 5.0
LARGE = 0.5
HUGE = 1.0
MANY = 3
EXPLODED = 10.0
EARLY_BLOCKS = 5
NEGLIGIBLE = 1e-3
VALUE_LOSSES = ("value_loss", "critic_loss", "loss")
BELOW_ZERO = -0.1
BELOW_BLOCKS = 3


def kl_spikes(recording: Recording) -> Iterator[Finding]:
    """An update moves the policy by a KL divergence above 0.2 and above 5 times the median update."""
    series = next((recording.training[name] for name in KL if name in recording.training), Series())
    values = np.asarray(series.values)
    if len(values) < FEWEST_ROWS:
        return
    usual = float(np.median(values))
    far = np.flatnonzero((values > FAR) & (values > FAR_BESIDE_MEDIAN * usual))
    if len(far) == 0:
        return
    # The same update stands in several rows where episodes end more often than it updates.
    spikes = values[far][np.concatenate(([True], np.diff(values[far]) != 0))]
    worst = float(spikes.max())
    grave = (int((spikes > LARGE).sum()) >= MANY or worst > HUGE) and not recording.solved
    yield Finding(
        FindingKind.KL_SPIKES,
        recording.seed,
        int(series.steps[far[0]]),
        Severity.ALARMING if grave else Severity.NOTABLE,
        int(series.steps[far[-1]]),
        numbers(count=len(spikes), worst=worst, median=usual),
    )


def value_loss_explosion(recording: Recording) -> Iterator[Finding]:
    """In proportion to the returns seen so far, the value loss of a window of 20 is more than 10 times the
    largest one of the first quarter, and the last window's still is. Losses below a thousandth of what those
    returns would allow explode nothing.
    """
    for name in VALUE_LOSSES:
        series = recording.training.get(name, Series())
        if len(series) >= FEWEST_ROWS:
            yield from _explosion(recording, name, series)
            return


def _explosion(recording: Recording, name: str, series: Series) -> Iterator[Finding]:
    cut, scale = blocks(series), _largest_return(recording, series)
    if len(cut) <= EARLY_BLOCKS:
        return
    # Losses grow with the square of the returns (Huber's with the returns), which is no fault.
    power = 1 if name == "loss" else 2
    weighed = blocks(Series(series.steps, tuple(np.asarray(series.values) / scale**power)))
    early = float(weighed.means[:EARLY_BLOCKS].max())
    bar = max(EXPLODED * early, NEGLIGIBLE)
    high = np.flatnonzero(weighed.means[EARLY_BLOCKS:] > bar) + EARLY_BLOCKS
    if len(high) == 0 or weighed.means[-1] <= bar:
        return
    yield Finding(
        FindingKind.VALUE_LOSS_EXPLOSION,
        recording.seed,
        int(cut.starts[high[0]]),
        Severity.ALARMING,
        None,
        numbers(before=float(np.median(cut.means[:EARLY_BLOCKS])), largest=float(cut.means.max())),
    )


def _largest_return(recording: Recording, series: Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """For each row the largest return in size so far, at least 1."""
    returns = recording.returns
    if len(returns) == 0:
        return np.ones(len(series))
    largest = np.maximum.accumulate(np.maximum(np.abs(np.asarray(returns.values)), 1.0))
    place = np.searchsorted(np.asarray(returns.steps), np.asarray(series.steps), side="right") - 1
    return np.where(place >= 0, largest[np.maximum(place, 0)], 1.0)


def negative_explained_variance(recording: Recording) -> Iterator[Finding]:
    """The median explained variance of at least 3 windows of 20 in a row, after the first, is below -0.1:
    the value function predicts returns worse than their mean would. Not where the task is solved: returns
    that are always the same cannot be explained.
    """
    if recording.solved:
        return
    cut: Blocks = blocks(recording.training.get("explained_variance", Series()))
    if len(cut) < EARLY_BLOCKS:
        return
    below = cut.medians < BELOW_ZERO
    below[0] = False
    found = [
        (last - first, first, last) for first, last in stretches(below) if last - first + 1 >= BELOW_BLOCKS
    ]
    if not found:
        return
    _, first, last = max(found)
    yield Finding(
        FindingKind.NEGATIVE_EXPLAINED_VARIANCE,
        recording.seed,
        int(cut.starts[first]),
        Severity.NOTABLE,
        until(float(cut.ends[last]), recording),
        numbers(median=float(np.median(cut.medians[first : last + 1]))),
    )
