"""The rule about NaN. Pure."""

from collections.abc import Iterator

from db.records import Finding, FindingKind, Severity
from worker.detectors.recording import Recording


def not_a_number(recording: Recording) -> Iterator[Finding]:
    """The run ended because a value became NaN or infinite."""
    if recording.nan_at is not None:
        yield Finding(FindingKind.NAN, recording.seed, recording.nan_at, Severity.ALARMING)
