"""Why a run ended: from what is known of its end to a cause and a sentence for people. Pure."""

import re
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from db.lifecycle import ExitCause, RunStatus
from trainer.contract import ExitCode, RunResult

COMMAND_NOT_EXECUTABLE = 126
COMMAND_NOT_FOUND = 127
SIGNAL_BASE = 128
LAST_SIGNAL = 64

# A program that ends by one of these has made a mistake itself; the others come from outside.
FAULT_SIGNALS = frozenset(
    {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP}
)
_OOM_HINT = "the kernel ended one of its processes for want of memory"
_OUT_OF_MEMORY = re.compile(
    r"\b(Memory ran out|MemoryError|OutOfMemoryError|CUDA out of memory|std::bad_alloc|"
    r"Cannot allocate memory|DefaultCPUAllocator: (?:can't|not enough))"
)


@dataclass(frozen=True)
class Evidence:
    """What is known when a run has ended.

    `exit_code` None: no exit code is known, because it is gone or was never started. `stopped_by`
    is the name of the person who asked to stop it. `ran_s` is wall-clock seconds, None if unknown.
    `hung`: the trainer's log ends with the stacks of a timer that ended it, because nothing moved.
    `result_problem` says why there is no usable result; `start_problem` why it was never started.
    """

    exit_code: int | None
    signal: int | None = None
    oom_killed: bool = False
    result: RunResult | None = None
    result_problem: str = "it left no result.json"
    stopped_by: str | None = None
    start_problem: str | None = None
    rebooted: bool = False
    ran_s: float | None = None
    time_limit_s: float = 86_400.0
    log_tail: str = ""
    hung: bool = False


@dataclass(frozen=True)
class Finding:
    """`message` is one sentence for people."""

    status: RunStatus
    cause: ExitCause
    message: str


def classify(evidence: Evidence) -> Finding:
    """The real result wins over a stop that came too late; a stop wins over how it was ended.

    The exit code comes first, the kernel's memory killer is a hint: it may have ended a child alone.
    """
    finding = _judge(evidence)
    if evidence.oom_killed and finding.cause is not ExitCause.OUT_OF_MEMORY:
        return replace(finding, message=f"{finding.message} ({_OOM_HINT})")
    return finding


def _judge(evidence: Evidence) -> Finding:
    if evidence.start_problem is not None:
        return _never_started(evidence)
    code = _exit_code(evidence)
    if code == ExitCode.FINISHED:
        return _finished(evidence)
    if evidence.stopped_by is not None and _ended_by_request(code, evidence.signal):
        return Finding(RunStatus.CANCELED, ExitCause.STOPPED, _stopped(evidence))
    judge = _OWN_CODES.get(code) if code is not None else None
    finding = _foreign(evidence, code) if judge is None else judge(evidence)
    if evidence.stopped_by is not None and finding.cause is ExitCause.INFRASTRUCTURE:
        return Finding(RunStatus.CANCELED, ExitCause.STOPPED, _stopped(evidence))
    return finding


def _exit_code(evidence: Evidence) -> int | None:
    """Where the launcher saw no exit code, a result that the trainer wrote as its last act has one."""
    if evidence.exit_code is None and evidence.result is not None:
        return evidence.result.exit_code
    return evidence.exit_code


def _never_started(evidence: Evidence) -> Finding:
    if evidence.stopped_by is not None:
        text = f"stopped by {evidence.stopped_by} before it was started"
        return Finding(RunStatus.CANCELED, ExitCause.STOPPED, text)
    return _failed(ExitCause.START_FAILURE, f"could not be started: {evidence.start_problem}")


def _finished(evidence: Evidence) -> Finding:
    if evidence.result is None:
        text = f"ended with exit code 0, but {evidence.result_problem}"
        return _failed(ExitCause.CODE_ERROR, text)
    return Finding(RunStatus.SUCCEEDED, ExitCause.FINISHED, evidence.result.message or "finished")


def _ended_by_request(code: int | None, signal_number: int | None) -> bool:
    """The codes that our own stop leads to: a checkpoint was saved, or it was killed after the grace."""
    asked = {SIGNAL_BASE + signal.SIGTERM, SIGNAL_BASE + signal.SIGKILL, ExitCode.STOPPED, None}
    return code in asked or signal_number in (signal.SIGTERM, signal.SIGKILL)


def _stopped(evidence: Evidence) -> str:
    text = f"stopped by {evidence.stopped_by}"
    if evidence.result is None:
        return f"{text}; it had to be killed"
    steps = f"after {evidence.result.timesteps:,} of {evidence.result.total_timesteps:,} steps"
    saved = "with a checkpoint" if evidence.result.checkpoint else "without a checkpoint"
    return f"{text} {steps}, {saved}"


def _failed(cause: ExitCause, message: str) -> Finding:
    return Finding(RunStatus.FAILED, cause, message)


def _said(evidence: Evidence, otherwise: str) -> str:
    """The trainer's own sentence, which names places and values that we cannot know."""
    return evidence.result.message if evidence.result and evidence.result.message else otherwise


def _code_error(evidence: Evidence) -> Finding:
    if evidence.hung and evidence.result is None:
        return _failed(ExitCause.STALLED, "nothing moved in its native code any more; the log shows where")
    text = f"{_said(evidence, '')}\n{evidence.log_tail}"
    if _OUT_OF_MEMORY.search(text):
        return _failed(ExitCause.OUT_OF_MEMORY, f"ran out of memory: {_said(evidence, 'see the log')}")
    return _failed(ExitCause.CODE_ERROR, _said(evidence, "an error in the code ended it (exit code 1)"))


def _stopped_unasked(evidence: Evidence) -> Finding:
    if _is_overdue(evidence):
        return _over_time(evidence)
    saved = evidence.result is not None and evidence.result.checkpoint is not None
    text = "asked to end by something outside Signoff (SIGTERM)"
    return _failed(ExitCause.INFRASTRUCTURE, f"{text}; it saved a checkpoint" if saved else text)


def _over_time(evidence: Evidence) -> Finding:
    text = f"reached its time limit of {evidence.time_limit_s:,.0f} s"
    return _failed(ExitCause.TIME_LIMIT, _said(evidence, text))


def _is_overdue(evidence: Evidence) -> bool:
    return evidence.ran_s is not None and evidence.ran_s >= evidence.time_limit_s


def _own(cause: ExitCause, otherwise: str) -> Callable[[Evidence], Finding]:
    return lambda evidence: _failed(cause, _said(evidence, otherwise))


_OWN_CODES: Mapping[int, Callable[[Evidence], Finding]] = {
    ExitCode.CODE_ERROR: _code_error,
    ExitCode.BAD_SPEC: _own(ExitCause.BAD_SPEC, "the trainer could not use its spec"),
    ExitCode.NAN: _own(ExitCause.NAN, "a value became NaN or infinite"),
    ExitCode.STOPPED: _stopped_unasked,
    ExitCode.TIME_LIMIT: _over_time,
    ExitCode.RESUME_FAILED: _own(ExitCause.RESUME_FAILED, "its checkpoint could not be loaded"),
    ExitCode.DISK_FULL: _own(ExitCause.DISK_FULL, "the disk is full"),
    ExitCode.ENVIRONMENT_NAN: _own(ExitCause.ENVIRONMENT_NAN, "the environment returned NaN or infinity"),
    ExitCode.ENVIRONMENT_ERROR: _own(ExitCause.ENVIRONMENT_ERROR, "the environment raised an error"),
    ExitCode.STALLED: _own(ExitCause.STALLED, "it made no progress any more"),
    ExitCode.MISSING_PACKAGE: _own(ExitCause.MISSING_PACKAGE, "a package is missing where it runs"),
    ExitCode.SPACE_MISMATCH: _own(
        ExitCause.SPACE_MISMATCH, "the algorithm does not fit the environment's spaces"
    ),
}


def _foreign(evidence: Evidence, code: int | None) -> Finding:
    """Exit codes that are not the trainer's own."""
    if code is None:
        after = "the host was restarted" if evidence.rebooted else "killed from outside?"
        return _failed(ExitCause.INFRASTRUCTURE, f"disappeared without an exit code ({after})")
    number = evidence.signal or (code - SIGNAL_BASE if 0 < code - SIGNAL_BASE <= LAST_SIGNAL else None)
    if number is not None:
        return _signalled(evidence, code, number)
    if code in (COMMAND_NOT_EXECUTABLE, COMMAND_NOT_FOUND):
        text = f"its command could not be started (exit code {code})"
        return _failed(ExitCause.START_FAILURE, text)
    if evidence.rebooted:
        text = f"ended with exit code {code} when the host was restarted"
        return _failed(ExitCause.INFRASTRUCTURE, text)
    text = f"ended with exit code {code}, which is none of the trainer's own"
    return _failed(ExitCause.CODE_ERROR, text)


def _signalled(evidence: Evidence, code: int, number: int) -> Finding:
    name = _signal_name(number)
    if evidence.oom_killed:
        text = f"killed for want of memory ({name}, exit code {code})"
        return _failed(ExitCause.OUT_OF_MEMORY, text)
    if _is_overdue(evidence):
        text = f"killed at its time limit of {evidence.time_limit_s:,.0f} s ({name})"
        return _failed(ExitCause.TIME_LIMIT, text)
    if number in FAULT_SIGNALS:
        return _failed(ExitCause.CODE_ERROR, f"crashed with {name} (exit code {code})")
    after = " when the host was restarted" if evidence.rebooted else ""
    text = f"killed by something outside Signoff{after} ({name}, exit code {code})"
    return _failed(ExitCause.INFRASTRUCTURE, text)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
