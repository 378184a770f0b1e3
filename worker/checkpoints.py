"""Which checkpoint of a run folder is whole. Nothing of it is loaded here: checkpoints are pickles."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from trainer.contract import CHECKPOINTS_FOLDER
from worker.files import UnsafeFile, open_regular, read_capped
from worker.names import safe_name

MANIFEST_FILE = "manifest.json"
MANIFEST_BYTES = 256 * 1024
_MAX_CHECKPOINTS = 1000
# More than this is not read in one search, so that a run that claims to have left terabytes holds nobody up.
_MOST_BYTES = 16 * 1024**3


class _StoredFile(BaseModel):
    bytes: int = Field(ge=0)
    sha256: str


class StoredManifest(BaseModel):
    """The part of a checkpoint's `manifest.json` that says whether it is whole."""

    timesteps: int = Field(ge=0)
    files: dict[str, _StoredFile] = Field(min_length=1, max_length=100)


def newest_valid(folder: Path, *, most_bytes: int = _MOST_BYTES) -> str | None:
    """The newest whole checkpoint of a run folder, as a path relative to it; None if there is none.

    A checkpoint is a folder named by its number of steps; its manifest lists each file's size and
    SHA-256. A kill in the middle of a save, or a full disk, leaves an older one to be found.
    `most_bytes` bounds what is read of all of them together.
    """
    checkpoints = folder / CHECKPOINTS_FOLDER
    if checkpoints.is_symlink() or not checkpoints.is_dir():
        return None
    names = sorted((entry.name for entry in checkpoints.iterdir() if _is_number(entry.name)), key=int)
    left = most_bytes
    for name in reversed(names[-_MAX_CHECKPOINTS:]):
        manifest = _manifest(checkpoints / name)
        size = sum(stored.bytes for stored in manifest.files.values()) if manifest else 0
        if manifest is None or size > left:
            continue
        left -= size
        if _is_whole(checkpoints / name, manifest):
            return f"{CHECKPOINTS_FOLDER}/{name}"
    return None


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit()


def _manifest(checkpoint: Path) -> StoredManifest | None:
    """What a checkpoint says that it holds; None where it is no checkpoint."""
    if checkpoint.is_symlink():
        return None
    try:
        return StoredManifest.model_validate_json(read_capped(checkpoint / MANIFEST_FILE, MANIFEST_BYTES))
    except (OSError, UnsafeFile, ValidationError):
        return None


def _is_whole(checkpoint: Path, manifest: StoredManifest) -> bool:
    try:
        return all(_is_as_stored(checkpoint, name, stored) for name, stored in manifest.files.items())
    except (OSError, UnsafeFile):
        return False


def _is_as_stored(checkpoint: Path, name: str, stored: _StoredFile) -> bool:
    if safe_name(name) != name:
        return False
    with open_regular(checkpoint / name) as file:
        if file.seek(0, 2) != stored.bytes:
            return False
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest() == stored.sha256
