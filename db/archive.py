"""The whole ledger as JSON lines, and back: a round trip without loss, on either database.

The first line names the format and the schema's revision, then come rows, each with its table, and
the last line counts them, so that a file that was cut is noticed. Foreign keys always point to
earlier lines. The search index is not in it: it is built anew.
"""

import enum
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Column, Enum, Table, delete, func, insert, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from db.errors import Refused, SignoffError, WrongSchema
from db.models import Base, ExperimentRow, QuestionRow, Utc
from db.search import reindex
from db.search.postgresql import continue_numbering
from db.session import Database, head_revision

FORMAT = 1
BATCH = 500


class BadArchive(SignoffError):
    """The lines are no ledger's export; the message says where they stop making sense."""


def export_lines(database: Database) -> Iterator[str]:
    """The ledger as one moment saw it, line by line, without line ends."""
    yield _line({"signoff": "ledger", "format": FORMAT, "revision": head_revision()})
    rows = 0
    with database.read() as session:
        for table in Base.metadata.sorted_tables:
            statement = select(table).order_by(*table.primary_key.columns)
            for row in session.execute(statement.execution_options(yield_per=BATCH)):
                yield _line({"table": table.name, "row": _encoded(table, row._mapping)})  # noqa: SLF001 (SQLAlchemy's public name)
                rows += 1
    yield _line({"rows": rows})


def import_lines(database: Database, lines: Iterable[str]) -> int:
    """Fill a ledger that holds nothing but shipped baselines; returns how many rows came in.

    :raises Refused: where somebody has worked in the ledger already.
    :raises WrongSchema: where the archive is of another revision of the schema.
    :raises BadArchive: where the lines are no whole archive; nothing is changed then.
    """
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    documents = ((number, _document(number, line)) for number, line in numbered)
    _check_header(next(documents, (1, {}))[1])
    with database.write() as session:
        _make_empty(session)
        try:
            count = _insert_all(session, documents)
        except (IntegrityError, DataError) as error:
            raise BadArchive(
                f"rows of the export do not fit each other ({error.orig}); export again"
            ) from error
        if not database.is_sqlite:
            for table in Base.metadata.sorted_tables:
                key = table.autoincrement_column
                if key is not None:
                    continue_numbering(session, table.name, key.name)
        reindex(session)
    return count


def _check_header(header: Mapping[str, Any]) -> None:
    if header.get("signoff") != "ledger" or header.get("format") != FORMAT:
        raise BadArchive(
            "the first line is not the head of a ledger's export; use a file of `signoff export`"
        )
    if header.get("revision") != head_revision():
        raise WrongSchema(
            f"the export is of revision {header.get('revision')}, this program needs {head_revision()}; "
            "import it with the program that wrote it, run `signoff migrate` there, and export it again"
        )


def _make_empty(session: Session) -> None:
    """Baselines that `signoff migrate` put there make room for those of the archive."""
    proposed = select(func.count()).select_from(ExperimentRow).where(ExperimentRow.origin != "preset")
    asked = select(func.count()).select_from(QuestionRow)
    for statement, what in ((proposed, "experiments"), (asked, "questions")):
        if own := session.scalar(statement):
            raise Refused(f"this ledger holds {own} {what} already; import into a new one")
    for table in reversed(Base.metadata.sorted_tables):
        session.execute(delete(table))


def _insert_all(session: Session, documents: Iterable[tuple[int, Mapping[str, Any]]]) -> int:
    count = 0
    for name, group in groupby(_rows(documents), key=itemgetter(0)):
        while batch := [row for _, row in islice(group, BATCH)]:
            session.execute(insert(Base.metadata.tables[name]), batch)
            count += len(batch)
    return count


def _rows(documents: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(table, row) until the line that counts them."""
    for rows, (number, document) in enumerate(documents):
        if "rows" in document:
            if document["rows"] != rows:
                raise BadArchive(
                    f"line {number} counts {document['rows']} rows, but {rows} came; export again"
                )
            return
        table = Base.metadata.tables.get(str(document.get("table")))
        if table is None:
            raise BadArchive(f"line {number} names a table that this ledger does not have: {document}"[:200])
        yield table.name, _decoded(table, document.get("row"), number)
    raise BadArchive("the last line is missing: the file was cut; export again")


def _line(document: Mapping[str, JsonValue]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _document(number: int, line: str) -> Mapping[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadArchive(f"line {number} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise BadArchive(f"line {number} is not an object")
    return document


def _encoded(table: Table, row: Mapping[Any, Any]) -> dict[str, JsonValue]:
    return {column.name: _to_json(row[column]) for column in table.columns}


def _to_json(value: Any) -> JsonValue:
    if isinstance(value, datetime):
        return value.isoformat()
    plain: JsonValue = value.value if isinstance(value, enum.Enum) else value
    return plain


def _decoded(table: Table, row: object, number: int) -> dict[str, Any]:
    names = {column.name for column in table.columns}
    if not isinstance(row, dict) or row.keys() != names:
        raise BadArchive(f"line {number} does not have the columns of {table.name}")
    try:
        return {column.name: _reader(column)(row[column.name]) for column in table.columns}
    except (KeyError, TypeError, ValueError) as error:
        raise BadArchive(f"line {number} has a value that {table.name} cannot hold: {error}") from error


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    """How a column's value is read back from JSON; NULL stays NULL."""
    kind = column.type
    if isinstance(kind, Utc):
        return lambda value: None if value is None else datetime.fromisoformat(value)
    if isinstance(kind, Enum) and kind.enum_class is not None:
        members = kind.enum_class
        return lambda value: None if value is None else members(value)
    return lambda value: value
