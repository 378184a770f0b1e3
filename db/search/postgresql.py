"""The text index on PostgreSQL: a weighted tsvector with English stems, ranked by ts_rank."""

from sqlalchemy import Connection, Float, Integer, Select, String, case, column, func, select, text
from sqlalchemy.orm import Session

from db.search.document import Document
from db.search.query import Query

_WEIGHTS = "'{0.1, 0.25, 0.5, 1.0}'"  # of the labels D, C, B, A
MARK = "\ue000"  # a private character, which nobody types
_HEADLINE = f'StartSel={MARK}, StopSel="", MaxWords=16, MinWords=8, MaxFragments=1'


def create(connection: Connection) -> None:
    connection.exec_driver_sql(
        """
        CREATE TABLE IF NOT EXISTS search_text (
            number INTEGER PRIMARY KEY,
            title TEXT NOT NULL,
            objective TEXT NOT NULL,
            body TEXT NOT NULL,
            names TEXT NOT NULL,
            vector TSVECTOR GENERATED ALWAYS AS (
                setweight(to_tsvector('english', title || ' ' || objective), 'A')
                || setweight(to_tsvector('english', body), 'B')
                || setweight(to_tsvector('english', replace(names, '-', ' ')), 'C')
            ) STORED
        )
        """
    )
    connection.exec_driver_sql(
        "CREATE INDEX IF NOT EXISTS ix_search_text_vector ON search_text USING gin (vector)"
    )


def drop(connection: Connection) -> None:
    connection.exec_driver_sql("DROP TABLE IF EXISTS search_text")


def put(session: Session, number: int, document: Document) -> None:
    session.execute(
        text(
            "INSERT INTO search_text (number, title, objective, body, names) "
            "VALUES (:number, :title, :objective, :body, :names) ON CONFLICT (number) DO UPDATE SET "
            "title = excluded.title, objective = excluded.objective, body = excluded.body, "
            "names = excluded.names"
        ),
        {
            "number": number,
            "title": document.title,
            "objective": document.objective,
            "body": document.body,
            "names": document.names,
        },
    )


def remove(session: Session, number: int) -> None:
    session.execute(text("DELETE FROM search_text WHERE number = :number"), {"number": number})


def matches(query: Query) -> Select[tuple[int, float]]:
    """(number, badness) of what contains the phrases and any of the words; lower is better."""
    asked, values = _asked(query)
    found = text(
        f"SELECT number, -ts_rank({_WEIGHTS}, vector, asked, 1) AS badness "  # noqa: S608 (constants and names of parameters)
        f"FROM search_text, (SELECT {asked} AS asked) AS q WHERE vector @@ asked"
    ).bindparams(**values)
    table = found.columns(column("number", Integer), column("badness", Float)).subquery("found")
    return select(table.c.number, table.c.badness)


def snippets(query: Query) -> Select[tuple[int, str]]:
    """(number, words around what was found) in the objective or the body; empty where it is elsewhere."""
    asked, values = _asked(query)
    found = text(
        "SELECT number, ts_headline('english', objective || ' ' || body, asked, :options) AS headline "  # noqa: S608 (as above)
        f"FROM search_text, (SELECT {asked} AS asked) AS q WHERE vector @@ asked"
    ).bindparams(options=_HEADLINE, **values)
    table = found.columns(column("number", Integer), column("headline", String)).subquery("found")
    snippet = case((func.strpos(table.c.headline, MARK) > 0, table.c.headline), else_="")
    return select(table.c.number, func.replace(snippet, MARK, "").label("snippet"))


def without(query: Query) -> Select[tuple[int]]:
    """The experiments that contain an excluded word."""
    unwanted = " || ".join(f"phraseto_tsquery('english', :no{n})" for n in range(len(query.excluded)))
    found = text(f"SELECT number FROM search_text WHERE vector @@ ({unwanted})").bindparams(  # noqa: S608 (as above)
        **{f"no{n}": word for n, word in enumerate(query.excluded)}
    )
    table = found.columns(column("number", Integer)).subquery("unwanted")
    return select(table.c.number)


def _asked(query: Query) -> tuple[str, dict[str, str]]:
    """The tsquery as SQL, and the values of its parameters."""
    required = [f"phraseto_tsquery('english', :phrase{n})" for n in range(len(query.phrases))]
    words = [f"plainto_tsquery('english', :word{n})" for n in range(len(query.words))]
    values = {f"phrase{n}": phrase for n, phrase in enumerate(query.phrases)}
    values |= {f"word{n}": word for n, word in enumerate(query.words)}
    return " && ".join([*required, f"({' || '.join([*required, *words])})"]), values


def continue_numbering(session: Session, table: str, key: str) -> None:
    """After rows came with their own numbers, the next one made here follows the highest."""
    session.execute(
        text(
            f"SELECT setval(sequence, (SELECT coalesce(max({key}), 0) + 1 FROM {table}), false) "  # noqa: S608 (our own names)
            "FROM (SELECT pg_get_serial_sequence(:table, :key) AS sequence) AS s WHERE sequence IS NOT NULL"
        ),
        {"table": table, "key": key},
    )
