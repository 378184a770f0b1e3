"""NVIDIA's GPUs, asked through NVML (`nvidia-ml-py`, the extra `gpu`). Without either, the host has none."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from db.records import Gpu
from worker.gpus.probe import GpuProbe, GpuProcess, GpuSilent, NoGpus

_MEGABYTE = 1024 * 1024
_NAME_CHARS = 64


def find_gpus() -> GpuProbe:
    """The GPUs of this host; where NVML is not to be had, none, and why."""
    try:
        library = import_module("pynvml")
    except ImportError:
        return NoGpus("nvidia-ml-py is not installed, so no GPU is offered; install `signoff[gpu]` here")
    try:
        return NvmlGpus(library)
    except library.NVMLError as error:
        return NoGpus(f"there is no NVML here ({error}), so no GPU is offered")


class NvmlGpus:
    """`library` is the module `pynvml`. Raises its NVMLError where there is no driver."""

    why_none = ""

    def __init__(self, library: ModuleType) -> None:
        self.library: Any = library
        self.library.nvmlInit()
        self.driver = _text(self.library.nvmlSystemGetDriverVersion())

    def gpus(self) -> tuple[Gpu, ...]:
        """Raises `GpuSilent` where the driver fails: a host must not join with fewer than it has."""
        with self._translated():
            count = self.library.nvmlDeviceGetCount()
            whole = [self.library.nvmlDeviceGetHandleByIndex(index) for index in range(count)]
            return tuple(gpu for handle in whole for gpu in self._units(handle))

    def processes(self, uuid: str) -> tuple[GpuProcess, ...]:
        with self._translated():
            handle = self.library.nvmlDeviceGetHandleByUUID(uuid.encode())
            running = self.library.nvmlDeviceGetComputeRunningProcesses(handle)
        return tuple(GpuProcess(each.pid, _program(each.pid)) for each in running)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self.library.NVMLError as error:
            raise GpuSilent(f"NVML can not read it: {error}") from error

    def _units(self, handle: Any) -> Iterator[Gpu]:
        """The GPU itself, or the slices that it is cut into."""
        if not self._is_cut(handle):
            yield self._gpu(handle)
            return
        for index in range(self.library.nvmlDeviceGetMaxMigDeviceCount(handle)):
            try:
                slice_ = self.library.nvmlDeviceGetMigDeviceHandleByIndex(handle, index)
            except self.library.NVMLError_NotFound:
                continue
            yield self._gpu(slice_)

    def _is_cut(self, handle: Any) -> bool:
        try:
            now, _ = self.library.nvmlDeviceGetMigMode(handle)
        except self.library.NVMLError_NotSupported:
            return False
        return bool(now == self.library.NVML_DEVICE_MIG_ENABLE)

    def _gpu(self, handle: Any) -> Gpu:
        memory = self.library.nvmlDeviceGetMemoryInfo(handle)
        return Gpu(
            uuid=_text(self.library.nvmlDeviceGetUUID(handle)),
            name=_text(self.library.nvmlDeviceGetName(handle)),
            memory_mb=memory.total // _MEGABYTE,
        )


def _text(value: str | bytes) -> str:
    """Older versions of the library answer in bytes."""
    return value.decode() if isinstance(value, bytes) else value


def _program(pid: int) -> str:
    """What a process is called; another container's process may not be seen from here."""
    try:
        return Path(f"/proc/{pid}/comm").read_text()[:_NAME_CHARS].strip()
    except OSError:
        return "a program of somebody else"
