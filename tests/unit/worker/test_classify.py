from typing import Any

import pytest

from db.lifecycle import ExitCause, RunStatus
from tests.unit.worker.builders import result
from worker.classify import Evidence, classify

SUCCEEDED, FAILED, CANCELED = RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELED


def evidence(exit_code: int | None = 0, **fields: Any) -> Evidence:
    return Evidence(exit_code=exit_code, **fields)


def said(code: int, message: str = "the trainer's own words", **fields: Any) -> Evidence:
    return evidence(code, result=result(exit_code=code, message=message), **fields)


KILLED = {"signal": 9}


@pytest.mark.parametrize(
    ("of", "status", "cause", "words"),
    [
        (said(0), SUCCEEDED, ExitCause.FINISHED, "own words"),
        (evidence(0), FAILED, ExitCause.CODE_ERROR, "exit code 0, but it left no result.json"),
        (said(1), FAILED, ExitCause.CODE_ERROR, "own words"),
        (evidence(1), FAILED, ExitCause.CODE_ERROR, "exit code 1"),
        (said(1, "MemoryError: 8 GiB"), FAILED, ExitCause.OUT_OF_MEMORY, "MemoryError"),
        (
            evidence(1, log_tail="torch.OutOfMemoryError: CUDA out of memory."),
            FAILED,
            ExitCause.OUT_OF_MEMORY,
            "ran out of memory",
        ),
        (said(10), FAILED, ExitCause.BAD_SPEC, "own words"),
        (said(11, "the reward was NaN at step 7"), FAILED, ExitCause.NAN, "at step 7"),
        (evidence(11), FAILED, ExitCause.NAN, "NaN"),
        (said(12), FAILED, ExitCause.INFRASTRUCTURE, "outside Signoff"),
        (said(13), FAILED, ExitCause.TIME_LIMIT, "own words"),
        (evidence(13, time_limit_s=7200), FAILED, ExitCause.TIME_LIMIT, "7,200 s"),
        (said(14), FAILED, ExitCause.RESUME_FAILED, "own words"),
        (said(15), FAILED, ExitCause.DISK_FULL, "own words"),
        (said(16), FAILED, ExitCause.ENVIRONMENT_NAN, "own words"),
        (said(17), FAILED, ExitCause.ENVIRONMENT_ERROR, "own words"),
        (said(18), FAILED, ExitCause.STALLED, "own words"),
        (evidence(1, hung=True), FAILED, ExitCause.STALLED, "the log shows where"),
        (said(19), FAILED, ExitCause.MISSING_PACKAGE, "own words"),
        (said(20), FAILED, ExitCause.SPACE_MISMATCH, "own words"),
        (evidence(2), FAILED, ExitCause.CODE_ERROR, "exit code 2"),
        (evidence(126), FAILED, ExitCause.START_FAILURE, "126"),
        (evidence(127), FAILED, ExitCause.START_FAILURE, "127"),
        (evidence(137, **KILLED), FAILED, ExitCause.INFRASTRUCTURE, "SIGKILL, exit code 137"),
        (evidence(137), FAILED, ExitCause.INFRASTRUCTURE, "SIGKILL, exit code 137"),
        (evidence(143, signal=15), FAILED, ExitCause.INFRASTRUCTURE, "SIGTERM"),
        (evidence(139, signal=11), FAILED, ExitCause.CODE_ERROR, "crashed with SIGSEGV"),
        (evidence(134, signal=6), FAILED, ExitCause.CODE_ERROR, "SIGABRT"),
        (evidence(137, **KILLED, oom_killed=True), FAILED, ExitCause.OUT_OF_MEMORY, "want of memory"),
        (evidence(137, **KILLED, rebooted=True), FAILED, ExitCause.INFRASTRUCTURE, "restarted"),
        (evidence(None), FAILED, ExitCause.INFRASTRUCTURE, "disappeared"),
        (evidence(None, rebooted=True), FAILED, ExitCause.INFRASTRUCTURE, "host was restarted"),
        (evidence(255, rebooted=True), FAILED, ExitCause.INFRASTRUCTURE, "host was restarted"),
        (evidence(161), FAILED, ExitCause.INFRASTRUCTURE, "signal 33"),
        (evidence(255), FAILED, ExitCause.CODE_ERROR, "255"),
    ],
)
def test_every_exit_has_its_cause(of: Evidence, status: RunStatus, cause: ExitCause, words: str) -> None:
    finding = classify(of)
    assert (finding.status, finding.cause) == (status, cause)
    assert words in finding.message


def test_a_trainer_that_finished_without_anybody_seeing_its_exit_has_finished() -> None:
    finding = classify(evidence(None, result=result(exit_code=0)))
    assert finding.status is SUCCEEDED


@pytest.mark.parametrize("code", [12, 143, 137, None])
def test_a_stop_that_was_asked_for_is_canceled(code: int | None) -> None:
    finding = classify(evidence(code, stopped_by="Ana"))
    assert (finding.status, finding.cause) == (CANCELED, ExitCause.STOPPED)
    assert "Ana" in finding.message


def test_a_stop_says_how_far_it_came_and_what_was_saved() -> None:
    saved = result(exit_code=12, checkpoint="checkpoints/1000")
    finding = classify(evidence(12, stopped_by="Ana", result=saved))
    assert finding.message == "stopped by Ana after 1,000 of 2,000 steps, with a checkpoint"


@pytest.mark.parametrize(
    ("code", "cause"), [(0, ExitCause.FINISHED), (11, ExitCause.NAN), (1, ExitCause.CODE_ERROR)]
)
def test_a_stop_that_came_too_late_keeps_the_real_result(code: int, cause: ExitCause) -> None:
    assert classify(said(code, stopped_by="Ana")).cause is cause


@pytest.mark.parametrize("code", [12, 137, 143])
def test_what_was_ended_after_its_time_limit_ended_by_its_time_limit(code: int) -> None:
    finding = classify(evidence(code, ran_s=3721.0, time_limit_s=3600))
    assert finding.cause is ExitCause.TIME_LIMIT


def test_the_memory_killer_is_a_hint_beside_an_exit_code() -> None:
    finding = classify(said(0, oom_killed=True))
    assert finding.status is SUCCEEDED
    assert "memory" in finding.message


def test_what_was_never_started() -> None:
    finding = classify(evidence(None, start_problem="no such image"))
    assert (finding.status, finding.cause) == (FAILED, ExitCause.START_FAILURE)
    assert "no such image" in finding.message
    stopped = classify(evidence(None, start_problem="cancelled", stopped_by="Ana"))
    assert (stopped.status, stopped.cause) == (CANCELED, ExitCause.STOPPED)
