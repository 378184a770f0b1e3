"""The field *Resources of a seed*: `gpus: 2, memory_gb: 16, cpus: 4`. Pure."""

import re
from dataclasses import dataclass

from bot.forms import fields
from bot.forms.small_inputs import Unreadable
from bot.messages import budget
from bot.messages.escape import one_line
from db.limits import SMALLEST_SHARE
from db.records import Budget

_ENTRY = re.compile(r"(?P<name>[a-z_]+)\s*[:=]\s*(?P<value>\d+(?:\.\d+)?|\.\d+)", re.IGNORECASE)
_NAMES = ("gpus", "gpu_share", "memory_gb", "cpus")
_WHOLE = frozenset({"gpus", "cpus"})
_MOST = {"gpus": 64.0, "gpu_share": 1.0, "memory_gb": 100_000.0, "cpus": 1024.0}
_EXAMPLE = "write for example gpus: 2, or gpu_share: 0.25, memory_gb: 8, cpus: 2"


@dataclass(frozen=True)
class Resources:
    """What one seed takes of a host; `gpus` 0 on a CPU. 0 elsewhere: as usual."""

    gpus: int = 0
    gpu_share: float = 1.0
    memory_gb: float = 0.0
    cpus: int = 0


AS_USUAL = Resources()


def read_resources(text: str, device: str) -> Resources:
    """The field as typed; what is left out is as usual for the device. Raises `Unreadable`."""
    wanted = one_line(text).strip("{} ").removeprefix("resources:").strip("{} ")
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in wanted.split(","))):
        name, value = _entry(part)
        if name in found:
            raise Unreadable(f"{name} is there twice; keep one.")
        found[name] = value
    on_gpu = device == fields.GPU
    if not on_gpu and (found.get("gpus") or "gpu_share" in found):
        raise Unreadable("This asks for a GPU, and Runs on says CPU; choose the GPU there.")
    if on_gpu and found.get("gpus") == 0:
        raise Unreadable("This asks for no GPU, and Runs on says GPU; choose the CPU there.")
    return Resources(
        gpus=int(found.get("gpus", 1)) if on_gpu else 0,
        gpu_share=found.get("gpu_share", 1.0),
        memory_gb=found.get("memory_gb", 0.0),
        cpus=int(found.get("cpus", 0)),
    )


def resources_text(asked: Budget) -> str:
    """The inverse, for a form that is opened again; empty where all is as usual."""
    needs = asked.needs
    parts = [f"gpus: {needs.gpus}"] if needs.gpus > 1 else []
    parts += [f"gpu_share: {asked.gpu_share:g}"] if asked.gpu_share < 1 else []
    parts += [f"memory_gb: {asked.memory_gb:g}"] if asked.memory_gb else []
    parts += [f"cpus: {asked.cpus}"] if asked.cpus else []
    return ", ".join(parts)


def _entry(part: str) -> tuple[str, float]:
    match = _ENTRY.fullmatch(part)
    if match is None or match["name"].lower() not in _NAMES:
        raise Unreadable(f"“{budget.head(part, 40)}” can not be read; {_EXAMPLE}.")
    name, value = match["name"].lower(), float(match["value"])
    if name in _WHOLE and not value.is_integer():
        raise Unreadable(
            f"{value:g} is no number of {name}; for a part of a GPU, write gpu_share: {value:g}."
        )
    least = SMALLEST_SHARE if name == "gpu_share" else 0.0
    if not least <= value <= _MOST[name]:
        raise Unreadable(f"{value:g} is no allowed {name}; give {least:g} to {_MOST[name]:g}.")
    return name, value
