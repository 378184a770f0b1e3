"""The only place that assigns a status.

Each move is a compare-and-set on status and version, with its event in the same transaction. Events
take their number under the lock of the experiment's row, which every verb takes first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from db.audit import event_hash
from db.errors import Conflict, NotFound
from db.lifecycle import (
    ATTEMPT_TRANSITIONS,
    EXPERIMENT_TRANSITIONS,
    RUN_TRANSITIONS,
    AttemptStatus,
    ExperimentStatus,
    OutboxStatus,
    RunStatus,
)
from db.models import AttemptRow, EventRow, ExperimentRow, ExtensionRow, OutboxEntry, RunRow
from db.records import Person
from trainer.contract import JsonObject

_Status = TypeVar("_Status", bound=StrEnum)
_Versioned = ExperimentRow | ExtensionRow | RunRow | AttemptRow

OUTBOX_TRANSITIONS: Mapping[OutboxStatus, frozenset[OutboxStatus]] = {
    OutboxStatus.PENDING: frozenset({OutboxStatus.SENDING}),
    OutboxStatus.SENDING: frozenset(
        {
            OutboxStatus.SENDING,
            OutboxStatus.SENT,
            OutboxStatus.PENDING,
            OutboxStatus.AMBIGUOUS,
            OutboxStatus.DEAD,
        }
    ),
    OutboxStatus.AMBIGUOUS: frozenset({OutboxStatus.SENDING}),
    OutboxStatus.SENT: frozenset({OutboxStatus.PENDING}),
    OutboxStatus.DEAD: frozenset({OutboxStatus.PENDING}),
}


@dataclass(frozen=True)
class Act:
    """Who does something, and when. `actor` is a user id, "host:<id>" or "signoff"."""

    actor: str
    at: datetime
    details: JsonObject = field(default_factory=dict)

    @classmethod
    def of(cls, person: Person, at: datetime) -> "Act":
        return cls(person.id, at, {"by": person.name})


def lock_experiment(session: Session, number: int) -> ExperimentRow:
    """The experiment's row, fresh, and ours until the transaction ends.

    :raises NotFound: where there is none.
    """
    statement = (
        select(ExperimentRow)
        .where(ExperimentRow.number == number)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row = session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound(f"E-{number} is not in the ledger")
    return row


def lock_unless_busy(session: Session, number: int) -> ExperimentRow | None:
    """The experiment's row, ours; None where somebody works on it, and this pass leaves it out.

    Waiting could deadlock with another host that waits for an experiment that we hold.
    """
    statement = (
        select(ExperimentRow)
        .where(ExperimentRow.number == number)
        .with_for_update(key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).one_or_none()


def append_event(
    session: Session, experiment: ExperimentRow, kind: str, act: Act, payload: JsonObject
) -> None:
    """Append to the history of an experiment whose row the caller has locked."""
    said: JsonObject = {**payload, **act.details}
    seq, previous = experiment.event_seq + 1, experiment.event_hash
    digest = event_hash(
        experiment=experiment.number,
        seq=seq,
        at=act.at,
        actor=act.actor,
        kind=kind,
        payload=said,
        previous_hash=previous,
    )
    session.add(
        EventRow(
            experiment=experiment.number,
            seq=seq,
            at=act.at,
            actor=act.actor,
            kind=kind,
            payload=said,
            previous_hash=previous,
            hash=digest,
        )
    )
    experiment.event_seq, experiment.event_hash = seq, digest
    session.flush()


def move_experiment(
    session: Session, experiment: ExperimentRow, to: ExperimentStatus, act: Act, **payload: Any
) -> None:
    """Move a locked experiment; `payload` goes into the event."""
    was = experiment.status
    _check(EXPERIMENT_TRANSITIONS, was, to, f"E-{experiment.number}")
    _swap(session, experiment, ExperimentRow.number == experiment.number, to, {})
    append_event(
        session, experiment, f"experiment.{to.lower()}", act, {"from": was.value, "to": to.value, **payload}
    )


def move_extension(
    session: Session, experiment: ExperimentRow, row: ExtensionRow, to: ExperimentStatus, act: Act
) -> None:
    """Move an extension of a locked experiment."""
    was = row.status
    _check(EXPERIMENT_TRANSITIONS, was, to, f"extension {row.n} of E-{row.experiment}")
    _swap(session, row, ExtensionRow.id == row.id, to, {})
    payload: JsonObject = {"extension": row.n, "from": was.value, "to": to.value}
    append_event(session, experiment, f"extension.{to.lower()}", act, payload)


def move_run(
    session: Session, experiment: ExperimentRow, run: RunRow, to: RunStatus, act: Act, **columns: Any
) -> None:
    """Move a run of a locked experiment, and set `columns` with it."""
    was = run.status
    _check(RUN_TRANSITIONS, was, to, f"E-{run.experiment}/{run.label}")
    _swap(session, run, RunRow.id == run.id, to, columns)
    payload: JsonObject = {"run": run.label, "from": was.value, "to": to.value}
    if run.cause is not None:
        payload["cause"] = run.cause.value
    append_event(session, experiment, f"run.{to.lower()}", act, payload)


def move_attempt(
    session: Session,
    experiment: ExperimentRow,
    pair: tuple[RunRow, AttemptRow],
    to: AttemptStatus,
    act: Act,
    **columns: Any,
) -> None:
    """Move an attempt of a locked experiment's run, and set `columns` with it."""
    run, attempt = pair
    was = attempt.status
    _check(ATTEMPT_TRANSITIONS, was, to, f"attempt {attempt.n} of E-{run.experiment}/{run.label}")
    _swap(session, attempt, AttemptRow.id == attempt.id, to, columns)
    payload: JsonObject = {"run": run.label, "attempt": attempt.n, "from": was.value, "to": to.value}
    for name in ("exit_code", "signal"):
        if columns.get(name) is not None:
            payload[name] = columns[name]
    append_event(session, experiment, f"attempt.{to.lower()}", act, payload)


def move_message(session: Session, row: OutboxEntry, to: OutboxStatus, **columns: Any) -> None:
    """Move an outbox row; what was sent is no part of the experiment's history.

    A claim counts `claims` up, so status and claims together tell one claim from the next.
    """
    _check(OUTBOX_TRANSITIONS, row.status, to, f"message {row.key}")
    same = (OutboxEntry.id == row.id) & (OutboxEntry.claims == row.claims)
    _compare_and_set(session, row, same, {"status": to, **columns})


def _check(table: Mapping[_Status, frozenset[_Status]], was: _Status, to: _Status, name: str) -> None:
    if to not in table[was]:
        raise Conflict(f"{name} is {was.value}; it can not become {to.value}")


def _swap(
    session: Session, row: _Versioned, same: ColumnElement[bool], to: StrEnum, columns: dict[str, Any]
) -> None:
    same = same & (type(row).version == row.version)
    _compare_and_set(session, row, same, {"status": to, "version": row.version + 1, **columns})


def _compare_and_set(
    session: Session, row: _Versioned | OutboxEntry, same: ColumnElement[bool], values: dict[str, Any]
) -> None:
    session.flush()
    kind = type(row)
    statement = update(kind).where(same, kind.status == row.status).values(**values)
    done = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(done, CursorResult)
    if done.rowcount != 1:
        raise Conflict("somebody else was first; look at it again")
    session.refresh(row)
