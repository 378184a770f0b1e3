"""Rows into frozen records, with as few statements as there are tables."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import records
from db.models import (
    AttemptRow,
    ConclusionRow,
    DecisionRow,
    EventRow,
    ExperimentRow,
    ExtensionRow,
    OutboxEntry,
    QuestionRow,
    ResultRow,
    RevisionRow,
    RunRow,
    RuntimeRow,
    TagRow,
)
from db.records import Budget, Intent, Person
from trainer.contract import JsonObject, Progress, RunResult, SmokeReport

_Row = TypeVar("_Row", DecisionRow, ResultRow, ConclusionRow, ExtensionRow, RunRow)


def experiment(session: Session, row: ExperimentRow) -> records.Experiment:
    """An experiment with everything that hangs on it."""
    return experiments(session, [row])[0]


def experiments(session: Session, rows: Sequence[ExperimentRow]) -> tuple[records.Experiment, ...]:
    """Experiments in the order given, in a fixed number of statements."""
    session.flush()
    numbers = [row.number for row in rows]
    revisions = _newest_revisions(session, numbers)
    decisions = _by_experiment(session, DecisionRow, numbers)
    runs = _by_experiment(session, RunRow, numbers)
    attempts = newest_attempts(session, [run.id for each in runs.values() for run in each])
    results = _by_experiment(session, ResultRow, numbers)
    conclusions = _by_experiment(session, ConclusionRow, numbers)
    tags = _tags(session, numbers)
    extensions = _by_experiment(session, ExtensionRow, numbers)
    return tuple(
        records.Experiment(
            number=row.number,
            status=row.status,
            version=row.version,
            origin=row.origin,
            author=Person(row.author_id, row.author_name),
            parent=row.parent,
            revision=revision(revisions[row.number]),
            channel_id=row.channel_id,
            thread_ts=row.thread_ts,
            created_at=row.created_at,
            decisions=tuple(decision(each) for each in decisions[row.number]),
            runs=tuple(run(each, attempts.get(each.id)) for each in runs[row.number]),
            results=tuple(result(each) for each in results[row.number]),
            conclusion=conclusion(conclusions[row.number][-1]) if conclusions[row.number] else None,
            smoke=SmokeReport.model_validate(row.smoke) if row.smoke else None,
            smoke_message=row.smoke_message,
            root=row.root,
            tags=tuple(tags[row.number]),
            extensions=tuple(extension(each) for each in extensions[row.number]),
            priority=row.priority,
        )
        for row in rows
    )


def newest_attempts(session: Session, run_ids: Sequence[int]) -> dict[int, AttemptRow]:
    """The newest attempt of each run, by run id."""
    if not run_ids:
        return {}
    rows = session.scalars(select(AttemptRow).where(AttemptRow.run_id.in_(run_ids)).order_by(AttemptRow.id))
    return {row.run_id: row for row in rows}


def revision(row: RevisionRow) -> records.Revision:
    return records.Revision(
        experiment=row.experiment,
        n=row.n,
        author=Person(row.author_id, row.author_name),
        intent=intent(row.intent),
        delta=row.delta,
        config=row.config,
        budget=budget(row.budget),
        config_hash=row.config_hash,
        spec_hash=row.spec_hash,
        approval_hash=row.approval_hash,
        created_at=row.created_at,
    )


def intent(stored: JsonObject) -> Intent:
    """The intent as it was signed; `tags` come back as the tuple they were."""
    tags = stored.get("tags") or []
    assert isinstance(tags, list)
    return Intent(**{**stored, "tags": tuple(str(tag) for tag in tags)})  # type: ignore[arg-type]


def budget(stored: JsonObject) -> Budget:
    return Budget(**stored)  # type: ignore[arg-type]


def decision(row: DecisionRow) -> records.Decision:
    return records.Decision(
        experiment=row.experiment,
        revision=row.revision,
        kind=row.kind,
        decider=Person(row.decider_id, row.decider_name),
        reason=row.reason,
        at=row.at,
    )


def extension(row: ExtensionRow) -> records.Extension:
    return records.Extension(
        experiment=row.experiment,
        n=row.n,
        status=row.status,
        author=Person(row.author_id, row.author_name),
        first_seed=row.first_seed,
        seeds=row.seeds,
        approval_hash=row.approval_hash,
        decider=Person(row.decider_id, row.decider_name or "") if row.decider_id else None,
        reason=row.reason,
        created_at=row.created_at,
        decided_at=row.decided_at,
    )


def run(row: RunRow, newest: AttemptRow | None) -> records.Run:
    """A run with its newest attempt."""
    by = row.cancel_requested_by
    return records.Run(
        id=row.id,
        experiment=row.experiment,
        label=row.label,
        kind=row.kind,
        seed_index=row.seed_index,
        seed=row.seed,
        status=row.status,
        version=row.version,
        config=row.config,
        spec_hash=row.spec_hash,
        device=row.device,
        time_limit_s=row.time_limit_s,
        cancel_requested_at=row.cancel_requested_at,
        cancel_requested_by=Person(by, row.cancel_requested_name or "") if by else None,
        progress=Progress.model_validate(row.progress) if row.progress else None,
        stalled=row.stalled,
        cause=row.cause,
        message=row.message,
        log_tail=row.log_tail,
        result=RunResult.model_validate(row.result) if row.result else None,
        resumes=row.resumes,
        created_at=row.created_at,
        finished_at=row.finished_at,
        attempt=attempt(newest) if newest else None,
        used_s=row.used_s,
        findings=records.Finding.read_all(row.findings),
        needs=records.Needs(row.gpus, row.gpu_share, row.cpus, row.memory_mb),
        priority=row.priority,
        kept_on=row.kept_on,
    )


def attempt(row: AttemptRow) -> records.Attempt:
    return records.Attempt(
        id=row.id,
        run_id=row.run_id,
        n=row.n,
        status=row.status,
        host_id=row.host_id,
        folder=row.folder,
        handle=row.handle,
        exit_code=row.exit_code,
        signal=row.signal,
        oom_killed=row.oom_killed,
        boot_id=row.boot_id,
        resume_from=row.resume_from,
        reserved_at=row.reserved_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def result(row: ResultRow) -> records.Result:
    return records.Result(
        experiment=row.experiment,
        n=row.n,
        outcome=row.outcome,
        verdict=row.verdict,
        plot_path=row.plot_path,
        plot_alt=row.plot_alt,
        created_at=row.created_at,
        runs=tuple(row.runs),
        sheet_path=row.sheet_path,
        sheet_alt=row.sheet_alt,
    )


def conclusion(row: ConclusionRow) -> records.Conclusion:
    return records.Conclusion(text=row.text, author=Person(row.author_id, row.author_name), at=row.at)


def question(row: QuestionRow) -> records.Question:
    return records.Question(
        number=row.number,
        text=row.text,
        answer=row.answer,
        author=Person(row.author_id, row.author_name),
        created_at=row.created_at,
    )


def event(row: EventRow) -> records.Event:
    return records.Event(
        experiment=row.experiment,
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        kind=row.kind,
        payload=row.payload,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )


def runtime(row: RuntimeRow) -> records.Runtime:
    return records.Runtime(
        digest=row.digest, versions=row.versions, host_id=row.host_id, launcher=row.launcher
    )


def message(row: OutboxEntry, thread_ts: str | None) -> records.OutboxRow:
    """`thread_ts` is None for the card that opens the thread."""
    return records.OutboxRow(
        id=row.id,
        key=row.key,
        kind=row.kind,
        experiment=row.experiment,
        n=row.n,
        run_id=row.run_id,
        status=row.status,
        wanted=row.wanted,
        tries=row.tries,
        channel_id=row.channel_id,
        thread_ts=thread_ts,
        ts=row.ts,
        file_id=row.file_id,
        due_at=row.due_at,
        claim=row.claims,
    )


def _newest_revisions(session: Session, numbers: Iterable[int]) -> dict[int, RevisionRow]:
    newest = (RevisionRow.experiment == ExperimentRow.number) & (RevisionRow.n == ExperimentRow.revision)
    statement = select(RevisionRow).join(ExperimentRow, newest).where(RevisionRow.experiment.in_(numbers))
    return {row.experiment: row for row in session.scalars(statement)}


def _by_experiment(session: Session, kind: type[_Row], numbers: Iterable[int]) -> dict[int, list[_Row]]:
    """Rows in order of their making, by experiment."""
    grouped: dict[int, list[_Row]] = defaultdict(list)
    for row in session.scalars(select(kind).where(kind.experiment.in_(numbers)).order_by(kind.id)):
        grouped[row.experiment].append(row)
    return grouped


def _tags(session: Session, numbers: Iterable[int]) -> dict[int, list[str]]:
    grouped: dict[int, list[str]] = defaultdict(list)
    for row in session.scalars(select(TagRow).where(TagRow.experiment.in_(numbers)).order_by(TagRow.name)):
        grouped[row.experiment].append(row.name)
    return grouped
