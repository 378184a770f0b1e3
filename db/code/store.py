"""Where code bundles lie: `code/<sha256>` in the artifacts folder, each with its wheel and manifest."""

import json
import os
import tempfile
from pathlib import Path

from db.code.wheel import MAX_WHEEL_BYTES, Wheel, digest, read
from db.errors import CodeRefused
from trainer.contract import JsonObject

FOLDER = "code"
WHEEL_FILE = "bundle.whl"
MANIFEST_FILE = "manifest.json"
PATCH_FILE = "dirty.patch"


def folder_of(artifacts: Path, sha256: str) -> Path:
    """The folder of one bundle."""
    return artifacts / FOLDER / sha256


def keep(artifacts: Path, content: bytes, manifest: JsonObject, dirty_patch: str | None) -> str:
    """Store a bundle; returns its name. Stored again, it says where it was pushed from last."""
    sha256 = digest(content)
    folder = folder_of(artifacts, sha256)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / WHEEL_FILE, content)
    if dirty_patch is None:
        (folder / PATCH_FILE).unlink(missing_ok=True)
    else:
        _write(folder / PATCH_FILE, dirty_patch.encode())
    _write(folder / MANIFEST_FILE, json.dumps(manifest, indent=1).encode() + b"\n")
    return sha256


def load(artifacts: Path, sha256: str) -> tuple[bytes, Wheel]:
    """A bundle's wheel, whose bytes are those of its name.

    :raises CodeRefused: where it is missing, or has been changed.
    """
    path = folder_of(artifacts, sha256) / WHEEL_FILE
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(MAX_WHEEL_BYTES + 1)
    except OSError as error:
        raise CodeRefused(
            f"the code bundle {sha256[:12]} cannot be read ({error.strerror}); push it again"
        ) from error
    if digest(content) != sha256:
        raise CodeRefused(
            f"the code bundle {sha256[:12]} is not what was pushed: its bytes have changed; push it again"
        )
    return content, read(content)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as part:
        part.write(content)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).chmod(0o644)
    Path(part.name).replace(path)
