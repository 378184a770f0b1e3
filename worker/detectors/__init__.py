"""What the series of a run show: rules from frozen values to findings. docs/detectors.md has each rule."""

from worker.detectors.recording import Recording
from worker.detectors.rules import DETECTORS, detect

__all__ = ["DETECTORS", "Recording", "detect"]
