"""What installed packages offer to the trainer by entry points, a team's code bundle among them."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from trainer.errors import CodeFailed, MissingPackage

ENVIRONMENTS = "signoff.environments"
REWARDS = "signoff.rewards"
METRICS = "signoff.metrics"
ALGORITHMS = "signoff.algorithms"
TRAINERS = "signoff.trainers"


@dataclass(frozen=True)
class Extension:
    """One entry point, imported. `package` is the distribution that declares it."""

    name: str
    value: Any
    package: str


def extensions(group: str) -> Iterator[Extension]:
    """Import what packages offer in a group.

    :raises CodeFailed: where an import fails. :raises MissingPackage: where it needs what is not here.
    """
    for entry in metadata.entry_points(group=group):
        yield Extension(entry.name, _load(entry), entry.dist.name if entry.dist else "")


def register_environments() -> None:
    """Let packages register their environments with gymnasium; may be called again.

    Each entry point names a module, which registers when it is imported, or a function without
    arguments, which is called.

    :raises CodeFailed: where that fails.
    """
    for extension in extensions(ENVIRONMENTS):
        if callable(extension.value):
            try:
                extension.value()
            except Exception as error:
                raise _failed(extension.package, f"{ENVIRONMENTS}: {extension.name}", error) from error


def _load(entry: metadata.EntryPoint) -> Any:
    package = entry.dist.name if entry.dist else entry.value
    try:
        return entry.load()
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] != entry.module.partition(".")[0]:
            raise MissingPackage(
                f"{package} needs the package {error.name}, which is not installed here: add it to the "
                "trainer's image, or do without it."
            ) from error
        raise _failed(package, f"{entry.group}: {entry.name}", error) from error
    except Exception as error:
        raise _failed(package, f"{entry.group}: {entry.name}", error) from error


def _failed(package: str, place: str, error: Exception) -> CodeFailed:
    said = f"{type(error).__name__}: {error}".rstrip(".")
    return CodeFailed(f"The code of {package} cannot be loaded ({place}): {said}.")
