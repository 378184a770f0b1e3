"""Every test of the ledger's verbs, on PostgreSQL."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.db.ledger.test_runs import running
from tests.unit.db.ledger.test_starts import trained

__all__ = ["running", "trained"]

pytestmark = pytest.mark.service

UNIT = Path(__file__).parents[3] / "unit" / "db" / "ledger"
OWN_LEDGERS = frozenset({"test_machine", "test_queue_property"})
"""They make a ledger for each of many examples, which takes minutes on a server; `tests/faults` and
`test_postgresql` play the same there.
"""


def _tests() -> Iterator[tuple[str, Any]]:
    """Each test of each module, under both names: modules may use the same words."""
    for path in sorted(UNIT.glob("test_*.py")):
        if path.stem not in OWN_LEDGERS:
            found = vars(importlib.import_module(f"tests.unit.db.ledger.{path.stem}"))
            yield from ((f"{path.stem}__{name}", found[name]) for name in found if name.startswith("test_"))


globals().update(_tests())
