"""The text index on SQLite: FTS5 with the Porter stemmer, ranked by BM25."""

from sqlalchemy import Connection, Float, Integer, Select, String, column, select, text
from sqlalchemy.orm import Session

from db.search.document import Document
from db.search.query import Query

# Columns of search_text in order, and how much a word in each counts.
WEIGHTS = "2.0, 2.0, 1.0, 1.0"


def create(connection: Connection) -> None:
    connection.exec_driver_sql(
        "CREATE VIRTUAL TABLE IF NOT EXISTS search_text "
        "USING fts5(title, objective, body, names, tokenize = 'porter unicode61 remove_diacritics 2')"
    )


def drop(connection: Connection) -> None:
    connection.exec_driver_sql("DROP TABLE IF EXISTS search_text")


def put(session: Session, number: int, document: Document) -> None:
    remove(session, number)
    session.execute(
        text(
            "INSERT INTO search_text (rowid, title, objective, body, names) "
            "VALUES (:number, :title, :objective, :body, :names)"
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
    session.execute(text("DELETE FROM search_text WHERE rowid = :number"), {"number": number})


def matches(query: Query) -> Select[tuple[int, float, str]]:
    """(number, badness, snippet) of what contains the phrases and any of the words; lower is better."""
    found = text(
        f"SELECT rowid AS number, bm25(search_text, {WEIGHTS}) AS badness, "  # noqa: S608 (constants alone)
        "snippet(search_text, -1, '', '', '…', 14) AS snippet FROM search_text WHERE search_text MATCH :asked"
    ).bindparams(asked=_asked(query))
    typed = found.columns(column("number", Integer), column("badness", Float), column("snippet", String))
    table = typed.subquery("found")
    return select(table.c.number, table.c.badness, table.c.snippet)


def without(query: Query) -> Select[tuple[int]]:
    """The experiments that contain an excluded word."""
    found = text("SELECT rowid AS number FROM search_text WHERE search_text MATCH :unwanted")
    unwanted = " OR ".join(map(_quoted, query.excluded))
    table = found.bindparams(unwanted=unwanted).columns(column("number", Integer)).subquery("unwanted")
    return select(table.c.number)


def _asked(query: Query) -> str:
    words = " OR ".join(map(_quoted, (*query.phrases, *query.words)))
    required = [_quoted(phrase) for phrase in query.phrases]
    return " AND ".join([*required, f"({words})"])


def _quoted(words: str) -> str:
    """As FTS5's string, in which nothing is an operator."""
    return '"' + words.replace('"', '""') + '"'
