"""Hosts, their slots and what they can run. A host's epoch fences the writes of its older processes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.config.canonical import canonical_json, sha256_hex
from db.errors import LeaseLost
from db.ledger import messages
from db.ledger.transition import lock_unless_busy
from db.lifecycle import ExperimentStatus, RunStatus
from db.models import HostRow, RunRow, RuntimeRow, SlotRow
from db.queries import assemble, lists
from db.records import Host, OutboxKind, Runtime
from db.session import Database

SMOKE_LANES = 1


def fenced(session: Session, host_id: str, epoch: int, *, exclusive: bool = False) -> HostRow:
    """The host's row, which no newer process can take over until the transaction ends.

    :raises LeaseLost: where one has done so already.
    """
    statement = select(HostRow).where(HostRow.id == host_id).with_for_update(read=not exclusive)
    row = session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None or row.epoch != epoch:
        found = "is not registered" if row is None else f"has epoch {row.epoch} now"
        raise LeaseLost(f"host {host_id} {found}; the process of epoch {epoch} must stop")
    return row


def runtime_key(runtime: Runtime) -> str:
    """Two runtimes with one key run the same: equal image, equal versions."""
    return sha256_hex(canonical_json({"digest": runtime.digest, "versions": dict(runtime.versions)}))


class Hosts:
    """Verbs of `Ledger.hosts`."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def register(
        self,
        host_id: str,
        *,
        owner: str,
        cpu_slots: int,
        gpus: Iterable[str] = (),
        runtime: Runtime | None = None,
        boot_id: str | None = None,
        lease_s: float = 30.0,
    ) -> Host:
        """Join, or take over from an older process of the same host: its writes fail from now on.

        Slots that are still held stay held, even where the host offers fewer than before.
        """
        offer = _Offer(owner, cpu_slots, tuple(gpus), runtime, boot_id, lease_s)
        now = self._clock()
        return self._database.write_once(lambda session: _register(session, host_id, offer, now))

    def renew(self, host_id: str, owner: str, epoch: int, flags: Iterable[str] = ()) -> Host:
        """The heartbeat. `flags` are what people should know now, such as "docker_down".

        :raises LeaseLost: where a newer process has taken over.
        """
        now = self._clock()
        with self._database.write() as session:
            row = fenced(session, host_id, epoch, exclusive=True)
            if row.owner != owner:
                raise LeaseLost(f"host {host_id} belongs to {row.owner}; {owner} must stop")
            row.lease_until = now + timedelta(seconds=row.lease_s)
            row.flags = list(flags)
            session.flush()
            its_runtime = session.get(RuntimeRow, row.runtime) if row.runtime else None
            return assemble.host(row, its_runtime)

    def all(self) -> tuple[Host, ...]:
        """Every host that ever joined, by id."""
        with self._database.read() as session:
            return lists.hosts(session)


@dataclass(frozen=True)
class _Offer:
    owner: str
    cpu_slots: int
    gpus: tuple[str, ...]
    runtime: Runtime | None
    boot_id: str | None
    lease_s: float


def _register(session: Session, host_id: str, offer: _Offer, now: datetime) -> Host:
    found = session.scalars(select(HostRow).where(HostRow.id == host_id).with_for_update())
    row = found.one_or_none() or HostRow(id=host_id, epoch=0)
    row.owner, row.boot_id, row.lease_s = offer.owner, offer.boot_id, offer.lease_s
    row.epoch += 1
    row.cpu_slots, row.gpus, row.flags = offer.cpu_slots, list(offer.gpus), []
    row.lease_until, row.registered_at = now + timedelta(seconds=offer.lease_s), now
    its_runtime = _register_runtime(session, offer.runtime, now) if offer.runtime else None
    row.runtime = its_runtime.key if its_runtime else None
    session.add(row)
    session.flush()
    _offer_slots(session, row, now)
    _show_who_waits(session, now)
    return assemble.host(row, its_runtime)


def _show_who_waits(session: Session, now: datetime) -> None:
    """Cards of queued runs say whether a host has their program, which may just have changed."""
    waiting = select(RunRow.experiment).where(RunRow.status == RunStatus.QUEUED).distinct()
    for number in session.scalars(waiting.order_by(RunRow.experiment)).all():
        experiment = lock_unless_busy(session, number)
        if experiment is not None and experiment.status is ExperimentStatus.APPROVED:
            messages.wake(session, experiment, OutboxKind.STATUS, now)


def _register_runtime(session: Session, runtime: Runtime, now: datetime) -> RuntimeRow:
    key = runtime_key(runtime)
    row = session.get(RuntimeRow, key) or RuntimeRow(key=key)
    row.digest, row.versions = runtime.digest, dict(runtime.versions)
    row.launcher, row.host_id, row.newest_at = runtime.launcher, runtime.host_id, now
    session.add(row)
    session.flush()
    return row


def _offer_slots(session: Session, host: HostRow, now: datetime) -> None:
    offered = {("cpu", str(n)) for n in range(host.cpu_slots)}
    offered |= {("smoke", str(n)) for n in range(SMOKE_LANES)}
    offered |= {("gpu", device) for device in host.gpus}
    rows = session.scalars(select(SlotRow).where(SlotRow.host_id == host.id)).all()
    for row in rows:
        still = (row.kind, row.device) in offered
        row.retired_at = None if still else row.retired_at or now
    known = {(row.kind, row.device) for row in rows}
    for kind, device in sorted(offered - known):
        session.add(SlotRow(host_id=host.id, kind=kind, device=device))
    session.flush()
