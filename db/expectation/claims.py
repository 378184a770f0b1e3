"""What can be claimed of a few seeds: frozen values, one class per row of the grammar."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from pydantic import JsonValue

from db.errors import ExpectationError
from trainer.contract import JsonObject, SolveTarget

FINAL_REWARD = "final_reward"


@dataclass(frozen=True)
class MetricInfo:
    """A metric of the yardstick: `low` and `high` bound its values, None where it is unbounded."""

    name: str
    direction: Literal["higher", "lower"] = "higher"
    unit: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def words(self) -> str:
        """The name as people type it: "final reward"."""
        return self.name.replace("_", " ")

    @property
    def higher_is_better(self) -> bool:
        return self.direction == "higher"

    @property
    def is_share(self) -> bool:
        """True where values are shares from 0 to 1, so that 15 % means 0.15."""
        return self.low == 0 and self.high == 1


def _bound(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _metric(name: str, described: JsonValue) -> MetricInfo:
    described = described if isinstance(described, dict) else {}
    between = described.get("range")
    low, high = between if isinstance(between, list) and len(between) == 2 else (None, None)  # noqa: PLR2004 - a pair
    return MetricInfo(
        name=name,
        direction="lower" if described.get("direction") == "lower" else "higher",
        unit=str(described.get("unit") or ""),
        low=_bound(low),
        high=_bound(high),
    )


def metrics_of(config: JsonObject) -> Mapping[str, MetricInfo]:
    """The metrics of a resolved config's yardstick (`eval.metrics`), by name.

    Raises ExpectationError where the config has none: nothing could be claimed of its runs.
    """
    yardstick = config.get("eval")
    described = yardstick.get("metrics") if isinstance(yardstick, dict) else None
    if not isinstance(described, dict) or not described:
        raise ExpectationError(
            "this config has no `eval.metrics`: start from a preset or an experiment with some"
        )
    return {name: _metric(name, value) for name, value in described.items()}


class Bound(StrEnum):
    """How a value is held against a threshold."""

    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="

    @property
    def up(self) -> bool:
        return self in {Bound.ABOVE, Bound.AT_LEAST}

    def met(self, value: float, threshold: float) -> bool:
        if self is Bound.ABOVE:
            return value > threshold
        if self is Bound.AT_LEAST:
            return value >= threshold
        return value < threshold if self is Bound.BELOW else value <= threshold


@dataclass(frozen=True)
class Threshold:
    """The median run's metric lies beyond `value`."""

    metric: MetricInfo
    bound: Bound
    value: float


@dataclass(frozen=True)
class MeanThreshold:
    """The mean over runs lies beyond `value`; assumes no rare failures."""

    metric: MetricInfo
    bound: Bound
    value: float


@dataclass(frozen=True)
class Comparison:
    """The mean run lies above (`up`) or below the comparator's by more than `margin`.

    `margin` is in the metric's unit, or where `relative` a share of the size of the comparator's
    mean; negative margins allow to be that much on the wrong side. `other` is the number of the
    experiment compared with; None stands for the contract's comparator, as a rule the parent.
    """

    metric: MetricInfo
    up: bool
    margin: float = 0.0
    relative: bool = False
    other: int | None = None


@dataclass(frozen=True)
class Equivalence:
    """The mean run is no further than `margin` from the comparator's, in both directions."""

    metric: MetricInfo
    margin: float
    relative: bool = False
    other: int | None = None

    @property
    def directions(self) -> tuple[Comparison, Comparison]:
        """The two one-sided claims of which this one is made."""
        above = Comparison(
            self.metric, up=True, margin=-self.margin, relative=self.relative, other=self.other
        )
        below = Comparison(
            self.metric, up=False, margin=-self.margin, relative=self.relative, other=self.other
        )
        return above, below


@dataclass(frozen=True)
class Solves:
    """The median run reaches `threshold`, confirmed on 100 fresh episodes, within `within_steps` steps."""

    threshold: float
    within_steps: int

    @property
    def target(self) -> SolveTarget:
        return SolveTarget(threshold=self.threshold, within_steps=self.within_steps)


@dataclass(frozen=True)
class CountOfSeeds:
    """At least `needed` of `of` seeds meet the inner claim: a count, not an inference."""

    needed: int
    of: int
    claim: Threshold | Solves


Claim: TypeAlias = Threshold | MeanThreshold | Comparison | Equivalence | Solves | CountOfSeeds


@dataclass(frozen=True)
class Expectation:
    """Claims that shall all hold. `text` is what was typed, `parent_key` how "parent" is shown."""

    text: str
    claims: tuple[Claim, ...]
    parent_key: str = "parent"

    @property
    def comparators(self) -> frozenset[int | None]:
        """The experiments compared with; None stands for the contract's comparator."""
        return frozenset(c.other for c in self.claims if isinstance(c, Comparison | Equivalence))

    @property
    def solve_targets(self) -> tuple[SolveTarget, ...]:
        """What the trainer has to look for, each target once."""
        return tuple(dict.fromkeys(_solve_targets(self.claims)))

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics that the claims are about, each once, in the order of the claims."""
        return tuple(dict.fromkeys(metric_name(claim) for claim in self.claims))

    def name_of(self, other: int | None) -> str:
        """How a comparator is shown: "E-12", or the parent's key."""
        return self.parent_key if other is None else f"E-{other}"


def metric_name(claim: Claim) -> str:
    """The name of the metric that a claim is about; solving is about the final reward."""
    inner = claim.claim if isinstance(claim, CountOfSeeds) else claim
    return FINAL_REWARD if isinstance(inner, Solves) else inner.metric.name


def _solve_targets(claims: tuple[Claim, ...]) -> Iterator[SolveTarget]:
    for claim in claims:
        inner = claim.claim if isinstance(claim, CountOfSeeds) else claim
        if isinstance(inner, Solves):
            yield inner.target
