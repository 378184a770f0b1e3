"""Writing files so that a reader never sees half of one."""

import os
import shutil
from pathlib import Path

from trainer.crashpoints import crash_at

_RESERVE_BYTES = 256 * 1024
_TOO_LITTLE_BYTES = 64 * 1024


def write_atomic(path: Path, text: str, *, durable: bool) -> None:
    """Replace `path` in one step. `durable` also waits until the disk has it.

    :raises OSError: where the disk is full or the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        crash_at("file.before_replace")
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Wait until the disk has the file."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's entries, such as a rename."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def no_space_left(folder: Path) -> bool:
    """Whether the folder's disk is as good as full."""
    return shutil.disk_usage(folder).free < _TOO_LITTLE_BYTES


class Reserve:
    """Space kept in the run folder, so that a full disk still takes `result.json`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".reserve"
        try:
            self._path.write_bytes(b"\0" * _RESERVE_BYTES)
        except OSError:
            self.release()
            raise

    def release(self) -> None:
        self._path.unlink(missing_ok=True)
