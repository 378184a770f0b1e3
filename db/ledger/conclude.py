"""Results (computed, once for the same runs) and conclusions (what people write about them)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ledger import messages
from db.ledger.proposals import add_tags
from db.ledger.transition import Act, append_event, lock_experiment
from db.lifecycle import ExitCause
from db.models import ConclusionRow, ExperimentRow, ResultRow, RunRow
from db.queries.judgement import Judgement
from db.records import OutboxKind, Person
from db.search import index_experiment
from db.verdict import Verdict
from trainer.contract import JsonObject, RunKind


@dataclass(frozen=True)
class Plot:
    """Where the pictures lie, relative to the artifacts folder, and what they say in words."""

    path: str | None
    alt: str
    sheet_path: str | None = None
    sheet_alt: str = ""


def newest_result(session: Session, number: int) -> ResultRow | None:
    statement = select(ResultRow).where(ResultRow.experiment == number).order_by(ResultRow.n.desc())
    return session.scalars(statement).first()


def write_result(
    session: Session, number: int, judged: Judgement, plot: Plot, at: datetime
) -> ResultRow | None:
    """The result over these runs: the one that is there, or the next one.

    None where other runs have been added since they were judged.
    """
    experiment = lock_experiment(session, number)
    last = newest_result(session, number)
    runs = list(judged.runs)
    experiment.ring_at = None
    if last is not None and sorted(last.runs) == runs:
        return last
    if runs != _seed_runs(session, number):
        experiment.ring_at = at
        return None
    verdict = judged.verdict
    row = ResultRow(
        experiment=number,
        n=1 if last is None else last.n + 1,
        outcome=verdict.outcome.value,
        verdict=verdict.to_json(),
        got=got(verdict),
        runs=runs,
        plot_path=plot.path,
        plot_alt=plot.alt,
        sheet_path=plot.sheet_path,
        sheet_alt=plot.sheet_alt,
        created_at=at,
    )
    session.add(row)
    session.flush()
    payload: JsonObject = {"n": row.n, "outcome": row.outcome, "runs": list(runs)}
    append_event(session, experiment, "experiment.result", Act("signoff", at), payload)
    if _anything_ran(session, number):
        messages.post(session, experiment, OutboxKind.RESULT, at, name=str(row.n), n=row.n)
        if plot.sheet_path is not None:
            messages.post(session, experiment, OutboxKind.DIAGNOSTICS, at, name=str(row.n), n=row.n)
    messages.wake(session, experiment, OutboxKind.STATUS, at)
    index_experiment(session, number)
    return row


def write_conclusion(session: Session, number: int, text: str, act: Act) -> ExperimentRow:
    """Keep what a person concludes; the same words twice are one conclusion, other words replace it."""
    experiment = lock_experiment(session, number)
    statement = select(ConclusionRow).where(ConclusionRow.experiment == number)
    last = session.scalars(statement.order_by(ConclusionRow.id.desc())).first()
    if last is not None and (last.text, last.author_id) == (text, act.actor):
        return experiment
    count = len(session.scalars(statement).all()) + 1
    author = Person(act.actor, str(act.details.get("by", act.actor)))
    row = ConclusionRow(experiment=number, text=text, author_id=author.id, author_name=author.name, at=act.at)
    session.add(row)
    append_event(session, experiment, "experiment.concluded", act, {"n": count})
    messages.post(session, experiment, OutboxKind.CONCLUSION, act.at, name=str(count), n=count)
    index_experiment(session, number)
    return experiment


def tag(session: Session, number: int, names: Iterable[str], act: Act) -> ExperimentRow:
    """Add tags; those that are there already stay."""
    experiment = lock_experiment(session, number)
    new = add_tags(session, experiment, names, act)
    if new:
        append_event(session, experiment, "experiment.tagged", act, {"tags": list(new)})
        index_experiment(session, number)
    return experiment


def got(verdict: Verdict) -> str:
    """What came out, in one line: the first claim's numbers."""
    return verdict.claims[0].got if verdict.claims else ""


def _seed_runs(session: Session, number: int) -> list[int]:
    statement = select(RunRow.id).where(RunRow.experiment == number, RunRow.kind != RunKind.SMOKE)
    return list(session.scalars(statement.order_by(RunRow.id)))


def _anything_ran(session: Session, number: int) -> bool:
    """Whether any seed got past the smoke run; else its failure message has said it all."""
    statement = select(RunRow.id).where(
        RunRow.experiment == number, RunRow.kind != RunKind.SMOKE, RunRow.cause != ExitCause.SMOKE
    )
    return session.scalars(statement.limit(1)).first() is not None
