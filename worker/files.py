"""Reading what a run has written. A run is not trusted: no links, no pipes, nothing without a bound."""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class UnsafeFile(Exception):
    """A file of a run folder that the control plane does not open: a link, a pipe, or too large."""


@contextmanager
def open_regular(path: Path) -> Iterator[io.BufferedReader]:
    """Opens a regular file that is no symbolic link. Raises FileNotFoundError or `UnsafeFile`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnsafeFile(f"{path.name}: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnsafeFile(f"{path.name} is not a regular file")
        yield file


def read_capped(path: Path, max_bytes: int) -> bytes:
    """The whole file. Raises `UnsafeFile` where it is larger than `max_bytes`."""
    with open_regular(path) as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise UnsafeFile(f"{path.name} is larger than {max_bytes:,} bytes")
    return content


def read_tail(path: Path, max_bytes: int) -> str:
    """The end of a text file, at most `max_bytes` of it; what is no UTF-8 is replaced."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - max_bytes))
        return file.read(max_bytes).decode(errors="replace")
