"""Whether Docker on this host can run attempts as they should be run, and what to do where it cannot."""

import re
import socket
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
from docker.errors import DockerException, NotFound
from requests.exceptions import RequestException

from db.checkup import Finding, problem, warning, well

TIMEOUT_S = 10
NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")
# CVE-2024-0132 (to 1.16.1), CVE-2025-23359 (to 1.17.3) and CVE-2025-23266 (to 1.17.7) let a container
# become root on its host.
SAFE_TOOLKIT = (1, 17, 8)
_LIMITS = {"MemoryLimit": "memory", "SwapLimit": "swap", "PidsLimit": "processes", "CpuCfsQuota": "cores"}
_START = "start Docker; in a container mount /var/run/docker.sock; elsewhere set DOCKER_HOST"
_INSTALL = (
    "install nvidia-container-toolkit 1.17.8 or newer, then "
    "`nvidia-ctk runtime configure --runtime=docker` and restart Docker"
)


def look_at_docker(url: str, image: str, artifacts: Path) -> Iterator[Finding]:
    """Ask the engine at `url` about itself, the trainer's `image`, and where it sees `artifacts`."""
    scheme, _, path = url.partition("://")
    if scheme == "unix" and not Path(path).exists():
        yield problem(f"Docker does not answer: there is no socket at {path}", _START)
        return
    try:
        with closing(docker.DockerClient(base_url=url, timeout=TIMEOUT_S)) as engine:
            info: Mapping[str, Any] = engine.info()
            yield from judge_engine(info)
            yield _look_at_image(engine, image)
            yield from judge_nvidia(info, has_driver=NVIDIA_DRIVER.exists(), toolkit=_toolkit())
            yield from judge_mounts(_own_mounts(engine), artifacts)
    except (DockerException, RequestException) as error:
        yield _silent(error)


def _silent(error: Exception) -> Finding:
    said = " ".join(str(error).split())[:200]
    if "Permission denied" in said or "PermissionError" in said:
        remedy = "let the worker's user into the group of the socket (compose: DOCKER_GID in .env)"
    else:
        remedy = _START
    return problem(f"Docker does not answer: {said}", remedy)


def judge_engine(info: Mapping[str, Any]) -> Iterator[Finding]:
    """What `docker info` says about limits and restarts."""
    yield well(f"Docker {info.get('ServerVersion', '?')} answers")
    unlimited = [name for key, name in _LIMITS.items() if info.get(key) is False]
    if unlimited:
        yield warning(
            f"Docker cannot limit {', '.join(unlimited)} here, so one run may take all of it",
            "turn on the cgroup controllers (cgroup v2, or the kernel option swapaccount=1)",
        )
    if not info.get("LiveRestoreEnabled"):
        yield warning(
            "a restart of Docker ends all training (it resumes from checkpoints)",
            'set "live-restore": true in /etc/docker/daemon.json',
        )


def _look_at_image(engine: docker.DockerClient, image: str) -> Finding:
    try:
        found = engine.images.get(image)
    except NotFound:
        return problem(
            f"Docker has no image {image}, so nothing can be trained here",
            "run `make image` on this host, load or pull it, or correct SIGNOFF_TRAINER_IMAGE",
        )
    return well(f"the trainer's image {image} is {found.short_id}")


def judge_nvidia(
    info: Mapping[str, Any], *, has_driver: bool, toolkit: tuple[int, ...] | None
) -> Iterator[Finding]:
    """Whether containers get this host's GPUs, and through a toolkit without known holes."""
    if not has_driver:
        yield well("this host has no NVIDIA driver: it runs what needs no GPU")
        return
    if "nvidia" not in info.get("Runtimes", {}):
        yield problem("this host has NVIDIA GPUs, but Docker has no NVIDIA container runtime", _INSTALL)
        return
    if toolkit is None:
        yield warning(
            "the version of the NVIDIA container toolkit cannot be seen from here",
            "run `nvidia-ctk --version` on the host: 1.17.8 or newer is safe",
        )
    elif toolkit < SAFE_TOOLKIT:
        yield problem(
            f"the NVIDIA container toolkit {'.'.join(map(str, toolkit))} lets a run become root on this host "
            "(CVE-2024-0132, CVE-2025-23359, CVE-2025-23266)",
            _INSTALL,
        )
    else:
        yield well(f"the NVIDIA container toolkit is {'.'.join(map(str, toolkit))}")


def _toolkit() -> tuple[int, ...] | None:
    """The installed toolkit's version; None where it is not to be seen, as in a container."""
    try:
        done = subprocess.run(
            ["nvidia-ctk", "--version"],  # noqa: S607 - from the PATH, as an administrator would
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return read_version(done.stdout)


def read_version(text: str) -> tuple[int, ...] | None:
    """(1, 17, 8) of "NVIDIA Container Toolkit CLI version 1.17.8 ..."."""
    found = re.search(r"version (\d+)\.(\d+)\.(\d+)", text)
    return tuple(map(int, found.groups())) if found else None


def _own_mounts(engine: docker.DockerClient) -> tuple[Mapping[str, Any], ...] | None:
    """The mounts of the container that we run in; None where we run in none that the engine knows."""
    if not Path("/.dockerenv").exists():
        return None
    try:
        return tuple(engine.containers.get(socket.gethostname()).attrs["Mounts"])
    except NotFound:
        return None


def judge_mounts(mounts: Iterable[Mapping[str, Any]] | None, artifacts: Path) -> Iterator[Finding]:
    """The engine mounts run folders by their path on the host, so ours must be the same.

    `mounts` as the engine lists them for our own container; None where we are in none.
    """
    if mounts is None:
        return
    around = [each for each in mounts if artifacts.is_relative_to(each["Destination"])]
    if not around:
        yield problem(
            f"the artifacts folder {artifacts} is inside the worker's own container",
            f"mount the host's {artifacts} at the same path (docs/production.md)",
        )
        return
    nearest = max(around, key=lambda each: len(each["Destination"]))
    if nearest["Source"] != nearest["Destination"]:
        yield problem(
            f"the artifacts are at {nearest['Destination']} here, but at {nearest['Source']} on the host",
            "mount them at the same path, so that Docker finds run folders (SIGNOFF_ARTIFACTS_DIR in .env)",
        )
    elif not nearest.get("RW", True):
        yield problem(f"{nearest['Destination']} is mounted read-only", "mount it writable in the worker")
