"""Which bundle is meant, and what is known of it."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.errors import CodeRefused
from db.models import BundleRow, DescriptionRow, HostRow
from db.records import Bundle, Description

LATEST = "latest"
_MANY = 5
_HEX = re.compile(r"[0-9a-f]{6,64}")


def find(session: Session, reference: str) -> Bundle:
    """The bundle that somebody names: `latest`, a package (its newest push), or the beginning of a hash.

    A hash is the bundle's own or its commit's, six digits at least.

    :raises CodeRefused: where there is none, or several begin so.
    """
    wanted = reference.strip().lower()
    newest = select(BundleRow).order_by(BundleRow.pushed_at.desc(), BundleRow.sha256)
    if wanted != LATEST:
        rows = session.scalars(newest.where(BundleRow.package == wanted)).all()
        if not rows and _HEX.fullmatch(wanted):
            named = BundleRow.sha256.startswith(wanted) | BundleRow.commit.startswith(wanted)
            rows = session.scalars(newest.where(named)).all()
            if len({row.sha256 for row in rows}) > 1:
                found = ", ".join(row.sha256[:12] for row in rows[:_MANY])
                raise CodeRefused(f"several code bundles begin with {wanted}: {found}; give more digits")
    else:
        rows = session.scalars(newest.limit(1)).all()
    if not rows:
        raise CodeRefused(_unknown(session, reference))
    return bundle(rows[0])


def newest(session: Session, limit: int) -> tuple[Bundle, ...]:
    """The newest pushes first."""
    ordered = select(BundleRow).order_by(BundleRow.pushed_at.desc(), BundleRow.sha256)
    return tuple(bundle(row) for row in session.scalars(ordered.limit(limit)))


def description(session: Session, sha256: str, runtime: str) -> Description | None:
    """What a runtime's trainer found in it; None where it has not looked yet."""
    row = session.get(DescriptionRow, (sha256, runtime))
    if row is None:
        return None
    return Description(row.bundle, row.runtime, row.catalogue, row.message, row.log_tail, row.at)


def undescribed(session: Session, host_id: str) -> tuple[tuple[str, str], ...]:
    """The bundles that a host's trainer has not looked at, newest first, each with the runtime's key."""
    runtime = session.scalars(select(HostRow.runtime).where(HostRow.id == host_id)).first()
    if runtime is None:
        return ()
    seen = select(DescriptionRow.bundle).where(DescriptionRow.runtime == runtime)
    left = select(BundleRow.sha256).where(BundleRow.sha256.not_in(seen))
    newest_first = left.order_by(BundleRow.pushed_at.desc())
    return tuple((sha256, runtime) for sha256 in session.scalars(newest_first))


def bundle(row: BundleRow) -> Bundle:
    points = {group: tuple(names) for group, names in row.entry_points.items() if isinstance(names, list)}
    return Bundle(
        sha256=row.sha256,
        package=row.package,
        version=row.version,
        commit=row.commit,
        branch=row.branch,
        is_dirty=row.is_dirty,
        size=row.size,
        files=dict(row.files),
        entry_points={group: tuple(str(name) for name in names) for group, names in points.items()},
        pushed_by=row.pushed_by,
        pushed_at=row.pushed_at,
    )


def _unknown(session: Session, reference: str) -> str:
    known = newest(session, _MANY)
    if not known:
        return "no code has been pushed yet; run `signoff push PATH` in your package first"
    listed = ", ".join(dict.fromkeys(f"{one.package} ({one.sha256[:12]})" for one in known))
    return f'"{reference[:80]}" is no code bundle; use latest, or one of {listed}'
