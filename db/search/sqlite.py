"""The text index on SQLite: FTS5 with the Porter stemmer, ranked by BM25."""

from sqlalchemy import Connection, Float, Integer, Select, String, case, column, func, select, text
from sqlalchemy.orm import Session

from db.search.document import Document
from db.search.query import Query

# Columns of search_text in order, and how much a word in each counts.
WEIGHTS = "2.0, 2.0, 1.0, 0.5"
MARK = "\ue000"  # a private character, which nobody types


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


def matches(query: Query) -> Select[tuple[int, float]]:
    """(number, badness) of what contains the phrases and any of the words; lower is better."""
    found = text(
        f"SELECT rowid AS number, bm25(search_text, {WEIGHTS}) AS badness "  # noqa: S608 (constants alone)
        "FROM search_text WHERE search_text MATCH :asked"
    ).bindparams(asked=_asked(query))
    table = found.columns(column("number", Integer), column("badness", Float)).subquery("found")
    return select(table.c.number, table.c.badness)


def snippets(query: Query) -> Select[tuple[int, str]]:
    """(number, words around what was found) in the objective or the body; empty where it is elsewhere."""
    found = text(
        "SELECT rowid AS number, snippet(search_text, 1, :mark, '', '…', 14) AS objective, "
        "snippet(search_text, 2, :mark, '', '…', 14) AS body FROM search_text WHERE search_text MATCH :asked"
    ).bindparams(asked=_asked(query), mark=MARK)
    words = [column("objective", String), column("body", String)]
    table = found.columns(column("number", Integer), *words).subquery("found")
    snippet = case(
        (func.instr(table.c.objective, MARK) > 0, table.c.objective),
        (func.instr(table.c.body, MARK) > 0, table.c.body),
        else_="",
    )
    return select(table.c.number, func.replace(snippet, MARK, "").label("snippet"))


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
