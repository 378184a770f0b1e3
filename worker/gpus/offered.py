"""Which of a host's GPUs runs may have, as `SIGNOFF_GPUS` says."""

from db.records import Gpu
from worker.gpus.probe import GpuProbe, GpuSilent

ALL, NONE = "all", "none"


class GpuMissing(Exception):
    """The GPUs that `SIGNOFF_GPUS` names are not here, or can not be read."""


def offered_gpus(probe: GpuProbe, wanted: str) -> tuple[Gpu, ...]:
    """The GPUs that a host registers. Raises `GpuMissing`, naming those that are here."""
    if wanted == NONE:
        return ()
    try:
        here = probe.gpus()
    except GpuSilent as silent:
        raise GpuMissing(
            f"the GPUs of this host can not be listed: {silent}; mend the driver, or set SIGNOFF_GPUS=none "
            "to run on CPUs alone"
        ) from silent
    if wanted == ALL:
        return here
    names = wanted.split(",")
    missing = [name for name in names if name not in {gpu.uuid for gpu in here}]
    if missing:
        known = ", ".join(gpu.uuid for gpu in here) or probe.why_none
        raise GpuMissing(f"SIGNOFF_GPUS names {', '.join(missing)}, and there is: {known}")
    return tuple(gpu for gpu in here if gpu.uuid in names)
