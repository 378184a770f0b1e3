"""Add seeds: an extension of an approved experiment with its own approval. It leads to result n + 1."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.config.hashes import approval_hash
from db.errors import Conflict, NotFound, Refused
from db.ledger import messages, programs
from db.ledger.decisions import Ruling, add_seeds, check_hash
from db.ledger.proposals import newest_revision
from db.ledger.transition import Act, append_event, lock_experiment, move_extension
from db.lifecycle import ExperimentStatus, may_decide
from db.models import ExperimentRow, ExtensionRow, ResultRow, RevisionRow
from db.queries import assemble
from db.records import Budget, DecisionKind, OutboxKind, Person
from trainer.contract import JsonObject

LOOKS = (5, 10)


@dataclass(frozen=True)
class MoreSeeds:
    """What is asked for. `view_id` as for proposals."""

    extra_seeds: int
    author: Person
    view_id: str | None
    policy_rule: str
    at: datetime


def propose(session: Session, number: int, asked: MoreSeeds) -> ExtensionRow:
    """Propose more seeds; the same view a second time is the same extension.

    :raises Refused: before the first result, and for other totals than 5 and 10: each look at the
        seeds costs certainty, so looks happen at these numbers only.
    """
    experiment = lock_experiment(session, number)
    known = _submitted(session, asked.view_id)
    if known is not None:
        return known
    revision = newest_revision(session, experiment)
    programs.check(session, revision)
    seeds = planned_seeds(session, revision)
    _check(session, experiment, seeds, asked)
    budget = replace(assemble.budget(revision.budget), seeds=seeds + asked.extra_seeds)
    row = ExtensionRow(
        experiment=number,
        n=len(_all(session, number)) + 1,
        author_id=asked.author.id,
        author_name=asked.author.name,
        first_seed=seeds + 1,
        seeds=asked.extra_seeds,
        approval_hash=_hash(revision, budget, asked.policy_rule),
        policy_rule=asked.policy_rule,
        view_id=asked.view_id,
        created_at=asked.at,
    )
    session.add(row)
    session.flush()
    payload: JsonObject = {
        "extension": row.n,
        "first_seed": row.first_seed,
        "seeds": row.seeds,
        "approval_hash": row.approval_hash,
    }
    append_event(session, experiment, "extension.proposed", Act.of(asked.author, asked.at), payload)
    messages.wake(session, experiment, OutboxKind.EXTENSION, asked.at, name=str(row.n), n=row.n)
    return row


def decide(session: Session, number: int, ruling: Ruling) -> ExperimentRow:
    """Decide on an extension; `ruling.revision` is its n. Approval queues its seeds.

    :raises Conflict, Refused: as for experiments.
    """
    experiment = lock_experiment(session, number)
    row = next((row for row in _all(session, number) if row.n == ruling.revision), None)
    if row is None:
        raise NotFound(f"extension {ruling.revision} of E-{number} is not in the ledger")
    if row.status is not ExperimentStatus.PROPOSED:
        said = f"{row.status.lower()} by {row.decider_name}"
        raise Conflict(f"the extension of E-{number} was already {said}")
    if ruling.kind is DecisionKind.REQUEST_CHANGES:
        raise Refused("an extension only adds seeds; approve or reject it")
    check_hash(ruling.approval_hash, row.approval_hash, number)
    refusal = may_decide(row.author_id, row.author_id, ruling.decider.id, ruling.policy)
    if refusal is not None:
        raise Refused(f"E-{number}: {refusal}")
    row.decider_id, row.decider_name = ruling.decider.id, ruling.decider.name
    row.reason, row.decided_at = ruling.reason, ruling.at
    act = Act.of(ruling.decider, ruling.at)
    approved = ruling.kind is DecisionKind.APPROVE
    to = ExperimentStatus.APPROVED if approved else ExperimentStatus.REJECTED
    move_extension(session, experiment, row, to, act)
    if approved:
        programs.check(session, newest_revision(session, experiment))
        seeds = range(row.first_seed, row.first_seed + row.seeds)
        add_seeds(session, experiment, newest_revision(session, experiment), seeds, act)
        messages.wake(session, experiment, OutboxKind.STATUS, ruling.at)
    messages.wake(session, experiment, OutboxKind.EXTENSION, ruling.at, name=str(row.n), n=row.n)
    return experiment


def planned_seeds(session: Session, revision: RevisionRow) -> int:
    """How many seeds are approved, extensions included."""
    rows = _all(session, revision.experiment)
    more = sum(row.seeds for row in rows if row.status is ExperimentStatus.APPROVED)
    return assemble.budget(revision.budget).seeds + more


def _check(session: Session, experiment: ExperimentRow, seeds: int, asked: MoreSeeds) -> None:
    number = experiment.number
    if experiment.status is not ExperimentStatus.APPROVED or experiment.origin != "proposal":
        raise Refused(f"E-{number} has no approved seeds to add to; propose a child of it")
    if any(row.status is ExperimentStatus.PROPOSED for row in _all(session, number)):
        raise Conflict(f"more seeds for E-{number} are proposed already; decide on them first")
    results = select(ResultRow.id).where(ResultRow.experiment == number).limit(1)
    if session.scalars(results).first() is None:
        raise Refused(f"E-{number} has no result yet; seeds are added after one")
    if seeds + asked.extra_seeds not in LOOKS:
        wanted = [str(look - seeds) for look in LOOKS if look > seeds]
        remedy = f"add {' or '.join(wanted)}" if wanted else "propose a child with fresh seeds"
        raise Refused(f"E-{number} has {seeds} seeds, and verdicts look at 5 and 10 seeds only; {remedy}")


def _hash(revision: RevisionRow, budget: Budget, policy_rule: str) -> str:
    return approval_hash(revision.spec_hash, assemble.intent(revision.intent), budget, policy_rule)


def _submitted(session: Session, view_id: str | None) -> ExtensionRow | None:
    if view_id is None:
        return None
    return session.scalars(select(ExtensionRow).where(ExtensionRow.view_id == view_id)).one_or_none()


def _all(session: Session, number: int) -> list[ExtensionRow]:
    statement = select(ExtensionRow).where(ExtensionRow.experiment == number).order_by(ExtensionRow.n)
    return list(session.scalars(statement))
