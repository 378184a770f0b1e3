"""Lines of lists and of search results, in the order asked for."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import ExperimentRow, ResultRow, RevisionRow
from db.records import Person, Summary


def summaries(
    session: Session, numbers: Sequence[int], snippets: Mapping[int, str] | None = None
) -> tuple[Summary, ...]:
    """One line per experiment, with what it changed and what came out; unknown numbers are left out."""
    newest = (RevisionRow.experiment == ExperimentRow.number) & (RevisionRow.n == ExperimentRow.revision)
    statement = select(ExperimentRow, RevisionRow).join(RevisionRow, newest)
    rows = session.execute(statement.where(ExperimentRow.number.in_(numbers))).all()
    results = _newest_results(session, numbers)
    lines = {
        experiment.number: _summary(
            experiment, revision, results.get(experiment.number), (snippets or {}).get(experiment.number, "")
        )
        for experiment, revision in rows
    }
    return tuple(lines[number] for number in numbers if number in lines)


def _newest_results(session: Session, numbers: Sequence[int]) -> dict[int, ResultRow]:
    last = (
        select(ResultRow.experiment, func.max(ResultRow.n).label("n"))
        .where(ResultRow.experiment.in_(numbers))
        .group_by(ResultRow.experiment)
        .subquery()
    )
    newest = (ResultRow.experiment == last.c.experiment) & (ResultRow.n == last.c.n)
    return {row.experiment: row for row in session.scalars(select(ResultRow).join(last, newest))}


def _summary(
    experiment: ExperimentRow, revision: RevisionRow, result: ResultRow | None, snippet: str
) -> Summary:
    return Summary(
        number=experiment.number,
        title=revision.title,
        status=experiment.status,
        outcome=result.outcome if result else None,
        author=Person(experiment.author_id, experiment.author_name),
        algo=revision.algo,
        env_id=revision.env_id,
        changes=tuple(revision.changes),
        got=result.got if result else "",
        channel_id=experiment.channel_id,
        thread_ts=experiment.thread_ts,
        created_at=experiment.created_at,
        snippet=snippet,
    )
