"""The verdict over an experiment as it stands: its seeds, its comparators, and why they may not compare."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db import seeds
from db.claims import Claims, read_claims
from db.errors import NotFound
from db.fingerprints import difference
from db.lifecycle import TERMINAL_RUNS, ExitCause, ExperimentStatus
from db.models import ExperimentRow
from db.queries import assemble
from db.records import Experiment, Run
from db.verdict import SeedOutcome, Verdict, judge
from trainer.contract import JsonObject, RunKind


@dataclass(frozen=True)
class Judgement:
    """A verdict and the ids of the runs that it is about."""

    verdict: Verdict
    runs: tuple[int, ...]


def judgement(session: Session, number: int) -> Judgement | None:
    """The verdict over seeds that have all ended; None while one has not, or nothing was approved."""
    experiment = experiment_of(session, number)
    if experiment.status is not ExperimentStatus.APPROVED or experiment.parent is None:
        return None
    if not seeds.all_terminal(experiment.runs):
        return None
    revision = experiment.revision
    claims = read_claims(revision.intent, revision.config, experiment.parent)
    verdict = judge(
        claims.expectation,
        claims.guards,
        seeds.outcomes(experiment.runs),
        {key: comparator_outcomes(session, experiment, other) for key, other in claims.compared.items()},
        approved_seeds=revision.budget.seeds,
        incomparable=_incomparable(session, experiment, claims),
        stopped_by=_stopped_by(experiment.runs),
    )
    counted = (run.id for run in experiment.runs if run.kind is not RunKind.SMOKE)
    return Judgement(verdict, tuple(sorted(counted)))


def comparator_runs(session: Session, experiment: Experiment, other: int) -> tuple[Run, ...]:
    """The runs that stand for a comparator: those alongside where there are some, else its own seeds."""
    beside = seeds.of_kind(experiment.runs, RunKind.COMPARATOR)
    if beside and alongside_of(experiment) == other:
        return seeds.counting(beside)
    return seeds.counting(seeds.of_kind(experiment_of(session, other).runs, RunKind.SEED))


def comparator_outcomes(session: Session, experiment: Experiment, other: int) -> tuple[SeedOutcome, ...]:
    """The seeds of a comparator as a verdict takes them."""
    return tuple(seeds.outcome(run) for run in comparator_runs(session, experiment, other))


def alongside_of(experiment: Experiment) -> int | None:
    """The experiment whose config was trained beside this one."""
    intent = experiment.revision.intent
    if not intent.run_alongside or experiment.parent is None:
        return None
    return read_claims(intent, experiment.revision.config, experiment.parent).alongside


def own_outcomes(session: Session, number: int) -> tuple[SeedOutcome, ...]:
    """An experiment's own seeds, by the run of each that counts."""
    return seeds.outcomes(experiment_of(session, number).runs)


def comparators(session: Session, number: int) -> dict[int, tuple[Run, ...]]:
    """The runs that stand for each experiment compared with; the parent's where none is."""
    experiment = experiment_of(session, number)
    if experiment.parent is None:
        return {}
    intent = experiment.revision.intent
    claims = read_claims(intent, experiment.revision.config, experiment.parent)
    others = sorted(set(claims.compared.values())) or [claims.alongside]
    return {other: comparator_runs(session, experiment, other) for other in others}


def comparator_seeds(session: Session, number: int) -> dict[int, tuple[SeedOutcome, ...]]:
    """The seeds of each comparator as a verdict takes them."""
    found = comparators(session, number)
    return {other: tuple(seeds.outcome(run) for run in runs) for other, runs in found.items()}


def experiment_of(session: Session, number: int) -> Experiment:
    """:raises NotFound:"""
    return assemble.experiment(session, row_of(session, number))


def row_of(session: Session, number: int) -> ExperimentRow:
    """:raises NotFound:"""
    row = session.get(ExperimentRow, number)
    if row is None:
        raise NotFound(f"E-{number} is not in the ledger")
    return row


def _incomparable(session: Session, experiment: Experiment, claims: Claims) -> str | None:
    """Why results can not be compared, in a sentence."""
    own = _fingerprints(seeds.counting(seeds.of_kind(experiment.runs, RunKind.SEED)))
    if found := _first_difference(own[-1:], own[:-1]):
        return f"its own seeds were measured in different environments: {found}"
    for number in sorted(set(claims.compared.values())):
        other = experiment_of(session, number)
        if other.root != experiment.root:
            return f"E-{number} has another yardstick: its root is E-{other.root}, not E-{experiment.root}"
        beside = comparator_runs(session, experiment, number)
        coming = sum(run.status not in TERMINAL_RUNS for run in beside)
        if coming:
            return f"{coming} of E-{number}'s seeds have not ended yet; add seeds later for a new verdict"
        if found := _first_difference(own, _fingerprints(beside)):
            return f"E-{number} was measured in another environment: {found}; run it alongside"
    return None


def _fingerprints(runs: Sequence[Run]) -> tuple[JsonObject, ...]:
    return tuple(run.result.fingerprint for run in runs if run.result is not None)


def _first_difference(ours: Sequence[JsonObject], theirs: Sequence[JsonObject]) -> str | None:
    pairs = ((mine, their) for mine in ours for their in theirs)
    return next((found for mine, their in pairs if (found := difference(mine, their))), None)


def _stopped_by(runs: Iterable[Run]) -> str | None:
    """Who stopped a seed that counts."""
    for run in seeds.counting(runs):
        if run.cause is ExitCause.STOPPED and run.kind is not RunKind.SMOKE:
            return run.cancel_requested_by.name if run.cancel_requested_by else "somebody"
    return None
