"""Puts a code bundle where a trainer of this host can import it: unpacked, read-only, checked."""

import shutil
import tempfile
from pathlib import Path

from db.code import store, wheel
from db.code.wheel import Wheel
from db.errors import CodeRefused
from worker.workplace import Workplace

_FOLDER = "code"
_FILE_RIGHTS, _FOLDER_RIGHTS = 0o444, 0o555


def program(work: Workplace, sha256: str, name: str) -> str:
    """The module of the training program that a config names, which the signed wheel holds.

    :raises CodeRefused: where it has none of this name.
    """
    return wheel.program(store.load(work.artifacts, sha256)[1], name)


def unpacked(work: Workplace, sha256: str) -> Path:
    """The folder to be mounted, or put on the path. Its files are compared with the signed wheel each time.

    :raises CodeRefused: where the stored or the unpacked bundle is not what was pushed.
    :raises OSError: where the disk does not take it.
    """
    _, signed = store.load(work.artifacts, sha256)
    folder = work.state / _FOLDER / sha256
    if not folder.exists():
        _unpack(signed, folder)
    if _content(folder) != dict(signed.files):
        raise CodeRefused(
            f"the code bundle {sha256[:12]} was changed after it was unpacked on this host; remove {folder}"
        )
    return folder


def _unpack(wheel: Wheel, folder: Path) -> None:
    """Under another name first, so that nobody imports half of it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".unpacking-"))
    try:
        for name, data in wheel.files.items():
            path = part / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(_FILE_RIGHTS)
        for path in (*part.rglob("*"), part):
            if path.is_dir():
                path.chmod(_FOLDER_RIGHTS)
        part.rename(folder)
    except OSError:
        if not folder.exists():
            raise  # else another process of this host was first
    finally:
        if part.exists():
            _remove(part)


def _content(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in folder.rglob("*"):
        if path.is_symlink():
            raise CodeRefused(f"{path} is a link, which no bundle holds; remove {folder}")
        if path.is_file():
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def _remove(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)
