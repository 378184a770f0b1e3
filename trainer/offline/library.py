"""The packages that learn from recorded steps, imported when a config asks for them.

d3rlpy imports the unmaintained gym, which prints a notice and sets variables for sound, and it
configures structlog for the whole process. Neither leaves a trace here.
"""

import contextlib
import importlib
import io
import os
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from types import ModuleType

from trainer.errors import MissingPackage

PACKAGES = ("d3rlpy", "h5py")
REMEDY = "pip install 'signoff[offline]'"
_VARIABLES = ("SDL_AUDIODRIVER", "PYGAME_HIDE_SUPPORT_PROMPT")


@contextlib.contextmanager
def without_gym() -> Iterator[None]:
    """Around the first import of SB3, which imports the old gym where it is installed, for its own shims.

    That costs time and prints a notice, and no environment of ours is one of gym's.
    """
    hidden = "gym" not in sys.modules
    if hidden:
        sys.modules["gym"] = None  # type: ignore[assignment]  # documented: an import of it fails
    try:
        yield
    finally:
        if hidden:
            sys.modules.pop("gym", None)


def require(title: str, *packages: str) -> None:
    """:raises MissingPackage: where one of the packages is not installed, naming what needs it."""
    for package in packages:
        if find_spec(package) is None:
            raise MissingPackage(
                f"{title} needs the package {package}, which is not installed here: {REMEDY}."
            )


def library_versions() -> dict[str, str]:
    """What decides the numbers of such a training beside what decides those of all."""
    return {name: metadata.version(name) for name in PACKAGES}


def load(title: str) -> ModuleType:
    """The package d3rlpy, for an algorithm or a dataset called `title`.

    :raises MissingPackage: where it is not installed.
    """
    require(title, *PACKAGES)
    import structlog  # noqa: PLC0415 - comes with d3rlpy

    kept = {name: os.environ.get(name) for name in _VARIABLES}
    configured, known = structlog.is_configured(), structlog.get_config()
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            library = importlib.import_module("d3rlpy")
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        structlog.configure(**known) if configured else structlog.reset_defaults()
    return library
