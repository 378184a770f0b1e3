"""All detectors, and what a recording shows by them. Pure."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from db.records import Finding, FindingKind, Severity
from worker.detectors import actions, exploration, hacking, returns, throughput, updates, validity
from worker.detectors.recording import Recording

Detector = Callable[[Recording], Iterator[Finding]]

DETECTORS: Mapping[FindingKind, Detector] = {
    FindingKind.NAN: validity.not_a_number,
    FindingKind.COLLAPSE: returns.collapse,
    FindingKind.REWARD_HACKING: hacking.reward_hacking,
    FindingKind.DEAD_EXPLORATION: exploration.dead_exploration,
    FindingKind.ENTROPY_COLLAPSE: exploration.entropy_collapse,
    FindingKind.VALUE_LOSS_EXPLOSION: updates.value_loss_explosion,
    FindingKind.KL_SPIKES: updates.kl_spikes,
    FindingKind.NEGATIVE_EXPLAINED_VARIANCE: updates.negative_explained_variance,
    FindingKind.RETURN_OSCILLATION: returns.oscillation,
    FindingKind.ACTION_OSCILLATION: actions.oscillation,
    FindingKind.PLATEAU: returns.plateau,
    FindingKind.THROUGHPUT_DROP: throughput.drop,
}
# A curve that lies flat because of one of these is no plateau of its own.
_FLAT_BY_ITSELF = frozenset({FindingKind.COLLAPSE, FindingKind.DEAD_EXPLORATION})


def detect(recording: Recording) -> tuple[Finding, ...]:
    """What the run's series show, the alarming first, each kind at most once."""
    with np.errstate(all="ignore"):
        found = [finding for look in DETECTORS.values() for finding in look(recording)]
    kinds = {finding.kind for finding in found}
    if kinds & _FLAT_BY_ITSELF:
        found = [finding for finding in found if finding.kind is not FindingKind.PLATEAU]
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ALARMING))
