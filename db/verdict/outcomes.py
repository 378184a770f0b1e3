"""What a verdict is made of and what it says: frozen records that travel as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from pydantic import JsonValue, TypeAdapter

from trainer.contract import JsonObject

SeedState = Literal["done", "failed", "stopped", "missing"]


@dataclass(frozen=True)
class SeedOutcome:
    """One seed, the run of it that counts.

    `failed` by its own fault (crash of the code, NaN, time limit): counts as not met. `stopped` by
    a person or a stop rule: left out, and no verdict. `missing`: no result yet, or lost to the
    infrastructure. `solved` maps (threshold, within steps) to the confirmed crossing's steps, or to
    None where there was none.
    """

    label: str
    seed_index: int
    state: SeedState
    metrics: Mapping[str, float] = field(default_factory=dict)
    solved: Mapping[tuple[float, int], int | None] = field(default_factory=dict)
    n_episodes: int = 0


class Outcome(StrEnum):
    SUPPORTED = "supported"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class ClaimVerdict:
    """One claim, judged.

    `asked`: "oscillation falls 20 % vs E-12". `got`: "0.11 vs 0.19 (-42 %)". `difference`: the plain
    difference child minus comparator with its interval, None where nothing is compared. `short`: one
    line for a guard, "Reward 489 vs 492: within 15". `reason`: the rule in words. `numbers`: what
    the rule computed, for pages and exports. `needs_more_seeds`: with how many more seeds the next
    look might decide, None where none can or none is needed.
    """

    asked: str
    outcome: Outcome
    got: str
    reason: str
    short: str
    difference: str | None = None
    interval: tuple[float, float] | None = None
    needs_more_seeds: int | None = None
    numbers: dict[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True)
class SeedLine:
    """A seed's final values. `values` are empty unless it is done."""

    label: str
    state: SeedState
    values: dict[str, float]
    solved: tuple[tuple[float, int, int | None], ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The computed answer to the expected outcome. `claims[0]` is the headline.

    `comparators` counts usable seeds by name, {"E-12": 5}; `comparator_seeds` is the first of them.
    `worst_seed` is the label of the worst seed by `headline_metric`; one that failed is the worst.
    `failure_limit` is the share of failing runs that these seeds do not exclude. `n_episodes` is
    the smallest number of evaluation episodes of a seed. `notes` are sentences that belong beside
    the outcome. `needs_more_seeds`: with how many more the next look might decide it, else None.
    """

    outcome: Outcome
    claims: tuple[ClaimVerdict, ...]
    guards: tuple[ClaimVerdict, ...]
    seeds: tuple[SeedLine, ...]
    seeds_done: int
    seeds_failed: int
    seeds_planned: int
    comparators: dict[str, int]
    headline_metric: str
    worst_seed: str | None
    failure_limit: float
    n_episodes: int
    notes: tuple[str, ...] = ()
    needs_more_seeds: int | None = None
    schema_version: Literal[1] = 1

    @property
    def comparator_seeds(self) -> int | None:
        return next(iter(self.comparators.values()), None)

    def to_json(self) -> JsonObject:
        data: JsonObject = _ADAPTER.dump_python(self, mode="json")
        return data

    @staticmethod
    def from_json(data: JsonObject) -> "Verdict":
        """The verdict that `to_json` wrote. Raises ValueError for anything else."""
        return _ADAPTER.validate_python(data)


_ADAPTER: TypeAdapter[Verdict] = TypeAdapter(Verdict)
