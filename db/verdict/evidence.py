"""The seeds on both sides, and why they allow no verdict where they do not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.expectation.claims import Expectation
from db.verdict import words
from db.verdict.outcomes import SeedOutcome
from db.verdict.rules import MIN_SEEDS, Levels, is_look, next_look
from db.verdict.samples import usable_value


def done(seeds: Sequence[SeedOutcome]) -> tuple[SeedOutcome, ...]:
    """The seeds that finished with finite values."""
    return tuple(s for s in seeds if s.state == "done" and not _broken(s))


def failed(seeds: Sequence[SeedOutcome]) -> tuple[SeedOutcome, ...]:
    """The seeds that failed by their own fault; one that reports NaN or infinity is among them."""
    return tuple(s for s in seeds if s.state == "failed" or (s.state == "done" and _broken(s)))


def counted(seeds: Sequence[SeedOutcome]) -> tuple[SeedOutcome, ...]:
    """The seeds that count in a verdict, failed ones included, in the order of their indices."""
    both = {s.label for s in (*done(seeds), *failed(seeds))}
    return tuple(sorted((s for s in seeds if s.label in both), key=lambda s: (s.seed_index, s.label)))


def _broken(seed: SeedOutcome) -> bool:
    return not all(usable_value(value) for value in seed.metrics.values())


def labels(seeds: Sequence[SeedOutcome]) -> str:
    return words.some_of([s.label for s in seeds])


@dataclass(frozen=True)
class Evidence:
    """What the rules look at.

    `blocked` says why there can be no verdict at all, else None; `more_would_help` where it is for
    want of seeds. `incomparable` says why the comparator's results cannot be compared, else None.
    """

    expectation: Expectation
    child: tuple[SeedOutcome, ...]
    comparators: Mapping[int | None, Sequence[SeedOutcome]]
    levels: Levels
    blocked: str | None = None
    more_would_help: bool = False
    incomparable: str | None = None

    def other(self, number: int | None) -> tuple[SeedOutcome, ...]:
        return tuple(self.comparators.get(number, ()))

    def more_seeds(self) -> int | None:
        """How many seeds the next look needs; None after the last."""
        planned = len(self.child)
        look = next_look(planned)
        return None if look is None else look - planned


def why_blocked(child: Sequence[SeedOutcome], *, approved_seeds: int, stopped_by: str | None) -> str | None:
    """Why these seeds allow no verdict at all, whatever they show; None where they allow one."""
    stopped = [s for s in child if s.state == "stopped"]
    missing = [s for s in child if s.state == "missing"]
    n = len(counted(child))
    if stopped or stopped_by:
        who = f"stopped by {stopped_by}" if stopped_by else "stopped"
        return f"{who}: {labels(stopped) or 'its seeds'} left out, so no verdict"
    if missing:
        return f"no result of {labels(missing)}: Retry reruns the same seed"
    if n < MIN_SEEDS:
        return f"no verdict from fewer than {MIN_SEEDS} seeds"
    if not is_look(n, approved_seeds):
        look = next_look(n)
        then = f"the next look is at {look} seeds" if look else "there is no later look"
        return f"{n} seeds are no look that was agreed on: {then}"
    return None
