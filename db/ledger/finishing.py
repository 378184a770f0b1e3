"""FINALIZING -> the end, or QUEUED again; what the end of a smoke run means for the seeds."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.errors import Conflict, NotFound, Refused
from db.expectation import metrics_of
from db.ledger import messages, smoke
from db.ledger.attempts import show
from db.ledger.fencing import fenced
from db.ledger.newruns import cancel_queued, request_cancel
from db.ledger.proposals import newest_revision
from db.ledger.scheduling import RING_FIRST
from db.ledger.transition import Act, lock_experiment, move_run
from db.lifecycle import MAX_RESUMES, TERMINAL_RUNS, ExitCause, ExperimentStatus, RunStatus
from db.models import AttemptRow, ExperimentRow, ResultRow, RunRow
from db.records import Finding, OutboxKind, Person
from db.stop_rule import parse_stop_rule
from trainer.contract import JsonObject, Progress, RunKind, RunResult

FINALIZER = "signoff"
STOP_RULE = Person("stop-rule", "the stop rule")
_MOVING = (RunStatus.STARTING, RunStatus.RUNNING)


@dataclass(frozen=True)
class Ending:
    """How a run ended. `log_tail` is redacted already; `result` is there where the trainer wrote one.

    `attempt` is the number of the attempt that ended so, None for the newest. `findings` are what its
    series show.
    """

    status: RunStatus
    cause: ExitCause
    message: str
    log_tail: str
    result: RunResult | None
    attempt: int | None = None
    findings: tuple[Finding, ...] = ()


def finish(session: Session, run_id: int, ending: Ending, at: datetime) -> RunRow:
    """End a run; one that has ended stays as it is.

    :raises Conflict: where the run is not FINALIZING, or for another attempt than the newest.
    """
    experiment, run = lock_run(session, run_id)
    if run.status in TERMINAL_RUNS:
        return run
    _check_attempt(session, run, ending.attempt)
    act = Act(FINALIZER, at)
    move_run(
        session,
        experiment,
        run,
        ending.status,
        act,
        cause=ending.cause,
        message=ending.message,
        log_tail=ending.log_tail,
        result=ending.result.model_dump(mode="json") if ending.result else None,
        findings=[finding.to_json() for finding in ending.findings],
        finished_at=at,
        ring_at=None,
    )
    if run.kind is RunKind.SMOKE:
        _smoke_ended(session, experiment, run, act)
    elif ending.status is RunStatus.FAILED:
        say_failure(session, experiment, run, at)
    experiment.ring_at = at + RING_FIRST
    show(session, experiment, run, at)
    return run


@dataclass(frozen=True)
class Lost:
    """What is left of a lost attempt: its checkpoint, its number (None for the newest), its seconds, and
    why it was lost, in words.
    """

    checkpoint: str | None
    attempt: int | None
    used_s: float = 0.0
    reason: str = ""


def resume(session: Session, run_id: int, lost: Lost, at: datetime) -> RunRow:
    """Queue a run again after an infrastructure cause, from a checkpoint or from the start.

    :raises Refused: where it was resumed too often, or a person has asked it to stop.
    """
    experiment, run = lock_run(session, run_id)
    if run.status is RunStatus.QUEUED:
        return run
    if run.status is not RunStatus.FINALIZING:
        raise Conflict(f"E-{run.experiment}/{run.label} is {run.status.value}; it can not be resumed")
    _check_attempt(session, run, lost.attempt)
    if run.cancel_requested_at is not None:
        raise Refused(f"E-{run.experiment}/{run.label} was asked to stop; finish it as CANCELED")
    if run.resumes >= MAX_RESUMES:
        raise Refused(f"E-{run.experiment}/{run.label} was resumed {run.resumes} times; finish it as FAILED")
    source, used_s = lost.checkpoint or run.resume_from, run.used_s + lost.used_s
    columns = {"resumes": run.resumes + 1, "resume_from": source, "used_s": used_s, "ring_at": None}
    said: JsonObject = {"resumed": run.resumes + 1, "checkpoint": source, "used_s": round(used_s, 1)}
    act = Act(FINALIZER, at, said | ({"reason": lost.reason} if lost.reason else {}))
    move_run(session, experiment, run, RunStatus.QUEUED, act, **columns)
    show(session, experiment, run, at)
    if run.kind is not RunKind.SMOKE:
        name = f"{run.label}/{run.resumes}"
        messages.post(session, experiment, OutboxKind.RESUMED, at, name=name, n=run.resumes, run_id=run.id)
    return run


def record_progress(
    session: Session, attempt_id: int, progress: Progress, epoch: int, *, stalled: bool, at: datetime
) -> None:
    """Keep the newest heartbeat. It is no change of state: neither version nor history move."""
    attempt = session.get(AttemptRow, attempt_id)
    if attempt is None:
        raise NotFound(f"attempt {attempt_id} is not in the ledger")
    fenced(session, attempt.host_id, epoch)
    run_id = attempt.run_id
    run, newest = session.get_one(RunRow, run_id), _newest_attempt(session, run_id)
    if run.status not in _MOVING or newest is None or newest.id != attempt_id:
        return
    if _is_to_stop(session, run, progress):  # before the run is written: experiments are locked first
        experiment, run = lock_run(session, run_id)
        request_cancel(session, experiment, run, Act(STOP_RULE.id, at, {"by": STOP_RULE.name}))
    running = update(RunRow).where(RunRow.id == run_id, RunRow.status.in_(_MOVING))
    values = {"progress": progress.model_dump(mode="json"), "stalled": stalled}
    if run.first_step_at is None and progress.timesteps > 0:
        values["first_step_at"] = _first_step(progress, attempt, at)
    session.execute(running.values(**values).execution_options(synchronize_session=False))
    if run.kind is not RunKind.SMOKE:
        experiment = session.get_one(ExperimentRow, run.experiment)
        messages.wake(session, experiment, OutboxKind.STATUS, at, progress=True)
        if stalled:  # asking again for the same message is asking once
            name = f"{run.label}/{attempt.n}"
            messages.post(session, experiment, OutboxKind.STALLED, at, name=name, n=attempt.n, run_id=run_id)


def _first_step(progress: Progress, attempt: AttemptRow, at: datetime) -> datetime:
    """Reckoned back from the first heartbeat that tells of steps; whatever a run writes there, no earlier
    than its attempt and no later than now.
    """
    spent_s = progress.timesteps / progress.steps_per_s if progress.steps_per_s else 0.0
    earliest = (attempt.started_at or attempt.reserved_at).timestamp()
    stepped = min(max(progress.updated_at - spent_s, earliest), at.timestamp())
    return datetime.fromtimestamp(stepped, UTC)


def _is_to_stop(session: Session, run: RunRow, progress: Progress) -> bool:
    """Whether the contract's stop rule ends this seed now. Comparator runs are left alone."""
    if run.kind is not RunKind.SEED or run.cancel_requested_at is not None:
        return False
    experiment = session.get_one(ExperimentRow, run.experiment)
    signed = newest_revision(session, experiment).intent.get("stop_rule")
    rule = parse_stop_rule(str(signed), metrics_of(run.config)) if signed else None
    return rule is not None and rule.applies(progress)


def _check_attempt(session: Session, run: RunRow, n: int | None) -> None:
    """A finalizer that was held up must not end, or repeat, an attempt that it has not looked at."""
    newest = _newest_attempt(session, run.id)
    if n is not None and newest is not None and newest.n != n:
        raise Conflict(f"E-{run.experiment}/{run.label} is at attempt {newest.n} now, not at {n}")


def _newest_attempt(session: Session, run_id: int) -> AttemptRow | None:
    newest = select(AttemptRow).where(AttemptRow.run_id == run_id).order_by(AttemptRow.n.desc())
    return session.scalars(newest).first()


def lock_run(session: Session, run_id: int) -> tuple[ExperimentRow, RunRow]:
    """:raises NotFound:"""
    found = session.get(RunRow, run_id)
    if found is None:
        raise NotFound(f"run {run_id} is not in the ledger")
    experiment = lock_experiment(session, found.experiment)
    return experiment, session.get_one(RunRow, run_id, populate_existing=True)


def say_failure(session: Session, experiment: ExperimentRow, run: RunRow, at: datetime) -> None:
    """One message for each cause and round of runs, with the log of the run that failed first."""
    assert run.cause is not None
    counted = select(ResultRow.n).where(ResultRow.experiment == experiment.number)
    before = len(session.scalars(counted).all())
    round_ = "" if before == 0 else f"/{before + 1}"
    name, n = f"{run.cause}{round_}", before + 1
    if messages.post(session, experiment, OutboxKind.FAILURE, at, name=name, n=n, run_id=run.id):
        messages.post(session, experiment, OutboxKind.LOG_FILE, at, name=run.label, n=n, run_id=run.id)


def _smoke_ended(session: Session, experiment: ExperimentRow, run: RunRow, act: Act) -> None:
    """Open the gate for the seeds, or close it: then approved seeds never start.

    One that was stopped while a newer one of the same spec was asked for closes nothing.
    """
    passed, newest = run.status is RunStatus.SUCCEEDED, _newest_smoke(session, experiment)
    if newest is None or run.spec_hash != newest.spec_hash or (run.id != newest.id and not passed):
        return
    smoke.take_over(experiment, run)
    if passed or experiment.status is not ExperimentStatus.APPROVED:
        return
    waiting = select(RunRow).where(RunRow.experiment == experiment.number, RunRow.status == RunStatus.QUEUED)
    for other in session.scalars(waiting.order_by(RunRow.id)).all():
        said = f"The smoke run failed: {experiment.smoke_message}"
        cancel_queued(session, experiment, other, act, cause=ExitCause.SMOKE, message=said)
    if run.status is RunStatus.FAILED:
        messages.post(session, experiment, OutboxKind.FAILURE, act.at, name=_smoke_name(run), run_id=run.id)
        messages.post(session, experiment, OutboxKind.LOG_FILE, act.at, name=run.label, run_id=run.id)


def _newest_smoke(session: Session, experiment: ExperimentRow) -> RunRow | None:
    return smoke.newest_smoke(session, newest_revision(session, experiment))


def _smoke_name(run: RunRow) -> str:
    return run.label.replace(".", "/")
