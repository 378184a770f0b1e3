"""Research questions, which group experiments and get an answer in the end."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.errors import NotFound
from db.models import QuestionRow
from db.queries import assemble
from db.records import Person, Question
from db.session import Database


class Questions:
    """Verbs of `Ledger.questions`."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def create(self, text: str, author: Person) -> Question:
        """Ask a question; the same person's same open question is not asked twice."""
        text = text.strip()
        with self._database.write() as session:
            row = _open(session, text, author) or QuestionRow(
                text=text, author_id=author.id, author_name=author.name, created_at=self._clock()
            )
            session.add(row)
            session.flush()
            return assemble.question(row)

    def answer(self, number: int, text: str, author: Person) -> Question:
        """Answer a question, or answer it better."""
        with self._database.write() as session:
            row = session.get(QuestionRow, number)
            if row is None:
                raise NotFound(f"question {number} is not in the ledger")
            row.answer, row.answered_by = text.strip(), author.id
            session.flush()
            return assemble.question(row)


def _open(session: Session, text: str, author: Person) -> QuestionRow | None:
    statement = select(QuestionRow).where(
        QuestionRow.text == text, QuestionRow.author_id == author.id, QuestionRow.answer.is_(None)
    )
    return session.scalars(statement).first()
