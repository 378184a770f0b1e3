"""What a host knows of its GPUs: which there are, and which processes compute on them."""

from dataclasses import dataclass
from typing import Protocol

from db.records import Gpu


class GpuSilent(Exception):
    """A GPU does not answer: nothing is known of it, so nothing may be started on it."""


@dataclass(frozen=True)
class GpuProcess:
    """A process of this host that computes on a GPU, by its id and the name of its program."""

    pid: int
    name: str


class GpuProbe(Protocol):
    """Looks, and changes nothing. Each call is short."""

    @property
    def why_none(self) -> str:
        """Why this host has no GPUs to offer, in a sentence; empty where it has some."""

    @property
    def driver(self) -> str:
        """The version of the driver; empty without one."""

    def gpus(self) -> tuple[Gpu, ...]:
        """Every GPU by its UUID. One that is cut into MIG slices is not among them; its slices are."""

    def processes(self, uuid: str) -> tuple[GpuProcess, ...]:
        """What computes on a GPU now. Raises `GpuSilent`."""


class NoGpus:
    """The probe of a host without any."""

    driver = ""

    def __init__(self, why: str = "this host has no GPU") -> None:
        self.why_none = why

    def gpus(self) -> tuple[Gpu, ...]:
        return ()

    def processes(self, uuid: str) -> tuple[GpuProcess, ...]:
        raise GpuSilent(f"there is no GPU {uuid} here: {self.why_none}")
