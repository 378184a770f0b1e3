"""GPUs in memory, for tests: they pass the same contract tests as the real ones.

The methods under "the world" play the part of other people on the host, and of broken hardware.
"""

from collections.abc import Iterable

from db.records import Gpu
from worker.gpus.probe import GpuProcess, GpuSilent


class FakeGpus:
    why_none = ""
    driver = "550.54"

    def __init__(self, gpus: Iterable[Gpu]) -> None:
        self._gpus = {gpu.uuid: gpu for gpu in gpus}
        self._processes: dict[str, tuple[GpuProcess, ...]] = {}
        self._silent: set[str] = set()

    def gpus(self) -> tuple[Gpu, ...]:
        return tuple(self._gpus.values())

    def processes(self, uuid: str) -> tuple[GpuProcess, ...]:
        if uuid in self._silent or uuid not in self._gpus:
            raise GpuSilent(f"{uuid} does not answer")
        return self._processes.get(uuid, ())

    # The world.

    def computes(self, uuid: str, *processes: GpuProcess) -> None:
        """These, and no others, are on the GPU from now on."""
        self._processes[uuid] = processes

    def falls_silent(self, uuid: str) -> None:
        self._silent.add(uuid)
