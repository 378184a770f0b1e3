"""What to do about an attempt, given what the ledger says and what one good list of the launcher shows.

Pure: the time is an argument, and an action is a value. `worker.reconcile` carries it out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from db.lifecycle import LIVE_ATTEMPTS, AttemptStatus
from db.records import Attempt, Run
from trainer.contract import RunKind, SmokeLimits
from worker.launchers.launcher import Container, ContainerState


@dataclass(frozen=True)
class Rules:
    """Patience in seconds.

    `settle_s` after a start of the host loop nothing is ended or declared dead (what a person asked
    to stop is, at once). `time_limit_slack_s` is how long a trainer may take to end by itself at its
    time limit. `max_unknown`: more running containers than this without any row in the ledger mean a
    restored backup or a wrong database, and are left alone.
    """

    ring_after_s: float = 15.0
    give_up_after_s: float = 600.0
    gone_after_s: float = 5.0
    settle_s: float = 60.0
    stop_grace_s: float = 60.0
    time_limit_slack_s: float = 120.0
    silent_after_s: float = 1800.0
    orphan_after_s: float = 300.0
    keep_exited_s: float = 86_400.0
    max_unknown: int = 3


class Act(StrEnum):
    NOTHING = "nothing"
    RING_LAUNCH = "ring launch"
    GIVE_UP = "give up starting"
    RECORD_CREATED = "record created"
    RECORD_STARTED = "record started"
    RECORD_EXITED = "record exited"
    RECORD_GONE = "record gone"
    STOP = "stop"
    REMOVE = "remove"
    ALERT = "alert"


@dataclass(frozen=True)
class Decision:
    act: Act
    why: str = ""


NOTHING = Decision(Act.NOTHING)


@dataclass(frozen=True)
class Facts:
    """`absent_s`: seconds from the first good list without the container to this one; None if seen.

    `settled`: the host loop has run for `Rules.settle_s`.
    """

    run: Run
    attempt: Attempt
    seen: Container | None
    absent_s: float | None
    now: datetime
    settled: bool
    rules: Rules


def decide(facts: Facts) -> Decision:
    """One action for one live attempt; `NOTHING` for one that is not live any more, or that is unclear."""
    if facts.seen is not None and facts.seen.state is ContainerState.UNCLEAR:
        return NOTHING
    judge = _JUDGES.get(facts.attempt.status)
    return NOTHING if judge is None else judge(facts)


def _reserved(facts: Facts) -> Decision:
    age = facts.now - facts.attempt.reserved_at
    if facts.seen is not None:
        return Decision(Act.RECORD_CREATED, "found under its name")
    if facts.run.cancel_requested_at is not None:
        return Decision(Act.RING_LAUNCH, "cancelled before it was launched")
    if facts.settled and age >= timedelta(seconds=facts.rules.give_up_after_s):
        return Decision(Act.GIVE_UP, f"not launched within {facts.rules.give_up_after_s:.0f} s")
    if age >= timedelta(seconds=facts.rules.ring_after_s):
        return Decision(Act.RING_LAUNCH, "not launched yet")
    return NOTHING


def _created(facts: Facts) -> Decision:
    if facts.seen is None:
        return _absent(facts)
    if facts.seen.state is ContainerState.EXITED:
        return Decision(Act.RECORD_EXITED)
    if facts.seen.state is ContainerState.RUNNING:
        return Decision(Act.RECORD_STARTED)
    age = facts.now - facts.attempt.reserved_at
    if age >= timedelta(seconds=facts.rules.ring_after_s):
        return Decision(Act.RING_LAUNCH, "created, but not started yet")
    return NOTHING


def _started(facts: Facts) -> Decision:
    if facts.seen is None:
        return _absent(facts)
    if facts.seen.state is ContainerState.EXITED:
        return Decision(Act.RECORD_EXITED)
    if facts.run.cancel_requested_at is not None:
        return Decision(Act.STOP, "a person asked")
    if facts.settled and _is_overdue(facts):
        return Decision(Act.STOP, "over its time limit")
    return NOTHING


def _absent(facts: Facts) -> Decision:
    absent_s = facts.absent_s or 0.0
    if facts.settled and absent_s >= facts.rules.gone_after_s:
        return Decision(Act.RECORD_GONE, f"missing from good lists for {absent_s:.0f} s")
    return NOTHING


def _is_overdue(facts: Facts) -> bool:
    if facts.attempt.started_at is None:
        return False
    limit_s = time_limit_s(facts.run) - facts.run.used_s + facts.rules.time_limit_slack_s
    return facts.now - facts.attempt.started_at >= timedelta(seconds=limit_s)


_JUDGES: Mapping[AttemptStatus, Callable[[Facts], Decision]] = {
    AttemptStatus.RESERVED: _reserved,
    AttemptStatus.CREATED: _created,
    AttemptStatus.STARTED: _started,
}


def time_limit_s(run: Run) -> float:
    """How long a run may take by itself; a smoke run's own limit is shorter than its budget's."""
    own = SmokeLimits().max_s if run.kind is RunKind.SMOKE else run.time_limit_s
    return min(own, run.time_limit_s)


def is_silent(run: Run, attempt: Attempt, now: datetime, rules: Rules) -> bool:
    """A running trainer rewrites its progress about once a second; this one has not for long."""
    if run.kind is RunKind.SMOKE or attempt.started_at is None:
        return False
    heard_at = run.progress.updated_at if run.progress is not None else 0.0
    return now.timestamp() - max(heard_at, attempt.started_at.timestamp()) >= rules.silent_after_s


@dataclass(frozen=True)
class LeftoverFacts:
    """A container that no live attempt of the ledger accounts for.

    `attempt` is the row that its token names, None if there is none; `unknown` how many running
    containers have no row.
    """

    seen: Container
    attempt: Attempt | None
    unknown: int
    now: datetime
    settled: bool
    rules: Rules


def decide_leftover(facts: LeftoverFacts) -> Decision:
    """Ends orphans late, forgets the finished late, and touches nothing that it does not understand."""
    if facts.seen.state is ContainerState.UNCLEAR:
        return NOTHING
    if facts.attempt is not None and facts.attempt.status in LIVE_ATTEMPTS:
        return NOTHING
    if facts.seen.state is ContainerState.EXITED:
        ended_at = facts.seen.finished_at or facts.seen.created_at
        old = facts.now.timestamp() - ended_at >= facts.rules.keep_exited_s
        return Decision(Act.REMOVE, "kept long enough") if old and facts.settled else NOTHING
    if facts.attempt is None and facts.unknown > facts.rules.max_unknown:
        return Decision(
            Act.ALERT,
            f"{facts.unknown} running containers have no row in the ledger: restored from a backup, "
            "or another database? None of them is touched",
        )
    since = facts.seen.created_at
    if facts.attempt is not None and facts.attempt.finished_at is not None:
        since = max(since, facts.attempt.finished_at.timestamp())
    if facts.settled and facts.now.timestamp() - since >= facts.rules.orphan_after_s:
        return Decision(Act.STOP, "no live attempt accounts for it")
    return NOTHING
