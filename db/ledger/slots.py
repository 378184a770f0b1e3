"""The slots that a host offers: CPU slots, the lane of smoke runs, and its GPUs in parts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import HostRow, SlotRow

SMOKE_LANES = 1


def offer(session: Session, host: HostRow, now: datetime) -> None:
    """Make the slots what the host says that it has. Those that are held and no longer offered retire."""
    rows = _all(session, host.id)
    offered = {*_offered(host, rows)}
    for row in rows:
        still = (row.kind, row.device, row.part) in offered
        row.retired_at = None if still else row.retired_at or now
    known = {(row.kind, row.device, row.part) for row in rows}
    for kind, device, part in sorted(offered - known):
        session.add(SlotRow(host_id=host.id, kind=kind, device=device, part=part))
    session.flush()


def retire(session: Session, host_id: str, now: datetime) -> None:
    """Offer nothing any more."""
    for row in _all(session, host_id):
        row.retired_at = row.retired_at or now
    session.flush()


def mark(session: Session, host_id: str, device: str, why: str) -> bool:
    """Say why a GPU is given to nobody; False where that has been said."""
    rows = [row for row in _all(session, host_id) if row.device == device and row.kind == "gpu"]
    fresh = [row for row in rows if not row.dirty]
    for row in fresh:
        row.dirty = why
    session.flush()
    return bool(fresh)


def clean(session: Session, host_id: str, device: str | None = None) -> tuple[str, ...]:
    """Offer what was marked again; the devices that were."""
    rows = [row for row in _all(session, host_id) if row.dirty and device in {None, row.device}]
    for row in rows:
        row.dirty = ""
    session.flush()
    return tuple(dict.fromkeys(row.device for row in rows))


def _offered(host: HostRow, rows: Sequence[SlotRow]) -> Iterator[tuple[str, str, int]]:
    yield from (("cpu", str(n), 0) for n in range(host.cpu_slots))
    yield from (("smoke", str(n), 0) for n in range(SMOKE_LANES))
    in_use = {row.device for row in rows if row.kind == "gpu" and row.owner_attempt_id is not None}
    parts = Counter(row.device for row in rows if row.kind == "gpu" and row.retired_at is None)
    for gpu in host.gpus:
        device = str(gpu["uuid"])
        # Parts of another size would not add up with those that a run holds.
        count = parts[device] if device in in_use and parts[device] else host.gpu_shares
        yield from (("gpu", device, part) for part in range(count))


def _all(session: Session, host_id: str) -> Sequence[SlotRow]:
    return session.scalars(select(SlotRow).where(SlotRow.host_id == host_id)).all()
