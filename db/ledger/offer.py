"""What a host has left to give to runs, while a transaction gives it out."""

import math
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import AttemptRow, HostRow, RunRow, SlotRow
from db.records import Needs

# A share that is not a whole number of parts takes one part more, but not for a rounding error.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Claim:
    """A run that waits, and for what. Smoke runs have a lane of their own in place of CPU slots."""

    run_id: int
    experiment: int
    author_id: str
    is_smoke: bool
    needs: Needs

    @property
    def slots(self) -> frozenset[str]:
        """The kinds of slots that it needs."""
        lane = {"smoke"} if self.is_smoke else {"cpu"} if self.needs.cpus else set()
        return frozenset(lane | ({"gpu"} if self.needs.gpus else set()))

    @property
    def kept(self) -> frozenset[str]:
        """What nobody behind it may take while a host is kept for it. The lane of smoke runs stays open."""
        return (self.slots - {"smoke"}) | ({"memory"} if self.needs.memory_mb else frozenset())


@dataclass
class Offer:
    """Slots are taken off `free` ("cpu", "smoke") and `gpus`, which holds the free parts of each clean GPU.

    `parts` counts all parts of each clean GPU. `memory_mb` is what no run has been promised yet, None
    where the host does not say what it has.
    """

    host: HostRow
    free: dict[str, list[SlotRow]]
    gpus: dict[str, list[SlotRow]]
    parts: dict[str, int]
    memory_mb: int | None

    @property
    def open_kinds(self) -> frozenset[str]:
        """The kinds of slots of which something is left."""
        kinds = {kind for kind, slots in self.free.items() if slots}
        return frozenset(kinds | ({"gpu"} if any(self.gpus.values()) else set()))

    def could_ever(self, claim: Claim) -> bool:
        """Whether the run would fit if nothing else ran here."""
        host, needs = self.host, claim.needs
        return (
            needs.gpus <= len(self.parts)
            and (claim.is_smoke or needs.cpus <= host.cpu_slots)
            and needs.memory_mb <= (host.memory_mb or needs.memory_mb)
        )

    def take(self, claim: Claim) -> tuple[SlotRow, ...] | None:
        """The slots of a run, or None where too little is free: then nothing is taken."""
        needs = claim.needs
        lane, count = ("smoke", 1) if claim.is_smoke else ("cpu", needs.cpus)
        parts = self._gpu_parts(needs)
        if parts is None or len(self.free[lane]) < count or not self._has_memory(needs):
            return None
        for slot in parts:
            self.gpus[slot.device].remove(slot)
        if self.memory_mb is not None:
            self.memory_mb -= needs.memory_mb
        return (*parts, *(self.free[lane].pop(0) for _ in range(count)))

    def _has_memory(self, needs: Needs) -> bool:
        return self.memory_mb is None or needs.memory_mb <= self.memory_mb

    def _gpu_parts(self, needs: Needs) -> tuple[SlotRow, ...] | None:
        """The parts of GPUs that a run would take; shares go where least is left, so that GPUs stay whole."""
        if needs.gpus == 0:
            return ()
        if needs.gpu_share < 1:
            fitting = [
                (len(free), device, math.ceil(needs.gpu_share * self.parts[device] - _ROUNDING))
                for device, free in self.gpus.items()
            ]
            fitting = [(left, device, need) for left, device, need in fitting if left >= need]
            if not fitting:
                return None
            _, device, need = min(fitting)
            return tuple(self.gpus[device][:need])
        whole = [free for device, free in self.gpus.items() if len(free) == self.parts[device]]
        return (
            tuple(slot for free in whole[: needs.gpus] for slot in free) if len(whole) >= needs.gpus else None
        )


def needs_of(run: RunRow) -> Needs:
    return Needs(run.gpus, run.gpu_share, run.cpus, run.memory_mb)


def offer_of(session: Session, host: HostRow, avoid: frozenset[str]) -> Offer:
    """What the host has left now. GPUs of `avoid` are given to nobody this time."""
    offered = (SlotRow.host_id == host.id) & SlotRow.retired_at.is_(None)
    rows = session.scalars(select(SlotRow).where(offered).order_by(SlotRow.id)).all()
    unfit = {row.device for row in rows if row.dirty} | avoid
    free: dict[str, list[SlotRow]] = {"cpu": [], "smoke": []}
    gpus: dict[str, list[SlotRow]] = {}
    parts: dict[str, int] = {}
    for row in rows:
        if row.kind == "gpu" and row.device not in unfit:
            parts[row.device] = parts.get(row.device, 0) + 1
            gpus.setdefault(row.device, [])
        if row.owner_attempt_id is None and row.kind != "gpu":
            free[row.kind].append(row)
        elif row.owner_attempt_id is None and row.device not in unfit:
            gpus[row.device].append(row)
    left = host.memory_mb - _promised_mb(session, host) if host.memory_mb else None
    return Offer(host, free, gpus, parts, left)


def _promised_mb(session: Session, host: HostRow) -> int:
    """The memory of the runs that hold slots of this host."""
    owners = select(SlotRow.owner_attempt_id).where(
        SlotRow.host_id == host.id, SlotRow.owner_attempt_id.is_not(None)
    )
    statement = (
        select(RunRow.memory_mb)
        .join(AttemptRow, AttemptRow.run_id == RunRow.id)
        .where(AttemptRow.id.in_(owners))
    )
    return sum(session.scalars(statement))
