"""Who holds how much now, over all hosts."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.ledger.offer import needs_of
from db.limits import Allowance, Limits
from db.models import AttemptRow, ExperimentRow, RunRow, SlotRow
from trainer.contract import RunKind


def allowance(session: Session, limits: Limits) -> Allowance:
    """What each person may still start. Smoke runs are short and count for nobody."""
    if not limits.restrict_starts:
        return Allowance(limits, ())
    owners = select(SlotRow.owner_attempt_id).where(SlotRow.owner_attempt_id.is_not(None))
    statement = (
        select(ExperimentRow.author_id, RunRow)
        .join(RunRow, RunRow.experiment == ExperimentRow.number)
        .join(AttemptRow, AttemptRow.run_id == RunRow.id)
        .where(AttemptRow.id.in_(owners), RunRow.kind != RunKind.SMOKE)
    )
    held = [(author, needs_of(run)) for author, run in session.execute(statement).all()]
    return Allowance(limits, held)
