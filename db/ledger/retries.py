"""Stop, Retry, Resume: what people do about runs of an approved experiment."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.errors import Conflict, NotFound, Refused
from db.ledger import messages, programs, smoke
from db.ledger.finishing import STOP_RULE
from db.ledger.left import checkpoint_of
from db.ledger.newruns import NewRun, add_run, request_cancel
from db.ledger.proposals import newest_revision
from db.ledger.transition import Act, lock_experiment
from db.lifecycle import OPEN_EXPERIMENTS, TERMINAL_RUNS, ExitCause, ExperimentStatus, RunStatus
from db.models import AttemptRow, ExperimentRow, RevisionRow, RunRow
from db.records import OutboxKind
from trainer.contract import RunKind


def request_stop(session: Session, number: int, act: Act) -> int:
    """Ask every run that has not ended to stop; how many were not asked before."""
    experiment = lock_experiment(session, number)
    live = select(RunRow).where(RunRow.experiment == number, RunRow.status.not_in(TERMINAL_RUNS))
    rows = session.scalars(live.order_by(RunRow.id)).all()
    asked = sum(request_cancel(session, experiment, run, act) for run in rows)
    if asked:
        messages.wake(session, experiment, OutboxKind.PROPOSAL, act.at)
        if experiment.status is ExperimentStatus.APPROVED:
            messages.wake(session, experiment, OutboxKind.STATUS, act.at)
    return asked


def retry(session: Session, number: int, label: str, act: Act, *, resume: bool) -> RunRow:
    """One more run of a seed under the same approval; a second click finds the first one's run.

    :raises Refused: where the run has not failed, or (`resume`) has left no checkpoint.
    """
    experiment = lock_experiment(session, number)
    old = _run(session, number, label)
    newest = _newest_of_seed(session, old)
    if newest.id != old.id:
        if newest.status not in TERMINAL_RUNS:
            return newest
        raise Conflict(f"E-{number}/{label} was already retried as {newest.label}; retry that one")
    if old.status not in (RunStatus.FAILED, RunStatus.CANCELED):
        raise Refused(
            f"E-{number}/{label} is {old.status.lower()}; only a run that failed or was stopped is retried"
        )
    revision = newest_revision(session, experiment)
    programs.check(session, revision)
    if old.kind is RunKind.SMOKE:
        return _retry_smoke(session, experiment, revision, old, act)
    checkpoint = _checkpoint(session, old) if resume else None
    smoke.ensure(session, experiment, revision, act)
    run = add_run(session, experiment, revision, _same_seed(old, checkpoint), act)
    messages.wake(session, experiment, OutboxKind.STATUS, act.at)
    return run


def resume_stopped(session: Session, number: int, act: Act) -> int:
    """Go on with every seed that a person stopped, each from its checkpoint if it left one; how many.

    :raises Refused: where there is none, for example because somebody has done so already.
    """
    lock_experiment(session, number)
    ended = select(RunRow).where(
        RunRow.experiment == number,
        RunRow.kind != RunKind.SMOKE,
        RunRow.status == RunStatus.CANCELED,
        RunRow.cause == ExitCause.STOPPED,
        RunRow.cancel_requested_by != STOP_RULE.id,
    )
    rows = session.scalars(ended.order_by(RunRow.id)).all()
    stopped = [run for run in rows if _newest_of_seed(session, run).id == run.id]
    if not stopped:
        raise Refused(f"no seed of E-{number} is stopped any more")
    for run in stopped:
        retry(session, number, run.label, act, resume=checkpoint_of(run) is not None)
    return len(stopped)


def _retry_smoke(
    session: Session, experiment: ExperimentRow, revision: RevisionRow, old: RunRow, act: Act
) -> RunRow:
    """A new smoke run; the seeds that the old one took along wait for it again."""
    if experiment.status not in OPEN_EXPERIMENTS | {ExperimentStatus.APPROVED}:
        raise Refused(f"E-{experiment.number} is {experiment.status.lower()}; there is nothing to try")
    if old.spec_hash != revision.spec_hash:
        raise Refused(f"E-{experiment.number} was revised since; its newest revision has its own smoke run")
    run = smoke.ensure(session, experiment, revision, act)
    lost = select(RunRow).where(
        RunRow.experiment == experiment.number, RunRow.cause == ExitCause.SMOKE, RunRow.kind != RunKind.SMOKE
    )
    for seed in session.scalars(lost.order_by(RunRow.id)).all():
        if _newest_of_seed(session, seed).id == seed.id:
            add_run(session, experiment, revision, _same_seed(seed, None), act)
    messages.wake(session, experiment, OutboxKind.PROPOSAL, act.at)
    if experiment.status is ExperimentStatus.APPROVED:
        messages.wake(session, experiment, OutboxKind.STATUS, act.at)
    return run


def _same_seed(old: RunRow, checkpoint: str | None) -> NewRun:
    return NewRun(old.kind, old.seed_index, old.config, old.spec_hash, old.config_of, checkpoint)


def _run(session: Session, number: int, label: str) -> RunRow:
    same = (RunRow.experiment == number) & (RunRow.label == label)
    run = session.scalars(select(RunRow).where(same)).one_or_none()
    if run is None:
        raise NotFound(f"E-{number}/{label} is not in the ledger")
    return run


def _newest_of_seed(session: Session, run: RunRow) -> RunRow:
    same = select(RunRow).where(
        RunRow.experiment == run.experiment, RunRow.kind == run.kind, RunRow.seed_index == run.seed_index
    )
    return session.scalars(same.order_by(RunRow.id.desc())).first() or run


def _checkpoint(session: Session, run: RunRow) -> str:
    """The checkpoint that a run left, relative to the artifacts folder."""
    left = checkpoint_of(run)
    newest = select(AttemptRow).where(AttemptRow.run_id == run.id).order_by(AttemptRow.n.desc())
    attempt = session.scalars(newest).first()
    if attempt is None or left is None:
        raise Refused(f"E-{run.experiment}/{run.label} has left no checkpoint; use Retry to start it again")
    return f"{attempt.folder}/{left}"
