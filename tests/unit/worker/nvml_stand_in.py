"""Stands in for the library that asks the driver, where there is none."""
# ruff: noqa: N802 - the library's own names

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any


class NvmlError(Exception):
    """As the library's own, of which there is one class for each code."""


class NotHere(NvmlError):
    pass


class Unsupported(NvmlError):
    pass


@dataclass
class Device:
    """What NVML has behind a handle."""

    uuid: str
    name: str = "H200"
    slices: list["Device | None"] = field(default_factory=list)
    pids: tuple[int, ...] = ()
    lost: bool = False


@dataclass
class Library:
    """Stands in for the module `pynvml` where there is no driver: same names, same answers, same errors."""

    devices: list[Device]
    NVMLError: type[Exception] = NvmlError
    NVMLError_NotFound: type[Exception] = NotHere
    NVMLError_NotSupported: type[Exception] = Unsupported
    NVML_DEVICE_MIG_ENABLE: int = 1

    def nvmlInit(self) -> None:
        """The driver is there."""

    def nvmlSystemGetDriverVersion(self) -> bytes:
        return b"550.54"

    def nvmlDeviceGetCount(self) -> int:
        return len(self.devices)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Device:
        return self.devices[index]

    def nvmlDeviceGetHandleByUUID(self, uuid: bytes) -> Device:
        every = [each for whole in self.devices for each in (whole, *whole.slices) if each]
        found = [each for each in every if each.uuid == uuid.decode()]
        if not found:
            raise NotHere("Not Found")
        return found[0]

    def nvmlDeviceGetMigMode(self, device: Device) -> tuple[int, int]:
        if device.name == "old":
            raise Unsupported("Not Supported")
        return int(bool(device.slices)), 0

    def nvmlDeviceGetMaxMigDeviceCount(self, device: Device) -> int:
        return len(device.slices)

    def nvmlDeviceGetMigDeviceHandleByIndex(self, device: Device, index: int) -> Device:
        found = device.slices[index]
        if found is None:
            raise NotHere("Not Found")
        return found

    def nvmlDeviceGetMemoryInfo(self, device: Device) -> Any:
        return SimpleNamespace(total=143_771 * 1024 * 1024)

    def nvmlDeviceGetUUID(self, device: Device) -> str:
        return device.uuid

    def nvmlDeviceGetName(self, device: Device) -> str:
        return device.name

    def nvmlDeviceGetComputeRunningProcesses(self, device: Device) -> list[Any]:
        if device.lost:
            raise NvmlError("GPU is lost")
        return [SimpleNamespace(pid=pid) for pid in device.pids]
