"""Which trainer this host has, and what starts it: an interpreter in processes, or an image in containers."""

import os
from contextlib import closing
from pathlib import Path

from db.records import Runtime
from db.settings import LedgerSettings
from worker.launchers.docker import DockerLauncher
from worker.launchers.docker_config import GIGABYTE, Limits, Owner
from worker.launchers.docker_engine import DockerEngine
from worker.launchers.docker_image import look_at_image
from worker.launchers.launcher import DOCKER, Launcher
from worker.launchers.process import ProcessLauncher
from worker.machine import trainer_digest, trainer_root, trainer_versions, usable_cores
from worker.names import safe_name
from worker.settings import WorkerSettings

# The image's own user. Where the worker is not root it cannot give run folders away, and runs are its own.
TRAINER_USER = "10001:10001"
_ROOT = 0


def find_runtime(settings: WorkerSettings) -> Runtime:
    """What this host would run now. Raises `TrainerMissing` where no trainer can be run here."""
    if settings.launcher == DOCKER:
        with closing(DockerEngine(settings.docker_host)) as engine:
            image = look_at_image(engine, settings.trainer_image, host=settings.host_id)
        digest, versions = image.id, image.versions
    else:
        digest, versions = trainer_digest(trainer_root()), trainer_versions(settings.trainer_python)
    return Runtime(digest=digest, versions=versions, host_id=settings.host_id, launcher=settings.launcher)


def make_launcher(
    shared: LedgerSettings, settings: WorkerSettings, state: Path, runtime: Runtime | None
) -> Launcher:
    """The launcher that the settings name; `state` is this host's own folder, on a local disk.

    `runtime` is what the host has registered: a name that stands for another image by now changes nothing.
    """
    if settings.launcher == DOCKER:
        return DockerLauncher(
            DockerEngine(settings.docker_host),
            state / "containers",
            owner=Owner(safe_name(shared.instance), settings.host_id),
            image=settings.trainer_image if runtime is None else runtime.digest,
            limits=container_limits(settings),
        )
    return ProcessLauncher(
        state / "processes",
        instance=shared.instance,
        python=str(settings.trainer_python),
        package_root=trainer_root(),
        warm_start=settings.warm_start,
    )


def container_limits(settings: WorkerSettings) -> Limits:
    """An equal share of the host's memory and all of its cores, where the settings do not say otherwise."""
    share = max(1.0, settings.memory_gb / settings.cpu_slots)
    user = TRAINER_USER if os.geteuid() == _ROOT else f"{os.geteuid()}:{os.getegid()}"
    return Limits(
        memory_bytes=round((settings.container_memory_gb or share) * GIGABYTE),
        cpus=settings.container_cpus or float(usable_cores()),
        file_bytes=round(settings.container_file_gb * GIGABYTE),
        user=user,
    )
