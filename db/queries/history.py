"""An experiment's events beside what they vouch for, for `signoff audit`."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import History, Signed
from db.errors import NotFound
from db.models import EventRow, ExperimentRow, RevisionRow
from db.queries import assemble


def history(session: Session, number: int) -> History:
    """Also of an experiment whose own row is gone, which it must never be.

    :raises NotFound: where there is neither row nor event.
    """
    experiment = session.get(ExperimentRow, number)
    events = session.scalars(select(EventRow).where(EventRow.experiment == number).order_by(EventRow.seq))
    told = tuple(assemble.event(row) for row in events)
    if experiment is None and not told:
        raise NotFound(f"E-{number} is not in the ledger")
    rows = session.scalars(
        select(RevisionRow).where(RevisionRow.experiment == number).order_by(RevisionRow.n)
    )
    return History(
        experiment=number,
        events=told,
        seq=experiment.event_seq if experiment else None,
        hash=experiment.event_hash if experiment else None,
        status=experiment.status.value if experiment else "",
        revisions=tuple(map(_signed, rows)),
    )


def _signed(row: RevisionRow) -> Signed:
    return Signed(
        n=row.n,
        config=row.config,
        intent=row.intent,
        budget=row.budget,
        policy_rule=row.policy_rule,
        spec_hash=row.spec_hash,
    )
