"""Lists of experiments: lines, not whole records, in a fixed number of statements."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, String, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from db.errors import NotFound
from db.lifecycle import OPEN_EXPERIMENTS
from db.models import ExperimentRow, HostRow, RevisionRow, RunRow, RuntimeRow, TagRow
from db.queries import assemble, machines
from db.records import Host, Run, Summary
from db.search.summaries import summaries
from trainer.contract import JsonObject

MOST_LINES = 100
MOST_WORDS = 8
MOST_DIGITS = 9
_IS_PRESET = ExperimentRow.origin == "preset"
_NEWEST = (RevisionRow.experiment == ExperimentRow.number) & (RevisionRow.n == ExperimentRow.revision)


def lineage(session: Session, number: int) -> tuple[ExperimentRow, ...]:
    """The experiment and its ancestors, root first."""
    up = select(ExperimentRow.number, ExperimentRow.parent).where(ExperimentRow.number == number)
    chain = up.cte("chain", recursive=True)
    above = select(ExperimentRow.number, ExperimentRow.parent)
    chain = chain.union_all(above.join(chain, ExperimentRow.number == chain.c.parent))
    ours = select(ExperimentRow).where(ExperimentRow.number.in_(select(chain.c.number)))
    # A parent is always older than its child.
    rows = tuple(session.scalars(ours.order_by(ExperimentRow.number)))
    if not rows:
        raise NotFound(f"E-{number} is not in the ledger")
    return rows


def deltas(session: Session, numbers: Sequence[int]) -> dict[int, JsonObject]:
    """The newest delta of each experiment; a root's is its whole config."""
    statement = select(ExperimentRow.number, RevisionRow.delta).join(RevisionRow, _NEWEST)
    rows = session.execute(statement.where(ExperimentRow.number.in_(numbers))).all()
    return {row.number: row.delta for row in rows}


def children(session: Session, number: int, limit: int) -> tuple[Summary, ...]:
    statement = select(ExperimentRow.number).where(ExperimentRow.parent == number)
    newest = session.scalars(statement.order_by(ExperimentRow.number.desc()).limit(limit)).all()
    return summaries(session, newest[::-1])


def recent(session: Session, limit: int) -> tuple[Summary, ...]:
    statement = select(ExperimentRow.number).where(ExperimentRow.origin == "proposal")
    return _lines(session, statement.order_by(ExperimentRow.number.desc()).limit(limit))


def duplicates(session: Session, config_hash: str) -> tuple[Summary, ...]:
    statement = select(ExperimentRow.number).join(RevisionRow, _NEWEST)
    same = statement.where(RevisionRow.config_hash == config_hash)
    return _lines(session, same.order_by(ExperimentRow.number).limit(MOST_LINES))


def pending_for(session: Session, user_id: str, limit: int) -> tuple[Summary, ...]:
    statement = select(ExperimentRow.number).where(
        ExperimentRow.status.in_(OPEN_EXPERIMENTS), ExperimentRow.author_id != user_id
    )
    return _lines(session, statement.order_by(ExperimentRow.number).limit(limit))


def parents_like(session: Session, text: str, limit: int) -> tuple[Summary, ...]:
    statement = (
        select(ExperimentRow.number)
        .join(RevisionRow, _NEWEST)
        .where(
            ExperimentRow.status.not_in(OPEN_EXPERIMENTS), *map(_mentions, text.lower().split()[:MOST_WORDS])
        )
        .order_by(_IS_PRESET, case((_IS_PRESET, ExperimentRow.number), else_=-ExperimentRow.number))
    )
    return _lines(session, statement.limit(limit))


def runs(session: Session, rows: Sequence[RunRow]) -> tuple[Run, ...]:
    attempts = assemble.newest_attempts(session, [row.id for row in rows])
    return tuple(assemble.run(row, attempts.get(row.id)) for row in rows)


def hosts(session: Session) -> tuple[Host, ...]:
    """Every host that ever joined, by id."""
    runtimes = {row.key: row for row in session.scalars(select(RuntimeRow))}
    rows = session.scalars(select(HostRow).order_by(HostRow.id))
    return tuple(machines.host(row, runtimes.get(row.runtime or "")) for row in rows)


def _mentions(word: str) -> ColumnElement[bool]:
    """The word is an experiment's number, or part of what it is called by."""
    part = f"%{_escaped(word)}%"
    columns = (RevisionRow.title, RevisionRow.algo, RevisionRow.env_id, ExperimentRow.author_name)
    spoken = [func.lower(cast(column, String)).like(part, escape="\\") for column in columns]
    tagged = exists().where(TagRow.experiment == ExperimentRow.number, TagRow.name.like(part, escape="\\"))
    digits = word.removeprefix("e-")
    numbered = (
        [ExperimentRow.number == int(digits)] if digits.isdecimal() and len(digits) <= MOST_DIGITS else []
    )
    return or_(*spoken, tagged, *numbered)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _lines(session: Session, statement: Select[int]) -> tuple[Summary, ...]:
    return summaries(session, session.scalars(statement).all())
