"""The part of `doctor` that looks at folders: can they be used, and are they the right ones?"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from db.artifacts_mark import MARK, Place, place_of
from db.checkup import Finding, problem, warning, well
from db.queries import Queries
from db.settings import LedgerSettings

FREE_MB = 500
_MOUNT = "mount the shared volume there, or correct SIGNOFF_ARTIFACTS_DIR (docs/production.md)"


def look_at_data_folder(settings: LedgerSettings) -> Iterator[Finding]:
    """Where every part of Signoff writes something."""
    folder = settings.data_dir.absolute()
    existing = _existing(folder)
    if not os.access(existing, os.W_OK):
        yield problem(f"the data folder {folder} cannot be written", "change its owner, or SIGNOFF_DATA_DIR")
        return
    yield _space("data", folder, existing)


def look_at_artifacts(settings: LedgerSettings, queries: Queries) -> Iterator[Finding]:
    """Where runs leave their results: readable, with room, and this ledger's own."""
    folder = settings.artifacts_folder
    existing = _existing(folder)
    if not os.access(existing, os.R_OK | os.X_OK):
        yield problem(f"the artifacts folder {folder} cannot be read", "change its owner or its mode")
        return
    yield _space("artifacts", folder, existing)
    try:
        place = place_of(queries, folder)
    except OSError as error:
        yield problem(f"{folder / MARK} cannot be read: {error.strerror}", _MOUNT)
        return
    if place is Place.MISSING:
        yield problem(f"the runs of this ledger are not in {folder}: a volume is not mounted", _MOUNT)
    elif place is Place.FOREIGN:
        yield problem(f"{folder} belongs to another ledger, by its mark {MARK}", _MOUNT)
    elif place is Place.NEW:
        yield warning(f"no worker has used {folder} yet", "start one; it marks the folder as this ledger's")


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _space(name: str, folder: Path, existing: Path) -> Finding:
    free_mb = shutil.disk_usage(existing).free // 2**20
    if free_mb < FREE_MB:
        return problem(f"the {name} folder {folder} has {free_mb} MB left", "free some space")
    return well(f"the {name} folder {folder} has {free_mb:,} MB free")
