"""QUEUED -> STARTING: a run's attempt and all of its slots, in one transaction.

Runs start in order of priority, then of their arrival; smoke runs, which are short, come before seeds.
A run is overtaken by none that needs the same kind of slot: where the first one that this host could
serve finds too little free, the host is kept for it, and what comes free waits until it is enough. Only
one host is kept for a run; on others the queue moves on, so that they do not stand idle for it. A run
that would pass a limit of its author or team lets others by. A run waits until the smoke run of its
experiment has passed, and for a host that has exactly the program that was signed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, CursorResult, case, func, or_, select, update
from sqlalchemy.orm import Session

from db.errors import Conflict
from db.ledger.newruns import cancel_queued
from db.ledger.offer import Claim, Offer, offer_of
from db.ledger.transition import Act, append_event, lock_unless_busy, move_run
from db.ledger.usage import allowance
from db.lifecycle import ExitCause, RunStatus
from db.limits import Allowance, Limits
from db.models import AttemptRow, ExperimentRow, HostRow, RunRow, SlotRow
from db.records import Needs
from trainer.contract import JsonObject, RunKind

RING_FIRST = timedelta(seconds=5)
RING_AGAIN = timedelta(seconds=15)
_ONE_AT_A_TIME = 0x5107
"""Key of the lock under which hosts give slots out one after the other (PostgreSQL)."""


@dataclass
class Round:
    """One pass of a host. `closed` are the kinds of slots that it keeps for a run that waits."""

    session: Session
    offer: Offer
    allowance: Allowance
    act: Act
    closed: set[str]

    @property
    def host(self) -> HostRow:
        return self.offer.host


def take_turn(session: Session) -> None:
    """Until the transaction ends no other host gives slots out: limits hold over all of them."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))


def reserve(
    session: Session, host: HostRow, act: Act, limits: Limits, avoid: frozenset[str] = frozenset()
) -> tuple[AttemptRow, ...]:
    """Start as many runs as this host has slots for. The caller has its turn, and holds the host's row.

    :param avoid: UUIDs of GPUs that are given to nobody this time.
    """
    _cancel_stopped(session, act)
    offer = offer_of(session, host, avoid)
    if not offer.open_kinds or host.dead_by is not None:
        return ()
    this = Round(session, offer, allowance(session, limits), act, set())
    served: list[AttemptRow] = []
    for claim in _waiting(this):
        if not offer.open_kinds - this.closed:
            break
        attempt = _serve(this, claim)
        served += [attempt] if attempt is not None else []
    return tuple(served)


def _waiting(this: Round) -> list[Claim]:
    """The runs that could start on this host now, in order, as far as it has slots of their kind."""
    session = this.session
    is_seed = case((RunRow.kind == RunKind.SMOKE, 0), else_=1)
    statement = (
        select(
            RunRow.id,
            RunRow.experiment,
            ExperimentRow.author_id,
            RunRow.kind,
            RunRow.gpus,
            RunRow.gpu_share,
            RunRow.cpus,
            RunRow.memory_mb,
        )
        .join(ExperimentRow, ExperimentRow.number == RunRow.experiment)
        .where(*_could_start(this))
        .order_by(is_seed, RunRow.priority.desc(), RunRow.id)
    )
    return [
        Claim(run_id, number, author_id, kind is RunKind.SMOKE, Needs(gpus, share, cpus, memory_mb))
        for run_id, number, author_id, kind, gpus, share, cpus, memory_mb in session.execute(statement).all()
    ]


def _could_start(this: Round) -> Iterator[ColumnElement[bool]]:
    opened = this.offer.open_kinds
    yield RunRow.status == RunStatus.QUEUED
    yield RunRow.cancel_requested_at.is_(None)
    yield RunRow.runtime == this.host.runtime
    yield or_(RunRow.not_before.is_(None), RunRow.not_before <= this.act.at)
    yield or_(RunRow.kind == RunKind.SMOKE, ExperimentRow.smoke_passed_at.is_not(None))
    if "gpu" not in opened:
        yield RunRow.gpus == 0
    if "smoke" not in opened:
        yield RunRow.kind != RunKind.SMOKE
    if "cpu" not in opened:
        yield or_(RunRow.kind == RunKind.SMOKE, RunRow.cpus == 0)


def _serve(this: Round, claim: Claim) -> AttemptRow | None:
    """Start one run if it is its turn; where too little is free, keep the host for it."""
    needs_memory = {"memory"} if claim.needs.memory_mb else set()
    if (claim.slots | needs_memory) & this.closed or not claim.slots <= this.offer.open_kinds:
        return None
    if not claim.is_smoke and this.allowance.refusal(claim.author_id, claim.needs) is not None:
        return None
    experiment = lock_unless_busy(this.session, claim.experiment)
    run = this.session.get_one(RunRow, claim.run_id, populate_existing=True)
    if experiment is None or run.status is not RunStatus.QUEUED:
        return None
    slots = this.offer.take(claim) if this.offer.could_ever(claim) else None
    if slots is None:
        _wait_here(this, run, claim)
        return None
    if not claim.is_smoke:
        this.allowance.use(claim.author_id, claim.needs)
    return _start(this.session, this.host, (experiment, run), slots, this.act)


def _wait_here(this: Round, run: RunRow, claim: Claim) -> None:
    """Keep this host for the run, unless it can not serve it, or another one is kept already."""
    if not this.offer.could_ever(claim):
        run.kept_on = None if run.kept_on == this.host.id else run.kept_on
        return
    if run.kept_on not in {None, this.host.id} and _is_alive(this, str(run.kept_on)):
        return
    run.kept_on = this.host.id
    this.closed |= claim.kept


def _is_alive(this: Round, host_id: str) -> bool:
    host = this.session.get(HostRow, host_id)
    return host is not None and host.dead_by is None and host.lease_until >= this.act.at


def _start(
    session: Session, host: HostRow, owner: tuple[ExperimentRow, RunRow], slots: tuple[SlotRow, ...], act: Act
) -> AttemptRow:
    experiment, run = owner
    last = session.scalar(select(func.max(AttemptRow.n)).where(AttemptRow.run_id == run.id)) or 0
    attempt = AttemptRow(
        run_id=run.id,
        n=last + 1,
        host_id=host.id,
        folder=f"E-{run.experiment}/{run.label}/a{last + 1}",
        resume_from=run.resume_from,
        reserved_at=act.at,
        ring_at=act.at + RING_FIRST,
    )
    session.add(attempt)
    session.flush()
    for slot in slots:
        _take(session, slot, attempt)
    move_run(session, experiment, run, RunStatus.STARTING, act, stalled=False, not_before=None, kept_on=None)
    payload: JsonObject = {
        "run": run.label,
        "attempt": attempt.n,
        "host": host.id,
        "slots": list(dict.fromkeys(f"{slot.kind}:{slot.device}" for slot in slots)),
    }
    append_event(session, experiment, "attempt.reserved", act, payload)
    return attempt


def _take(session: Session, slot: SlotRow, attempt: AttemptRow) -> None:
    statement = update(SlotRow).where(SlotRow.id == slot.id, SlotRow.owner_attempt_id.is_(None))
    done = session.execute(
        statement.values(owner_attempt_id=attempt.id).execution_options(synchronize_session=False)
    )
    assert isinstance(done, CursorResult)
    if done.rowcount != 1:
        raise Conflict(f"slot {slot.kind}:{slot.device} of {slot.host_id} is taken")
    session.refresh(slot)


def _cancel_stopped(session: Session, act: Act) -> None:
    """Runs that were asked to stop and are QUEUED again never start."""
    statement = select(RunRow.id, RunRow.experiment).where(
        RunRow.status == RunStatus.QUEUED, RunRow.cancel_requested_at.is_not(None)
    )
    for run_id, number in session.execute(statement.order_by(RunRow.id)).all():
        experiment = lock_unless_busy(session, number)
        run = session.get_one(RunRow, run_id, populate_existing=True)
        if experiment is not None and run.status is RunStatus.QUEUED:
            cancel_queued(session, experiment, run, act, cause=ExitCause.STOPPED)
