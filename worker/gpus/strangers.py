"""GPUs that somebody uses without a slot: nothing is started there, and after a while they are marked.

Docker and the driver lock nothing: a second process gets the GPU happily, and both become slow or run
out of its memory. So a GPU that no run holds must be empty before it is given away.
"""

import time
from collections.abc import Callable, Mapping

import structlog

from db.records import Slot
from worker.gpus.probe import GpuProcess, GpuSilent
from worker.workplace import Workplace

log = structlog.get_logger(__name__)

MARK_AFTER_S = 20.0
_SHOWN = 3


def strangers(work: Workplace) -> Mapping[str, str]:
    """The GPUs that no run holds and that are not empty, each with a sentence that says who is there."""
    found: dict[str, str] = {}
    for uuid in {slot.device for slot in _gpu_slots(work)}:
        try:
            processes = work.gpus.processes(uuid)
        except GpuSilent as silent:
            found[uuid] = str(silent)
        else:
            if processes:
                found[uuid] = _sentence(processes)
    if not found:
        return found
    # Asked after the GPUs: what has been given away meanwhile belongs to its run.
    held = {slot.device for slot in _gpu_slots(work) if slot.owner_attempt_id is not None}
    return {uuid: words for uuid, words in found.items() if uuid not in held}


class Watch:
    """Marks GPUs as dirty on which strangers stay. Used by the host loop; `step` is one look."""

    def __init__(self, work: Workplace, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._work = work
        self._monotonic = monotonic
        self._since: dict[str, float] = {}

    def step(self) -> bool:
        """Whether any GPU of this host is marked now. What a run leaves behind may take its time to end."""
        now, found = self._monotonic(), strangers(self._work)
        self._since = {uuid: self._since.get(uuid, now) for uuid in found}
        for uuid, since in self._since.items():
            if now - since >= MARK_AFTER_S:
                self._mark(uuid, found[uuid])
        return any(slot.dirty for slot in _gpu_slots(self._work))

    def _mark(self, uuid: str, words: str) -> None:
        if self._work.ledger.hosts.mark_dirty(self._work.host_id, self._work.epoch, uuid, words):
            log.error("gpu_is_dirty", gpu=uuid, why=words, remedy=f"signoff host clean {self._work.host_id}")


def _gpu_slots(work: Workplace) -> tuple[Slot, ...]:
    return tuple(slot for slot in work.queries.slots(work.host_id) if slot.kind == "gpu")


def _sentence(processes: tuple[GpuProcess, ...]) -> str:
    named = ", ".join(f"{each.pid} ({each.name})" for each in processes[:_SHOWN])
    more = f" and {len(processes) - _SHOWN} more" if len(processes) > _SHOWN else ""
    noun = "process" if len(processes) == 1 else "processes"
    return f"{noun} {named}{more} of somebody else on it"
