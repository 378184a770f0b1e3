"""`python -m worker --examine`: what this host's worker would find missing, for `signoff doctor`."""

import os
from collections.abc import Iterator
from pathlib import Path

from db.checkup import Finding, problem, warning, well
from db.settings import LedgerSettings
from worker.launchers.examine_docker import look_at_docker
from worker.machine import TrainerMissing, trainer_versions
from worker.settings import WorkerSettings

_TOLD = ("torch", "stable-baselines3", "gymnasium")


def examine(shared: LedgerSettings, settings: WorkerSettings) -> Iterator[Finding]:
    """The artifacts folder as the worker needs it, and what its launcher needs."""
    yield from _look_at_writing(shared.artifacts_folder)
    if settings.launcher == "docker":
        yield from look_at_docker(settings.docker_host, settings.trainer_image, shared.artifacts_folder)
    else:
        yield _look_at_trainer(settings)


def _look_at_writing(folder: Path) -> Iterator[Finding]:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        yield problem(
            f"the artifacts folder {folder} cannot be written by the worker",
            "change its owner to the worker's user, or mount it writable",
        )


def _look_at_trainer(settings: WorkerSettings) -> Finding:
    try:
        versions = trainer_versions(settings.trainer_python)
    except TrainerMissing as error:
        return warning(f"this host cannot train: {error}", "a host that only runs the bot needs no trainer")
    return well(f"this host can train: {', '.join(f'{n} {versions[n]}' for n in _TOLD if n in versions)}")
