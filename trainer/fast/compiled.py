"""How kernels are compiled, and where the machine code is kept between runs.

Compiling takes seconds; loading what was compiled takes a tenth of one. Numba keys its cache by the
source of one function, not of those it calls, so the folder's name holds the hash of the whole package.
"""

import fcntl
import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypedDict, TypeVar, cast

import numba
from numba.core import config

Function = TypeVar("Function", bound=Callable[..., Any])

_SETTING = "CACHE_DIR"

# Sums may be reordered and products fused, but NaN and infinities keep their meaning: they end a run.
# Numba's other way of dividing asks for zero each time, which keeps loops from being vectorised.
_OPTIONS: "_Options" = {"nogil": True, "fastmath": {"contract", "reassoc", "nsz"}, "error_model": "numpy"}


class _Options(TypedDict):
    nogil: bool
    fastmath: set[str]
    error_model: Literal["python", "numpy"]


def kernel(function: Function) -> Function:
    """Compile `function` at its first call; it runs without the interpreter's lock, and is cached on disk."""
    before = _asked_folder()
    setattr(config, _SETTING, str(cache_folder()))
    try:
        return cast("Function", numba.njit(cache=True, **_OPTIONS)(function))
    finally:
        setattr(config, _SETTING, before)


def part(function: Function) -> Function:
    """Compile a function that only kernels call; its code goes into theirs."""
    return cast("Function", numba.njit(**_OPTIONS)(function))


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Holds off other processes that compile: Numba writes its index without a lock, and two that wrote at
    once could leave it with one's code under the other's types.
    """
    with (cache_folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@functools.cache
def cache_folder() -> Path:
    """Where machine code is kept: `NUMBA_CACHE_DIR`, else the user's cache; else a temporary folder."""
    user = Path.home() / ".cache" / "signoff"
    asked = _asked_folder()
    return choose_folder(Path(asked) if asked else user, Path(tempfile.gettempdir()))


def choose_folder(wanted: Path, temporary: Path) -> Path:
    """A folder for this version of the code in `wanted`, else in a private one in `temporary`.

    What `wanted` holds already but cannot be added to, as in an image that is mounted read-only, is
    copied: Numba would pass over it without a word.
    """
    name = f"kernels-{_sources_hash()[:16]}"
    if _is_ours(wanted / name):
        return wanted / name
    private = temporary / f"signoff-{os.getuid()}" / name
    if not _is_ours(private):
        private = Path(tempfile.mkdtemp(prefix="signoff-", dir=temporary)) / name
    if (wanted / name).is_dir():
        shutil.copytree(wanted / name, private, dirs_exist_ok=True)
    return private


def _asked_folder() -> str:
    """Numba's own setting, which `NUMBA_CACHE_DIR` fills; empty where nobody asks."""
    return str(getattr(config, _SETTING))


def _is_ours(folder: Path) -> bool:
    """Whether machine code may be loaded from there: only we can have put it there, and we can add to it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        return all(place.stat().st_uid == os.getuid() for place in (folder, folder.parent))
    except OSError:
        return False


def _sources_hash() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
