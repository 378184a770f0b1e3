"""What detectors saw in the series of a run. Pure."""

import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from trainer.contract import JsonObject


class FindingKind(StrEnum):
    """What can be seen; docs/detectors.md has the rule of each."""

    RETURN_OSCILLATION = "return_oscillation"
    ACTION_OSCILLATION = "action_oscillation"
    COLLAPSE = "collapse"
    PLATEAU = "plateau"
    ENTROPY_COLLAPSE = "entropy_collapse"
    KL_SPIKES = "kl_spikes"
    VALUE_LOSS_EXPLOSION = "value_loss_explosion"
    NEGATIVE_EXPLAINED_VARIANCE = "negative_explained_variance"
    NAN = "nan"
    DEAD_EXPLORATION = "dead_exploration"
    REWARD_HACKING = "reward_hacking"
    THROUGHPUT_DROP = "throughput_drop"

    @property
    def words(self) -> str:
        """As people say it, and search for it: "entropy collapse"."""
        return _SPELLED.get(self, self.value.replace("_", " "))


_SPELLED: Mapping[FindingKind, str] = {FindingKind.NAN: "NaN", FindingKind.KL_SPIKES: "KL spikes"}


class Severity(StrEnum):
    """ALARMING: look at it before believing the result. NOTABLE: worth knowing."""

    ALARMING = "alarming"
    NOTABLE = "notable"


@dataclass(frozen=True)
class Finding:
    """`seed` is the run's label. It holds from `since_step` on, to the end where `until_step` is None.

    `numbers` are finite measurements by name; which ones there are depends on the kind.
    """

    kind: FindingKind
    seed: str
    since_step: int
    severity: Severity
    until_step: int | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        return {
            "kind": self.kind.value,
            "seed": self.seed,
            "since_step": self.since_step,
            "severity": self.severity.value,
            "until_step": self.until_step,
            "numbers": {name: value for name, value in self.numbers.items() if math.isfinite(value)},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        """:raises ValueError: for a kind or a shape that this version does not know."""
        match stored:
            case {
                "kind": str(kind),
                "seed": str(seed),
                "since_step": int(since),
                "severity": str(severity),
                "until_step": int() | None as until,
                "numbers": dict(numbers),
            }:
                return cls(FindingKind(kind), seed, since, Severity(severity), until, numbers)
        raise ValueError(f"this is no finding: {stored}")

    @classmethod
    def read_all(cls, stored: Iterable[Mapping[str, object]] | None) -> tuple[Self, ...]:
        """Those that this version knows; one of another version must not hide the rest of a run."""
        found = []
        for each in stored or ():
            with suppress(ValueError):
                found.append(cls.from_json(each))
        return tuple(found)
