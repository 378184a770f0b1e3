"""What this machine is: its cores, its boot, and which trainer it would run."""

import hashlib
import json
import os
import platform
import subprocess
from pathlib import Path

VERSIONED_PACKAGES = (
    *("torch", "stable-baselines3", "gymnasium", "numpy", "mujoco", "box2d", "d3rlpy"),
    *("jax", "sbx-rl"),
)
_PATIENCE_S = 60
_GIGABYTE = 1024**3

# Asked of the trainer's own interpreter, which need not be ours.
VERSIONS_PROGRAM = """
import json, platform, sys
from importlib.metadata import PackageNotFoundError, version
found = {"python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        pass
print(json.dumps(found))
"""


class TrainerMissing(Exception):
    """The interpreter of `SIGNOFF_TRAINER_PYTHON` cannot run the trainer."""


def usable_cores() -> int:
    """The cores that this process may use, with a container's CPU quota counted in."""
    known = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1
    return max(1, min(cores, _quota() or cores))


def _quota() -> int | None:
    try:
        limit, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return None if limit == "max" else max(1, int(limit) // int(period))
    except (OSError, ValueError):
        return None


def usable_memory_gb() -> float:
    """The memory that this process may use, in GiB, with a container's limit counted in; one decimal."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        limit = "max"
    return round(min(memory, memory if limit == "max" else int(limit)) / _GIGABYTE, 1)


def measured(driver: str) -> dict[str, str]:
    """What this machine is, for people who compare results of two hosts."""
    found = {"system": f"{platform.system()} {platform.release()}", "processor": _processor()}
    return {**found, "nvidia driver": driver} if driver else found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def boot_id() -> str:
    """A name of this boot of the machine: another one means that no process has survived."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except FileNotFoundError:
        done = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=True,
        )
        return done.stdout.strip()


def trainer_root() -> Path:
    """The folder that holds the `trainer` package."""
    return Path(__file__).resolve().parent.parent


def trainer_digest(root: Path) -> str:
    """The SHA-256 of the trainer's programs and of the pinned versions that it was tested with."""
    digest = hashlib.sha256()
    files = sorted((root / "trainer").rglob("*.py"))
    constraints = root / "constraints.txt"
    for path in [*files, *([constraints] if constraints.exists() else [])]:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\n{len(content)}\n".encode())
        digest.update(content)
    return f"sha256:{digest.hexdigest()}"


def trainer_versions(python: Path) -> dict[str, str]:
    """Versions of Python and of the packages that decide what a run computes.

    Raises `TrainerMissing` where the interpreter cannot be run or lacks torch or SB3.
    """
    try:
        done = subprocess.run(  # noqa: S603  # an argument list of our own, no shell
            [str(python), "-I", "-c", VERSIONS_PROGRAM, *VERSIONED_PACKAGES],
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise TrainerMissing(
            f"{python} cannot be run ({error}); point SIGNOFF_TRAINER_PYTHON to a Python with "
            "`signoff[trainer]` installed"
        ) from error
    versions: dict[str, str] = json.loads(done.stdout)
    missing = [name for name in ("torch", "stable-baselines3") if name not in versions]
    if missing:
        raise TrainerMissing(
            f"{python} has no {' and no '.join(missing)}; install `signoff[trainer]` there, or point "
            "SIGNOFF_TRAINER_PYTHON to a Python that has it"
        )
    return versions
