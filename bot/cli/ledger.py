"""Open the ledger for one command."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer

from bot.pages.reading import LedgerReader
from db.queries import Queries
from db.session import Database
from db.settings import LedgerSettings

LOCK_TIMEOUT_S = 5.0
_KEY = re.compile(r"[Ee]-?(\d{1,9})|(\d{1,9})")


@dataclass(frozen=True)
class OpenLedger:
    settings: LedgerSettings
    database: Database
    queries: Queries

    @property
    def reader(self) -> LedgerReader:
        return LedgerReader(self.database, self.queries)


@contextmanager
def open_ledger() -> Iterator[OpenLedger]:
    """The ledger that the settings name. Raises WrongSchema when it has to be migrated first."""
    settings = LedgerSettings()
    database = Database(settings.ledger_url, lock_timeout_s=LOCK_TIMEOUT_S)
    try:
        database.check_revision()
        yield OpenLedger(settings, database, Queries(database))
    finally:
        database.dispose()


def experiment_number(text: str) -> int:
    """42 for "E-42", "e42" and "42". For typer: any other text is a usage error."""
    match = _KEY.fullmatch(text.strip())
    if match is None:
        raise typer.BadParameter(f"{text!r} is not an experiment; write it like E-42")
    return int(match[1] or match[2])
