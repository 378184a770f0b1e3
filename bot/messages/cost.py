"""What runs take, in words: 2 GPUs, a quarter of one, and the hours that they cost. Pure."""

from bot.messages import numbers
from db.records import Budget, Needs

_HOUR_S = 3_600
_ROUND_FROM_H = 10


def kind(asked: Budget) -> str:
    """What is counted: hours of GPUs, or of CPUs."""
    return "GPU-h" if asked.needs.gpus else "CPU-h"


def hours(seconds: float, asked: Budget) -> str:
    """So many seconds of one seed as GPU-hours or CPU-hours: four GPUs cost four times as much."""
    needs = asked.needs
    cost_s = seconds * (needs.gpu_amount if needs.gpus else max(1, needs.cpus))
    return f"{round(cost_s / _HOUR_S):,}" if cost_s >= _ROUND_FROM_H * _HOUR_S else numbers.hours(cost_s)


def at_most(asked: Budget, runs: int) -> str:
    """The longest that a seed may take; with GPUs also what all runs may cost."""
    limit = f"at most {numbers.duration(asked.time_limit_s)} a seed"
    if not asked.needs.gpus:
        return limit
    return f"{limit}, {hours(asked.time_limit_s * runs, asked)} GPU-h in all"


def device(asked: Budget) -> str:
    """What one seed runs on: CPU, 2 GPUs, 0.25 GPU · 8 GB · 2 CPUs."""
    needs = asked.needs
    parts = [gpus(needs) or ("CPU" if needs.cpus == 1 else numbers.counted(needs.cpus, "CPU"))]
    parts += [f"{asked.memory_gb:g} GB"] if asked.memory_gb else []
    parts += [numbers.counted(asked.cpus, "CPU")] if asked.cpus and needs.gpus else []
    return " · ".join(parts)


def gpus(needs: Needs) -> str:
    """1 GPU, 2 GPUs, 0.25 GPU; empty for a CPU run."""
    if needs.gpu_share < 1:
        return f"{needs.gpu_share:g} GPU"
    return numbers.counted(needs.gpus, "GPU") if needs.gpus else ""
