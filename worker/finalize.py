"""Ends a run: reads what it left, names the cause, and records the result or resumes it. Idempotent."""

import re
from datetime import datetime

import structlog

from db.doorbell import Task, host_queue
from db.errors import Refused
from db.lifecycle import MAX_RESUMES, TERMINAL_RUNS, AttemptStatus, ExitCause, RunStatus
from db.records import Attempt, Run
from db.redact import log_tail, one_line
from trainer.crashpoints import crash_at
from worker.checkpoints import newest_valid
from worker.classify import Evidence, Finding, classify
from worker.decide import time_limit_s
from worker.look import look
from worker.machine import boot_id
from worker.run_folder import LOG_BYTES, read_log, read_progress, read_result
from worker.workplace import Workplace

log = structlog.get_logger(__name__)

# The first line of what Python's faulthandler writes when its timer ends a process.
_HUNG = re.compile(r"^Timeout \(\d+:\d\d:\d\d(\.\d+)?\)!$", re.MULTILINE)


def finalize(work: Workplace, run_id: int) -> None:
    """Moves a run out of FINALIZING; whatever its status, rings for what comes next.

    Only the host that ran it knows what it printed and whether it has rebooted since.
    """
    run = work.queries.run(run_id)
    if run.attempt is not None and run.attempt.host_id != work.host_id:
        work.doorbell.ring(Task.FINALIZE, run_id, queue=host_queue(run.attempt.host_id))
        return
    if run.status is RunStatus.FINALIZING:
        try:
            _finalize(work, run)
        except Refused as error:  # stopped or finalized by somebody else in this very moment
            log.info("finalize_refused", run=run.key, reason=str(error))
        run = work.queries.run(run_id)
    if run.status in TERMINAL_RUNS:
        work.doorbell.ring(Task.CONCLUDE, run.experiment)
    if run.status is not RunStatus.FINALIZING:
        work.doorbell.ring(Task.SCHEDULE, 0)


def _finalize(work: Workplace, run: Run) -> None:
    evidence = gather(work, run)
    finding = classify(evidence)
    crash_at("finalize.gathered")
    if finding.cause is ExitCause.INFRASTRUCTURE and run.resumes < MAX_RESUMES:
        checkpoint, used_s = _checkpoint(work, run), _used_s(work, run)
        log.info("resuming", run=run.key, checkpoint=checkpoint, used_s=used_s, reason=finding.message)
        attempt = run.attempt.n if run.attempt else None
        reason = one_line(finding.message)
        work.ledger.runs.resume(run.id, checkpoint, attempt=attempt, used_s=used_s, reason=reason)
        crash_at("finalize.resumed")
    else:
        _finish(work, run, evidence, finding)


def _finish(work: Workplace, run: Run, evidence: Evidence, finding: Finding) -> None:
    log.info("finished", run=run.key, cause=finding.cause.value, reason=finding.message)
    work.ledger.runs.finish(
        run.id,
        status=finding.status,
        cause=finding.cause,
        message=one_line(finding.message),
        log_tail="" if finding.status is RunStatus.SUCCEEDED else evidence.log_tail,
        result=evidence.result,
        attempt=run.attempt.n if run.attempt else None,
        findings=look(work, run, evidence.result, finding.cause),
    )
    crash_at("finalize.finished")


def _checkpoint(work: Workplace, run: Run) -> str | None:
    """The newest whole checkpoint of the last attempt, relative to the artifacts.

    None where it saved none: the ledger then goes back to where that attempt began.
    """
    if run.attempt is None:
        return None
    found = newest_valid(work.artifacts / run.attempt.folder)
    return f"{run.attempt.folder}/{found}" if found else None


def gather(work: Workplace, run: Run) -> Evidence:
    """Everything that is known of the end of a run's newest attempt."""
    attempt = run.attempt
    stopped_by = run.cancel_requested_by.name if run.cancel_requested_by else None
    if run.cancel_requested_at is not None and stopped_by is None:
        stopped_by = "a rule"
    if attempt is None or attempt.status is AttemptStatus.START_FAILED:
        problem = run.message or "it was never launched"
        return Evidence(exit_code=None, start_problem=problem, stopped_by=stopped_by)
    folder = work.artifacts / attempt.folder
    result, problem = read_result(folder, run=run.key, attempt=attempt.n)
    ran_s = _ran_s(attempt.started_at, attempt.finished_at)
    return Evidence(
        exit_code=attempt.exit_code,
        signal=attempt.signal,
        oom_killed=attempt.oom_killed,
        result=result,
        result_problem=problem,
        stopped_by=stopped_by,
        rebooted=attempt.boot_id is not None and attempt.boot_id != boot_id(),
        ran_s=None if ran_s is None else run.used_s + ran_s,
        time_limit_s=time_limit_s(run),
        log_tail=_log_tail(work, attempt),
        hung=_HUNG.search(read_log(folder)) is not None,
    )


def _used_s(work: Workplace, run: Run) -> float:
    """What a lost attempt took of the time limit: up to its last heartbeat, not until it was missed."""
    attempt = run.attempt
    if attempt is None or attempt.started_at is None:
        return 0.0
    ran_s = _ran_s(attempt.started_at, attempt.finished_at) or 0.0
    progress = read_progress(work.artifacts / attempt.folder)
    if progress is None or attempt.status is not AttemptStatus.GONE:
        return ran_s
    return min(ran_s, max(0.0, progress.updated_at - attempt.started_at.timestamp()))


def _ran_s(started_at: datetime | None, finished_at: datetime | None) -> float | None:
    if started_at is None or finished_at is None:
        return None
    return (finished_at - started_at).total_seconds()


def _log_tail(work: Workplace, attempt: Attempt) -> str:
    """The trainer's own log, then what only its output has, such as an import that failed."""
    own = read_log(work.artifacts / attempt.folder)
    printed = work.launcher.logs(attempt.handle, max_bytes=LOG_BYTES) if attempt.handle else ""
    new = [line for line in printed.splitlines() if line not in own]
    return log_tail("\n".join([own, *new]))
