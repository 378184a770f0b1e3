"""Running a query: filters in SQL, text ranked by the index, lines best first."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.models import ExperimentRow, RevisionRow
from db.records import SearchAnswer, Summary
from db.search.filters import Condition, NotUnderstood, condition
from db.search.index import dialect_of
from db.search.query import FILTERS, Query, parse_query, understood
from db.search.summaries import summaries
from db.search.tables import facts
from db.session import Database

MAX_RESULTS = 1_000


def search(database: Database, text: str, limit: int = 10) -> SearchAnswer:
    """Experiments for what a person typed: words, "phrases", -without, key:value, key > 3, @author, E-12.

    Never refuses: what is not understood is told in `warnings`. Without words, newest first.
    """
    parsed = parse_query(text)
    with database.read() as session:
        query = understood(parsed, _known_names(session, parsed))
        conditions, said, warnings = _conditions(query)
        statement = _statement(session, query, conditions)
        total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
        results = _lines(session, query, statement, limit)
    return SearchAnswer(results, filters=said, warnings=(*query.warnings, *warnings), total=total)


def similar(database: Database, text: str, limit: int = 3) -> tuple[Summary, ...]:
    """Experiments about the same thing, best first: for the contract form. No filters, no warnings."""
    parsed = parse_query(text)
    query = Query(words=tuple(_plain(parsed)))
    if not query.words:
        return ()
    with database.read() as session:
        return _lines(session, query, _statement(session, query, []), limit)


def _lines(session: Session, query: Query, statement: Select[int], limit: int) -> tuple[Summary, ...]:
    numbers = session.scalars(statement.limit(min(limit, MAX_RESULTS))).all()
    snippets: dict[int, str] = {}
    if query.words or query.phrases:
        around = dialect_of(session.connection()).snippets(query)
        shown = session.execute(around.where(around.selected_columns.number.in_(numbers))).all()
        snippets = {row.number: " ".join(row.snippet.split()) for row in shown}
    return summaries(session, numbers, snippets)


def _plain(query: Query) -> list[str]:
    return [*query.words, *query.phrases, *understood(query, ()).words][:40]


def _known_names(session: Session, query: Query) -> set[str]:
    """Which of the filters' keys are names of parameters or metrics that the ledger has."""
    asked = {each.key for each in query.filters} - FILTERS
    known = {name for name in asked if _exists(session, facts.c.name == name)}
    return known | {name for name in asked - known if _exists(session, facts.c.path == name)}


def _exists(session: Session, where: Condition) -> bool:
    return session.execute(select(facts.c.id).where(where).limit(1)).first() is not None


def _conditions(query: Query) -> tuple[list[Condition], tuple[str, ...], tuple[str, ...]]:
    conditions, said, warnings = [], [], []
    for asked in query.filters:
        try:
            conditions.append(condition(asked))
            said.append(str(asked))
        except NotUnderstood as error:
            warnings.append(str(error))
    return conditions, tuple(said), tuple(warnings)


def _statement(session: Session, query: Query, conditions: list[Condition]) -> Select[int]:
    """The numbers of what fits, best first."""
    database = dialect_of(session.connection())
    newest = (RevisionRow.experiment == ExperimentRow.number) & (RevisionRow.n == ExperimentRow.revision)
    statement = select(ExperimentRow.number).join(RevisionRow, newest).where(*conditions)
    named = ExperimentRow.number.in_(query.numbers) if query.numbers else None
    if query.words or query.phrases:
        found = database.matches(query).subquery()
        statement = statement.join(found, found.c.number == ExperimentRow.number, isouter=named is not None)
        fits = found.c.number.is_not(None)
        statement = statement.where(fits if named is None else named | fits)
        order = [func.coalesce(found.c.badness, 0.0)]
    else:
        statement = statement if named is None else statement.where(named)
        order = []
    if query.excluded:
        statement = statement.where(ExperimentRow.number.not_in(database.without(query)))
    first = [] if named is None else [named.desc()]
    return statement.order_by(*first, *order, ExperimentRow.number.desc())
