"""Hosts, their slots and what they can run. A host's epoch fences the writes of its older processes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.config.canonical import canonical_json, sha256_hex
from db.errors import LeaseLost, NotFound
from db.ledger import losses, messages, slots
from db.ledger.fencing import fenced
from db.ledger.transition import Act, lock_unless_busy
from db.lifecycle import ExperimentStatus, RunStatus
from db.models import HostRow, RunRow, RuntimeRow
from db.queries import lists, machines
from db.records import Gpu, Host, OutboxKind, Person, Runtime
from db.session import Database


def _lock(session: Session, host_id: str) -> HostRow:
    row = session.scalars(select(HostRow).where(HostRow.id == host_id).with_for_update()).one_or_none()
    if row is None:
        known = ", ".join(session.scalars(select(HostRow.id).order_by(HostRow.id)))
        raise NotFound(f"no host is called {host_id}; there are: {known or 'none'}")
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
        gpus: Iterable[Gpu] = (),
        gpu_shares: int = 1,
        memory_mb: int = 0,
        measured: Mapping[str, str] | None = None,
        runtime: Runtime | None = None,
        boot_id: str | None = None,
        lease_s: float = 30.0,
    ) -> Host:
        """Join, or take over from an older process of the same host: its writes fail from now on.

        Slots that are still held stay held, even where the host offers fewer than before. One that was
        declared dead is alive again.

        :param gpu_shares: how many runs may share a GPU at most.
        :param memory_mb: what runs may use of its memory; 0 where that is not known.
        """
        offered = {"cpu_slots": cpu_slots, "gpu_shares": gpu_shares, "memory_mb": memory_mb}
        columns = {**offered, "owner": owner, "measured": dict(measured or {}), "lease_s": lease_s}
        offer = _Offer(columns, tuple(gpus), runtime, boot_id)
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
            return machines.host(row, its_runtime)

    def mark_dirty(self, host_id: str, epoch: int, device: str, why: str) -> bool:
        """Give a GPU to nobody until an administrator has looked at it; False where it is marked already.

        What runs on it goes on. `why` is a sentence for people.
        """
        with self._database.write() as session:
            fenced(session, host_id, epoch, exclusive=True)
            return slots.mark(session, host_id, device, why)

    def clean(self, host_id: str, device: str | None = None) -> tuple[str, ...]:
        """Offer GPUs again that were marked dirty: one, or all of the host; their UUIDs.

        :raises NotFound: where there is no such host, or no such GPU is marked.
        """
        with self._database.write() as session:
            _lock(session, host_id)
            cleaned = slots.clean(session, host_id, device)
            if not cleaned:
                raise NotFound(f"{host_id} has no {device or 'GPU'} that is marked as dirty")
            return cleaned

    def declare_dead(self, host_id: str, actor: Person, reason: str = "") -> tuple[str, ...]:
        """A host will not come back as it was: what ran there is lost, and resumes elsewhere.

        Its worker can write nothing any more, and must join again. Returns the runs that were lost.

        :raises NotFound: where no such host ever joined.
        :raises Refused: while it is heard: training that nobody sees would be doubled.
        """
        with self._database.write() as session:
            return losses.declare_dead(session, _lock(session, host_id), Act.of(actor, self._clock()), reason)

    def all(self) -> tuple[Host, ...]:
        """Every host that ever joined, by id."""
        with self._database.read() as session:
            return lists.hosts(session)


@dataclass(frozen=True)
class _Offer:
    columns: Mapping[str, Any]
    gpus: tuple[Gpu, ...]
    runtime: Runtime | None
    boot_id: str | None


def _register(session: Session, host_id: str, offer: _Offer, now: datetime) -> Host:
    found = session.scalars(select(HostRow).where(HostRow.id == host_id).with_for_update())
    row = found.one_or_none() or HostRow(id=host_id, epoch=0)
    for name, value in offer.columns.items():
        setattr(row, name, value)
    rebooted = row.boot_id != offer.boot_id
    row.boot_id, row.dead_by, row.flags = offer.boot_id, None, []
    row.epoch += 1
    row.gpus = [machines.stored_gpu(gpu) for gpu in offer.gpus]
    row.lease_until, row.registered_at = now + timedelta(seconds=row.lease_s), now
    its_runtime = _register_runtime(session, offer.runtime, now) if offer.runtime else None
    row.runtime = its_runtime.key if its_runtime else None
    session.add(row)
    session.flush()
    slots.offer(session, row, now)
    if rebooted:  # who was on its GPUs is gone
        slots.clean(session, host_id)
    _show_who_waits(session, now)
    return machines.host(row, its_runtime)


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
