"""Whether some host still has the program (the image, or the trainer's files) that was signed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.errors import Refused
from db.models import HostRow, RevisionRow


def is_offered(session: Session, revision: RevisionRow) -> bool:
    """Whether a host that is not dead has it; one that is only silent may come back."""
    has = select(HostRow.id).where(HostRow.runtime == revision.runtime, HostRow.dead_by.is_(None))
    return session.execute(has.limit(1)).first() is not None


def check(session: Session, revision: RevisionRow) -> None:
    """:raises Refused: where more runs of what was signed could never start."""
    if not is_offered(session, revision):
        raise Refused(
            f"no worker has the program that E-{revision.experiment} was approved with any more, so nothing "
            "more of it can run; bring that program back, or fork it to approve what would run now"
        )
