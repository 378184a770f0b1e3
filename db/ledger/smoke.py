"""Smoke runs: one seed of the real spec, before any seed of the experiment starts."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.ledger.newruns import NewRun, add_run, request_cancel
from db.ledger.transition import Act
from db.lifecycle import TERMINAL_RUNS, RunStatus
from db.models import DecisionRow, ExperimentRow, RevisionRow, RunRow, RuntimeRow
from db.records import DecisionKind
from trainer.contract import RunKind, RunResult


def newest_smoke(session: Session, revision: RevisionRow) -> RunRow | None:
    """The newest smoke run of exactly what a revision would run."""
    statement = select(RunRow).where(
        RunRow.experiment == revision.experiment,
        RunRow.kind == RunKind.SMOKE,
        RunRow.spec_hash == revision.spec_hash,
    )
    return session.scalars(statement.order_by(RunRow.id.desc())).first()


def ensure(session: Session, experiment: ExperimentRow, revision: RevisionRow, act: Act) -> RunRow:
    """The smoke run of a revision: the one that is under way or has passed, else a new one."""
    run = newest_smoke(session, revision)
    if run is not None and run.status not in (RunStatus.FAILED, RunStatus.CANCELED) and not _is_ending(run):
        return run
    experiment.smoke_message = ""
    new = NewRun(RunKind.SMOKE, 1, revision.config, revision.spec_hash, None)
    return add_run(session, experiment, revision, new, act)


def ensure_before_approval(
    session: Session, experiment: ExperimentRow, revision: RevisionRow, act: Act
) -> RunRow | None:
    """A smoke run already now, where what would run it has been approved before."""
    if not _approved_before(session, revision):
        return None
    return ensure(session, experiment, revision, act)


def renew(session: Session, experiment: ExperimentRow, revision: RevisionRow, act: Act) -> None:
    """After a revision: what an older smoke run measured stands only for the same spec."""
    for run in session.scalars(_live_smoke(experiment.number)):
        if run.spec_hash != revision.spec_hash:
            request_cancel(session, experiment, run, act)
    experiment.smoke, experiment.smoke_message, experiment.smoke_passed_at = None, "", None
    run_now = newest_smoke(session, revision)
    if run_now is None or run_now.status is RunStatus.CANCELED or _is_ending(run_now):
        ensure_before_approval(session, experiment, revision, act)
    elif run_now.status in TERMINAL_RUNS:
        take_over(experiment, run_now)


def take_over(experiment: ExperimentRow, run: RunRow) -> None:
    """What a smoke run that has ended says about its experiment: the gate is open, or why not."""
    result = RunResult.model_validate(run.result) if run.result else None
    report = result.smoke if result else None
    passed = run.status is RunStatus.SUCCEEDED
    experiment.smoke = report.model_dump(mode="json") if report and passed else None
    experiment.smoke_message = "" if passed else run.message or "the smoke run did not finish"
    experiment.smoke_passed_at = run.finished_at if passed else None


def _is_ending(run: RunRow) -> bool:
    """Whether it was asked to stop and has not ended yet: it will tell nothing."""
    return run.cancel_requested_at is not None and run.status not in TERMINAL_RUNS


def _live_smoke(number: int) -> Select[RunRow]:
    return select(RunRow).where(
        RunRow.experiment == number, RunRow.kind == RunKind.SMOKE, RunRow.status.not_in(TERMINAL_RUNS)
    )


def _approved_before(session: Session, revision: RevisionRow) -> bool:
    """Whether somebody has approved something that the same image ran, with the same code bundle."""
    digest = select(RuntimeRow.digest).where(RuntimeRow.key == revision.runtime).scalar_subquery()
    statement = (
        select(DecisionRow.id)
        .join(
            RevisionRow,
            (RevisionRow.experiment == DecisionRow.experiment) & (RevisionRow.n == DecisionRow.revision),
        )
        .join(RuntimeRow, RuntimeRow.key == RevisionRow.runtime)
        .where(DecisionRow.kind == DecisionKind.APPROVE, RuntimeRow.digest == digest)
    )
    code = revision.config.get("code")
    if code is not None:
        statement = statement.where(RevisionRow.config["code"].as_string() == str(code))
    return session.execute(statement.limit(1)).first() is not None
