"""The mark in the artifacts folder: it names the ledger that the folder belongs to.

A network folder that is not mounted looks like an empty folder, and that of another installation looks
like ours. With the mark both are noticed before a run writes where nobody will find its results.
"""

import os
from enum import StrEnum
from pathlib import Path

from db.queries import Queries

MARK = ".signoff-ledger"
_ASKED_FOLDERS = 20


class Place(StrEnum):
    """What an artifacts folder is to a ledger."""

    OURS = "ours"
    NEW = "new"  # nothing was ever written anywhere: it may be marked
    MISSING = "missing"  # the ledger's attempts have their folders elsewhere, or nowhere
    FOREIGN = "foreign"


def place_of(queries: Queries, artifacts: Path) -> Place:
    """Compare the folder with the ledger. Raises OSError where it cannot be read."""
    try:
        marked = (artifacts / MARK).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return _unmarked(queries, artifacts)
    return Place.OURS if marked == queries.ledger_name() else Place.FOREIGN


def claim(queries: Queries, artifacts: Path) -> Place:
    """As `place_of`, and mark the folder where it is new. For the worker, which alone writes there."""
    place = place_of(queries, artifacts)
    if place is not Place.NEW:
        return place
    artifacts.mkdir(parents=True, exist_ok=True)
    part = artifacts / f"{MARK}.{os.getpid()}.part"
    part.write_text(f"{queries.ledger_name()}\n", encoding="utf-8")
    part.replace(artifacts / MARK)
    return Place.OURS


def _unmarked(queries: Queries, artifacts: Path) -> Place:
    folders = queries.newest_folders(_ASKED_FOLDERS)
    known = not folders or any((artifacts / folder).exists() for folder in folders)
    return Place.NEW if known else Place.MISSING
