"""Approve, reject, request changes, withdraw, expire: each has one winner."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.claims import read_claims
from db.config.hashes import config_hash, spec_hash
from db.errors import Conflict, Refused
from db.ledger import messages, programs, smoke
from db.ledger.newruns import NewRun, add_run, request_cancel
from db.ledger.proposals import newest_revision
from db.ledger.transition import Act, lock_experiment, move_experiment
from db.lifecycle import (
    OPEN_EXPERIMENTS,
    TERMINAL_RUNS,
    ApprovalPolicy,
    ExperimentStatus,
    RunStatus,
    may_decide,
)
from db.models import DecisionRow, ExperimentRow, RevisionRow, RunRow, RuntimeRow
from db.queries import assemble
from db.records import DecisionKind, OutboxKind, Person
from trainer.contract import RunKind

HASH_SHOWN = 16

_ENDS = {
    DecisionKind.APPROVE: ExperimentStatus.APPROVED,
    DecisionKind.REJECT: ExperimentStatus.REJECTED,
    DecisionKind.REQUEST_CHANGES: ExperimentStatus.CHANGES_REQUESTED,
}
_SAID = {
    DecisionKind.APPROVE: "approved",
    DecisionKind.REJECT: "rejected",
    DecisionKind.REQUEST_CHANGES: "sent back for changes",
}


@dataclass(frozen=True)
class Ruling:
    """A decision as it was clicked. `approval_hash` is what the card showed, 16 digits at least."""

    revision: int
    approval_hash: str
    kind: DecisionKind
    decider: Person
    reason: str
    policy: ApprovalPolicy
    at: datetime


def decide(session: Session, number: int, ruling: Ruling) -> ExperimentRow:
    """Decide on the newest revision.

    :raises Conflict: where somebody has decided already; the message says who.
    :raises Refused: on a superseded revision, another hash, a decider who may not, a failed smoke run.
    """
    experiment = lock_experiment(session, number)
    _check_open(session, experiment)
    revision = newest_revision(session, experiment)
    _check_seen(experiment, revision, ruling)
    refusal = may_decide(experiment.author_id, revision.author_id, ruling.decider.id, ruling.policy)
    if refusal is not None:
        raise Refused(f"E-{number}: {refusal}")
    if ruling.kind is DecisionKind.APPROVE:
        _check_approvable(session, revision)
    act = Act.of(ruling.decider, ruling.at)
    session.add(_row(revision, ruling))
    move_experiment(
        session,
        experiment,
        _ENDS[ruling.kind],
        act,
        revision=revision.n,
        approval_hash=revision.approval_hash,
        reason=ruling.reason,
    )
    if ruling.kind is DecisionKind.APPROVE:
        _start(session, experiment, revision, act)
    else:
        stop_smoke(session, experiment, act)
    messages.wake(session, experiment, OutboxKind.PROPOSAL, ruling.at)
    name = f"r{revision.n}"
    messages.post(session, experiment, OutboxKind.DECISION, ruling.at, name=name, n=revision.n)
    if ruling.kind is DecisionKind.APPROVE:
        messages.wake(session, experiment, OutboxKind.STATUS, ruling.at)
    return experiment


def withdraw(session: Session, number: int, actor: Person, at: datetime) -> ExperimentRow:
    """Take an open proposal back; only its authors may."""
    experiment = lock_experiment(session, number)
    if experiment.status is ExperimentStatus.WITHDRAWN:
        return experiment
    if experiment.status not in OPEN_EXPERIMENTS:
        raise Conflict(f"E-{number} is {experiment.status.lower()}; it can no longer be withdrawn")
    if actor.id not in (experiment.author_id, newest_revision(session, experiment).author_id):
        raise Refused(f"only {experiment.author_name} can withdraw E-{number}; you can reject it")
    _close(session, experiment, ExperimentStatus.WITHDRAWN, Act.of(actor, at))
    return experiment


def expire(session: Session, number: int, older_than: timedelta, at: datetime) -> bool:
    """End a proposal that nobody has answered. An unanswered gate never becomes a yes."""
    experiment = lock_experiment(session, number)
    if experiment.status not in OPEN_EXPERIMENTS:
        return False
    if newest_revision(session, experiment).created_at > at - older_than:
        return False
    _close(session, experiment, ExperimentStatus.EXPIRED, Act("signoff", at))
    return True


def unanswered(session: Session, older_than: timedelta, at: datetime) -> tuple[int, ...]:
    """Open experiments whose newest revision is older than that."""
    same = (RevisionRow.experiment == ExperimentRow.number) & (RevisionRow.n == ExperimentRow.revision)
    statement = select(ExperimentRow.number).join(RevisionRow, same)
    old = statement.where(
        ExperimentRow.status.in_(OPEN_EXPERIMENTS), RevisionRow.created_at <= at - older_than
    )
    return tuple(session.scalars(old.order_by(ExperimentRow.number)))


def stop_smoke(session: Session, experiment: ExperimentRow, act: Act) -> None:
    """A proposal that was not approved needs no smoke run."""
    live = select(RunRow).where(RunRow.experiment == experiment.number, RunRow.status.not_in(TERMINAL_RUNS))
    for run in session.scalars(live).all():
        request_cancel(session, experiment, run, act)


def add_seeds(
    session: Session, experiment: ExperimentRow, revision: RevisionRow, seeds: range, act: Act
) -> None:
    """Queue seeds of an approved experiment, and as many of its comparator where it runs alongside."""
    for index in seeds:
        own = NewRun(RunKind.SEED, index, revision.config, revision.spec_hash, None)
        add_run(session, experiment, revision, own, act)
    intent = assemble.intent(revision.intent)
    if not intent.run_alongside:
        return
    assert experiment.parent is not None
    number = read_claims(intent, revision.config, experiment.parent).alongside
    other = session.get_one(ExperimentRow, number)
    config = newest_revision(session, other).config
    runtime = session.get_one(RuntimeRow, revision.runtime)
    spec = spec_hash(config_hash(config), runtime.digest, runtime.versions)
    for index in seeds:
        run = NewRun(RunKind.COMPARATOR, index, config, spec, number)
        add_run(session, experiment, revision, run, act)


def check_hash(shown: str, whole: str, number: int) -> None:
    """:raises Refused: where what was shown is not what would be signed."""
    if len(shown) < HASH_SHOWN or not whole.startswith(shown):
        raise Refused(
            f"E-{number} is no longer what this card showed; look at the newest card and decide there"
        )


def _check_open(session: Session, experiment: ExperimentRow) -> None:
    if experiment.status is ExperimentStatus.PROPOSED:
        return
    statement = select(DecisionRow).where(DecisionRow.experiment == experiment.number)
    last = session.scalars(statement.order_by(DecisionRow.id.desc())).first()
    if last is None:
        raise Conflict(f"E-{experiment.number} is already {experiment.status.lower()}")
    raise Conflict(f"E-{experiment.number} was already {_SAID[last.kind]} by {last.decider_name}")


def _check_seen(experiment: ExperimentRow, revision: RevisionRow, ruling: Ruling) -> None:
    if ruling.revision != revision.n:
        raise Refused(
            f"revision {ruling.revision} of E-{experiment.number} was superseded by revision {revision.n}; "
            "look at the newest card and decide there"
        )
    check_hash(ruling.approval_hash, revision.approval_hash, experiment.number)


def _check_approvable(session: Session, revision: RevisionRow) -> None:
    """The smoke run has not failed, and some host can still run what is signed."""
    run = smoke.newest_smoke(session, revision)
    if run is not None and run.status is RunStatus.FAILED:
        raise Refused(
            f"the smoke run of E-{revision.experiment} failed, so it can not be approved: {run.message} "
            "Request changes, or retry the smoke run"
        )
    if not programs.is_offered(session, revision):
        raise Refused(
            f"no worker has the program that E-{revision.experiment} was proposed for any more; "
            "request changes, so that a new revision names what would run now"
        )


def _start(session: Session, experiment: ExperimentRow, revision: RevisionRow, act: Act) -> None:
    smoke.ensure(session, experiment, revision, act)
    seeds = assemble.budget(revision.budget).seeds
    add_seeds(session, experiment, revision, range(1, seeds + 1), act)


def _close(session: Session, experiment: ExperimentRow, to: ExperimentStatus, act: Act) -> None:
    move_experiment(session, experiment, to, act)
    stop_smoke(session, experiment, act)
    messages.wake(session, experiment, OutboxKind.PROPOSAL, act.at)


def _row(revision: RevisionRow, ruling: Ruling) -> DecisionRow:
    return DecisionRow(
        experiment=revision.experiment,
        revision=revision.n,
        kind=ruling.kind,
        decider_id=ruling.decider.id,
        decider_name=ruling.decider.name,
        reason=ruling.reason,
        at=ruling.at,
    )
