"""A host that a person declares dead: its attempts are lost, and its runs resume elsewhere."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.errors import Refused
from db.ledger import attempts, slots
from db.ledger.attempts import Held
from db.ledger.transition import Act, append_event, lock_experiment
from db.lifecycle import LIVE_ATTEMPTS
from db.models import AttemptRow, HostRow, RunRow, SlotRow
from trainer.contract import JsonObject


def declare_dead(session: Session, host: HostRow, act: Act, reason: str) -> tuple[str, ...]:
    """Fence the host, and take back all that its attempts hold; the keys of the runs that were lost.

    The caller has locked the host's row: nobody reports for it, and it starts nothing.

    :raises Refused: while its lease lasts.
    """
    if host.dead_by is not None:
        return ()
    heard_s = (host.lease_until - act.at).total_seconds()
    if heard_s >= 0:
        raise Refused(
            f"{host.id} was heard less than {host.lease_s:.0f} s ago, so it lives; stop its worker and what "
            "it trains first, or wait until it is silent"
        )
    host.epoch += 1
    host.dead_by, host.flags, host.runtime = str(act.details.get("by", act.actor)), [], None
    lost = []
    for attempt_id, number in _held(session, host.id):
        experiment = lock_experiment(session, number)
        attempt = session.get_one(AttemptRow, attempt_id, populate_existing=True)
        run = session.get_one(RunRow, attempt.run_id, populate_existing=True)
        held = Held(experiment, run, attempt, act)
        if attempt.status in LIVE_ATTEMPTS:
            said: JsonObject = {"run": run.label, "attempt": attempt.n, "host": host.id, "reason": reason}
            append_event(session, experiment, "host.declared_dead", act, said)
            lost.append(f"E-{number}/{run.label}")
        attempts.gone(session, held)
        attempts.free_slots(session, held)
    slots.retire(session, host.id, act.at)
    return tuple(lost)


def _held(session: Session, host_id: str) -> list[tuple[int, int]]:
    """The attempts of the host that live or hold slots, each with its experiment, in the order of locks."""
    owning = select(SlotRow.owner_attempt_id).where(
        SlotRow.host_id == host_id, SlotRow.owner_attempt_id.is_not(None)
    )
    statement = (
        select(AttemptRow.id, RunRow.experiment)
        .join(RunRow, RunRow.id == AttemptRow.run_id)
        .where(
            AttemptRow.host_id == host_id,
            or_(AttemptRow.status.in_(LIVE_ATTEMPTS), AttemptRow.id.in_(owning)),
        )
        .order_by(RunRow.experiment, AttemptRow.id)
    )
    return [(attempt_id, number) for attempt_id, number in session.execute(statement).all()]
