"""Statuses, the transitions that are allowed between them, and who may decide. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ExperimentStatus(StrEnum):
    PROPOSED = "PROPOSED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"


class RunStatus(StrEnum):
    QUEUED = "QUEUED"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    FINALIZING = "FINALIZING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


class AttemptStatus(StrEnum):
    RESERVED = "RESERVED"
    CREATED = "CREATED"
    STARTED = "STARTED"
    EXITED = "EXITED"
    GONE = "GONE"
    START_FAILED = "START_FAILED"


class OutboxStatus(StrEnum):
    PENDING = "PENDING"
    SENDING = "SENDING"
    SENT = "SENT"
    AMBIGUOUS = "AMBIGUOUS"
    DEAD = "DEAD"


class ExitCause(StrEnum):
    """Why a run ended, as a field. Words for people live in `bot/messages`."""

    FINISHED = "finished"
    CODE_ERROR = "code_error"
    BAD_SPEC = "bad_spec"
    NAN = "nan"
    ENVIRONMENT_NAN = "environment_nan"
    ENVIRONMENT_ERROR = "environment_error"
    STALLED = "stalled"
    MISSING_PACKAGE = "missing_package"
    SPACE_MISMATCH = "space_mismatch"
    OUT_OF_MEMORY = "out_of_memory"
    TIME_LIMIT = "time_limit"
    STOPPED = "stopped"
    DISK_FULL = "disk_full"
    RESUME_FAILED = "resume_failed"
    INFRASTRUCTURE = "infrastructure"
    START_FAILURE = "start_failure"
    SMOKE = "smoke"


EXPERIMENT_TRANSITIONS: Mapping[ExperimentStatus, frozenset[ExperimentStatus]] = {
    ExperimentStatus.PROPOSED: frozenset(
        {
            ExperimentStatus.APPROVED,
            ExperimentStatus.REJECTED,
            ExperimentStatus.EXPIRED,
            ExperimentStatus.WITHDRAWN,
            ExperimentStatus.CHANGES_REQUESTED,
        }
    ),
    ExperimentStatus.CHANGES_REQUESTED: frozenset(
        {ExperimentStatus.PROPOSED, ExperimentStatus.WITHDRAWN, ExperimentStatus.EXPIRED}
    ),
    ExperimentStatus.APPROVED: frozenset(),
    ExperimentStatus.REJECTED: frozenset(),
    ExperimentStatus.EXPIRED: frozenset(),
    ExperimentStatus.WITHDRAWN: frozenset(),
}

RUN_TRANSITIONS: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.QUEUED: frozenset({RunStatus.STARTING, RunStatus.CANCELED}),
    RunStatus.STARTING: frozenset({RunStatus.RUNNING, RunStatus.QUEUED, RunStatus.FINALIZING}),
    RunStatus.RUNNING: frozenset({RunStatus.FINALIZING}),
    RunStatus.FINALIZING: frozenset(
        {RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELED, RunStatus.QUEUED}
    ),
    RunStatus.SUCCEEDED: frozenset(),
    RunStatus.FAILED: frozenset(),
    RunStatus.CANCELED: frozenset(),
}

ATTEMPT_TRANSITIONS: Mapping[AttemptStatus, frozenset[AttemptStatus]] = {
    AttemptStatus.RESERVED: frozenset(
        {AttemptStatus.CREATED, AttemptStatus.STARTED, AttemptStatus.START_FAILED, AttemptStatus.GONE}
    ),
    AttemptStatus.CREATED: frozenset(
        {
            AttemptStatus.STARTED,
            AttemptStatus.EXITED,
            AttemptStatus.START_FAILED,
            AttemptStatus.GONE,
        }
    ),
    AttemptStatus.STARTED: frozenset({AttemptStatus.EXITED, AttemptStatus.GONE}),
    AttemptStatus.EXITED: frozenset(),
    AttemptStatus.GONE: frozenset(),
    AttemptStatus.START_FAILED: frozenset(),
}

LIVE_ATTEMPTS = frozenset({AttemptStatus.RESERVED, AttemptStatus.CREATED, AttemptStatus.STARTED})
TERMINAL_RUNS = frozenset({RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELED})
OPEN_EXPERIMENTS = frozenset({ExperimentStatus.PROPOSED, ExperimentStatus.CHANGES_REQUESTED})
MAX_RESUMES = 3
MAX_START_FAILURES = 5

# A newer run of a seed counts in place of one that ended so; other failures are the experiment's own.
REPLACEABLE_CAUSES = frozenset(
    {
        ExitCause.INFRASTRUCTURE,
        ExitCause.START_FAILURE,
        ExitCause.DISK_FULL,
        ExitCause.MISSING_PACKAGE,
        ExitCause.RESUME_FAILED,
        ExitCause.STOPPED,
        ExitCause.SMOKE,
    }
)


LOWEST_PRIORITY, HIGHEST_PRIORITY = -1, 1


@dataclass(frozen=True)
class ApprovalPolicy:
    """Who may decide. `approvers` are user ids, None stands for anyone; the author only with `allow_self`."""

    approvers: frozenset[str] | None
    allow_self: bool = False


def may_decide(author_id: str, editor_id: str, decider_id: str, policy: ApprovalPolicy) -> str | None:
    """Why the decider may not decide, in a sentence, or None where they may.

    The author and the last editor count alike: who wrote what is signed does not sign it.
    """
    if not policy.allow_self and decider_id in (author_id, editor_id):
        return "nobody decides on their own proposal; ask someone else to review it"
    if policy.approvers is None:
        return None
    if not policy.approvers:
        return "no approvers are configured; set SIGNOFF_APPROVERS"
    if decider_id not in policy.approvers:
        return "you are not one of the approvers; ask one of them to review it"
    return None


def may_administer(person_id: str, administrators: frozenset[str] | None) -> str | None:
    """Why this person may not, in a sentence, or None where they may. None for anyone."""
    if administrators is None or person_id in administrators:
        return None
    if not administrators:
        return "no administrators are configured; set SIGNOFF_ADMINS"
    return "you are not one of the administrators; ask one of them"


def may_raise(person_id: str, author_id: str, raisers: frozenset[str] | None, *, lowers: bool) -> str | None:
    """Why this person may not change an experiment's priority, in a sentence, or None where they may."""
    if raisers is None or person_id in raisers or (lowers and person_id == author_id):
        return None
    return "approvers and administrators set priorities; ask one of them"
