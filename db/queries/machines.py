"""Hosts, their slots, and who holds what: rows to records."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import AttemptRow, ExperimentRow, HostRow, RunRow, RuntimeRow, SlotRow
from db.queries import assemble
from db.records import Gpu, Holding, Host, Person, Slot
from trainer.contract import JsonObject


def host(row: HostRow, its_runtime: RuntimeRow | None) -> Host:
    return Host(
        id=row.id,
        epoch=row.epoch,
        lease_until=row.lease_until,
        cpu_slots=row.cpu_slots,
        gpus=tuple(Gpu(**gpu) for gpu in row.gpus),  # type: ignore[arg-type]  # as `stored_gpu` wrote them
        runtime=assemble.runtime(its_runtime) if its_runtime else None,
        flags=tuple(row.flags),
        gpu_shares=row.gpu_shares,
        memory_mb=row.memory_mb,
        measured=row.measured,
        dead_by=row.dead_by,
    )


def stored_gpu(gpu: Gpu) -> JsonObject:
    """A GPU as the host's row keeps it."""
    return {"uuid": gpu.uuid, "name": gpu.name, "memory_mb": gpu.memory_mb}


def slot(row: SlotRow) -> Slot:
    return Slot(
        id=row.id,
        host_id=row.host_id,
        kind=row.kind,
        device=row.device,
        owner_attempt_id=row.owner_attempt_id,
        part=row.part,
        dirty=row.dirty,
    )


def holdings(session: Session) -> tuple[Holding, ...]:
    """What each run holds now, in the order in which they started. GPUs come by UUID."""
    statement = (
        select(SlotRow, AttemptRow, RunRow, ExperimentRow.author_id, ExperimentRow.author_name)
        .join(AttemptRow, AttemptRow.id == SlotRow.owner_attempt_id)
        .join(RunRow, RunRow.id == AttemptRow.run_id)
        .join(ExperimentRow, ExperimentRow.number == RunRow.experiment)
        .order_by(AttemptRow.id, SlotRow.id)
    )
    devices: dict[int, dict[str, None]] = defaultdict(dict)
    found = {}
    for its_slot, attempt, run, author_id, author_name in session.execute(statement).all():
        found[attempt.id] = (attempt, run, Person(author_id, author_name))
        if its_slot.kind == "gpu":
            devices[attempt.id][its_slot.device] = None
    return tuple(
        Holding(assemble.run(run, attempt), attempt.host_id, tuple(devices[number]), person)
        for number, (attempt, run, person) in found.items()
    )
