"""Read files that runs have written, without trusting them: no symlink, no pipe, no giant."""

import os
import re
import stat
from pathlib import Path, PurePosixPath

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")

MAX_PLOT_BYTES = 8 * 2**20
MAX_LOG_BYTES = 2 * 2**20


class ArtifactError(Exception):
    """The artifact cannot be read; the message names it and says why."""


def read_artifact(root: Path, path: str, *, max_bytes: int) -> bytes:
    """The bytes of a regular file below `root`.

    `path` may be relative to `root` or absolute below it. Every folder on the way is opened
    without following links, so that a hostile run cannot lead the bot out of its folder.

    Raises ArtifactError for anything that is missing, no plain file, or above `max_bytes`.
    """
    descriptor = _open(root, _parts(root, path))
    try:
        size = _regular_size(descriptor, path)
        if size > max_bytes:
            raise ArtifactError(f"{path} has {size:,} bytes; at most {max_bytes:,} are read")
        return _read(descriptor, max_bytes)
    finally:
        os.close(descriptor)


def read_tail(root: Path, path: str, *, max_bytes: int) -> tuple[bytes, int]:
    """The last `max_bytes` bytes of a regular file below `root`, and how many were left out."""
    descriptor = _open(root, _parts(root, path))
    try:
        left_out = max(0, _regular_size(descriptor, path) - max_bytes)
        os.lseek(descriptor, left_out, os.SEEK_SET)
        return _read(descriptor, max_bytes), left_out
    finally:
        os.close(descriptor)


def _parts(root: Path, path: str) -> tuple[str, ...]:
    pure = PurePosixPath(path)
    if pure.is_absolute():
        try:
            pure = pure.relative_to(PurePosixPath(root.absolute().as_posix()))
        except ValueError:
            raise ArtifactError(f"{path} is not below the artifacts folder") from None
    if not pure.parts or not all(_NAME.fullmatch(part) for part in pure.parts):
        raise ArtifactError(f"{path} is not a name that an artifact may have")
    return pure.parts


def _open(root: Path, parts: tuple[str, ...]) -> int:
    try:
        folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise ArtifactError(f"the artifacts folder cannot be opened: {error.strerror}") from None
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        raise ArtifactError(f"{'/'.join(parts)} cannot be opened: {error.strerror}") from None
    finally:
        os.close(folder)


def _regular_size(descriptor: int, path: str) -> int:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise ArtifactError(f"{path} is not a plain file")
    return status.st_size


def _read(descriptor: int, max_bytes: int) -> bytes:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read(max_bytes)
