"""The rule about suspected reward hacking. Pure."""

from collections.abc import Iterator

import numpy as np

from db.records import Finding, FindingKind, Severity
from worker.detectors.recording import Blocks, Recording, blocks, numbers
from worker.series import Series

THIRDS = 3
FEWEST_ROWS = 12
FEWEST_LOOKS = 6
BEYOND_NOISE = 4.0
STILL_RETURN = 0.1
STILL_SUCCESS = 0.05


def reward_hacking(recording: Recording) -> Iterator[Finding]:
    """The training environment is not the yardstick's, and from its first to its last third the training
    return rises beyond its noise, while the yardstick's return moves by less than a tenth of that and its
    success rate by less than 0.05.
    """
    training = recording.training.get("reward", Series())
    judged = recording.evaluations.get("final_reward", Series())
    if not recording.own_reward or recording.solved:
        return
    if len(training) < FEWEST_ROWS or len(judged) < FEWEST_LOOKS:
        return
    paid, seen = blocks(training, THIRDS), blocks(judged, THIRDS)
    if len(paid) < THIRDS or len(seen) < THIRDS:
        return
    rise, moved = _rise(paid), _rise(seen)
    noise = float(np.hypot(paid.errors[0], paid.errors[-1]))
    if rise <= BEYOND_NOISE * noise or moved > STILL_RETURN * rise or _success_rises(recording):
        return
    if recording.is_best(float(seen.means[-1])) or _own_ceiling(paid, seen):
        return
    yield Finding(
        FindingKind.REWARD_HACKING,
        recording.seed,
        int(paid.starts[1]),
        Severity.ALARMING,
        None,
        numbers(rise=rise, evaluation_change=moved, training=paid.means[-1], evaluation=seen.means[-1]),
    )


def _rise(cut: Blocks) -> float:
    return float(cut.means[-1] - cut.means[0])


def _success_rises(recording: Recording) -> bool:
    successes = blocks(recording.evaluations.get("success_rate", Series()), THIRDS)
    return len(successes) == THIRDS and _rise(successes) >= STILL_SUCCESS


def _own_ceiling(paid: Blocks, seen: Blocks) -> bool:
    """Training with noise catches up with a deterministic policy that was good from the first third on: both
    are measured by the same reward, and the evaluation has been ahead all along.
    """
    return bool(seen.means[0] >= paid.means[-1] and np.sign(seen.means[0]) == np.sign(paid.means[-1]))
