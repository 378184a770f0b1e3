"""Pushed code bundles, and what trainers found in them."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db.models import BundleRow, DescriptionRow
from db.queries import code
from db.records import Bundle
from db.session import Database
from trainer.contract import JsonObject


class Code:
    """Verbs of `Ledger.code`."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def push(self, bundle: Bundle) -> Bundle:
        """Register a bundle whose wheel is stored; the same bytes again are the same bundle, pushed now."""
        return self._database.write_once(lambda session: _push(session, bundle))

    def describe(
        self, sha256: str, runtime: str, catalogue: JsonObject | None, message: str = "", log_tail: str = ""
    ) -> None:
        """What a runtime's trainer found in a bundle; the newest answer counts."""
        at = self._clock()

        def write(session: Session) -> None:
            row = session.get(DescriptionRow, (sha256, runtime))
            row = row or DescriptionRow(bundle=sha256, runtime=runtime)
            row.catalogue, row.message, row.log_tail, row.at = catalogue, message, log_tail, at
            session.add(row)

        self._database.write_once(write)


def with_fixed_code(session: Session, delta: JsonObject, config: JsonObject) -> JsonObject:
    """The delta with the whole hash of the bundle that the resolved config names, fixed before it is signed.

    A delta that says nothing of `code` keeps what its parent was signed with.

    :raises CodeRefused: where there is no such bundle.
    """
    named = config.get("code")
    if "code" not in delta or named is None:
        return delta
    return {**delta, "code": code.find(session, str(named)).sha256}


def _push(session: Session, bundle: Bundle) -> Bundle:
    row = session.get(BundleRow, bundle.sha256) or BundleRow(sha256=bundle.sha256)
    row.package, row.version = bundle.package, bundle.version
    row.commit, row.branch, row.is_dirty = bundle.commit, bundle.branch, bundle.is_dirty
    row.size, row.files = bundle.size, dict(bundle.files)
    row.entry_points = {group: list(names) for group, names in bundle.entry_points.items()}
    row.pushed_by, row.pushed_at = bundle.pushed_by, bundle.pushed_at
    session.add(row)
    failed = (DescriptionRow.bundle == bundle.sha256) & DescriptionRow.catalogue.is_(None)
    session.execute(delete(DescriptionRow).where(failed))  # a host may look again
    session.flush()
    return code.bundle(row)
