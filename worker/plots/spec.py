"""What a plot shows, as frozen values: nothing here knows about files or drawing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from worker.series import Series


class CurveKind(StrEnum):
    SEED = "seed"
    COMPARATOR = "comparator"


class CurveState(StrEnum):
    """How a run stands. Only finished ones enter the mean and the band."""

    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    RUNNING = "running"


@dataclass(frozen=True)
class Curve:
    """One run: `evaluations` by metric name, `training` returns, and the `final` values by metric name."""

    label: str
    kind: CurveKind
    state: CurveState
    evaluations: Mapping[str, Series] = field(default_factory=dict)
    training: Series = field(default_factory=Series)
    final: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ExpectedLine:
    """Where the expected outcome lies, `until` a number of steps where it names one."""

    value: float
    label: str
    until: float | None = None


@dataclass(frozen=True)
class Panel:
    """One metric with its unit and known range; None where it is unbounded."""

    metric: str
    words: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    higher_is_better: bool = True
    lines: tuple[ExpectedLine, ...] = ()


@dataclass(frozen=True)
class Mark:
    """Where detectors saw something, in a few words."""

    steps: float
    label: str


Steps: TypeAlias = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Profile:
    """The performance profile of one metric: (value, share of the runs that are at least as good).

    By rising value; `comparator` is empty where nothing is compared.
    """

    words: str
    higher_is_better: bool
    child: Steps
    comparator: Steps = ()


@dataclass(frozen=True)
class PlotSpec:
    """A whole picture. `comparator` is how the compared experiment is named, None where there is none.

    `marks` stand in the first panel; `profile` is drawn below the panels, from ten seeds on.
    """

    title: str
    curves: tuple[Curve, ...]
    panels: tuple[Panel, ...]
    total_timesteps: int
    n_eval_episodes: int
    interim_episodes: int
    comparator: str | None = None
    marks: tuple[Mark, ...] = ()
    profile: Profile | None = None

    def of(self, kind: CurveKind, *states: CurveState) -> tuple[Curve, ...]:
        """The curves of one side, in any of `states`, or all of them."""
        return tuple(c for c in self.curves if c.kind is kind and (not states or c.state in states))

    def from_training(self, panel: Panel) -> bool:
        """True where the panel has to fall back on training episodes, for want of evaluations."""
        if panel.metric != "final_reward":
            return False
        return not any(len(curve.evaluations.get(panel.metric, ())) > 1 for curve in self.curves)

    def series(self, curve: Curve, panel: Panel) -> Series:
        """What of a curve the panel draws."""
        if self.from_training(panel):
            return curve.training
        return curve.evaluations.get(panel.metric, Series())
