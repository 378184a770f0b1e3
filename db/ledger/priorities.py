"""Which experiments start before others. It is no part of what was signed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.errors import Refused
from db.ledger import messages
from db.ledger.transition import Act, append_event, lock_experiment
from db.lifecycle import HIGHEST_PRIORITY, LOWEST_PRIORITY, TERMINAL_RUNS, ExperimentStatus, may_raise
from db.models import ExperimentRow, RunRow
from db.records import OutboxKind


def set_priority(
    session: Session, number: int, priority: int, act: Act, raisers: frozenset[str] | None
) -> ExperimentRow:
    """Let an experiment's runs start before those of lower priority; what runs already goes on.

    :param raisers: user ids who may raise it, None for anyone. Its author may always lower it.
    :raises Refused: for others, and for values that there are not.
    """
    if not LOWEST_PRIORITY <= priority <= HIGHEST_PRIORITY:
        raise Refused(f"{priority} is no priority; give {LOWEST_PRIORITY}, 0 or {HIGHEST_PRIORITY}")
    experiment = lock_experiment(session, number)
    was = experiment.priority
    if was == priority:
        return experiment
    refusal = may_raise(act.actor, experiment.author_id, raisers, lowers=priority < was)
    if refusal is not None:
        raise Refused(f"E-{number}: {refusal}")
    experiment.priority = priority
    live = select(RunRow).where(RunRow.experiment == number, RunRow.status.not_in(TERMINAL_RUNS))
    for run in session.scalars(live.order_by(RunRow.id)).all():
        run.priority = priority
    append_event(session, experiment, "experiment.priority", act, {"from": was, "to": priority})
    if experiment.status is ExperimentStatus.APPROVED:
        messages.wake(session, experiment, OutboxKind.STATUS, act.at)
    return experiment
