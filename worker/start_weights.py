"""Puts the checkpoint that a config begins with into the run folder, where its trainer can read it.

A copy, because the run may write to its folder, and the checkpoint belongs to another run. Nothing of
it is loaded here.
"""

import hashlib
import os
import shutil
from pathlib import Path

from pydantic import ValidationError

from db.errors import NotFound
from db.records import Run
from trainer.contract import INIT_FOLDER, JsonObject
from worker.checkpoints import MANIFEST_BYTES, MANIFEST_FILE, StoredManifest
from worker.files import UnsafeFile, open_regular, read_capped
from worker.launchers.launcher import LaunchRefused
from worker.names import safe_name
from worker.workplace import Workplace

_REPLAY_FILE = "replay.npz"
_WHOLE = "all"


def beginning(run: Run) -> JsonObject | None:
    """The config's `init` as this seed has it: with the one checkpoint that is its own.

    Where there are several, seed 1 takes the first, and after the last the first is taken again.
    """
    init = run.config.get("init")
    if not isinstance(init, dict):
        return None
    rest = {name: value for name, value in init.items() if name != "sources"}
    sources = init.get("sources")
    if not isinstance(sources, list) or not sources:
        return rest
    own = sources[(run.seed_index - 1) % len(sources)]
    return {**rest, **own} if isinstance(own, dict) else rest


def place(work: Workplace, run: Run, folder: Path) -> None:
    """Copy the checkpoint that this seed begins with; nothing to do where there is none, or it is there.

    :raises LaunchRefused: where it is gone, or is not the one that was approved.
    :raises OSError: where the disk does not take it.
    """
    init = beginning(run) or {}
    source, wanted = init.get("from"), init.get("sha256")
    target = folder / INIT_FOLDER
    if not isinstance(source, str) or target.exists():
        return
    checkpoint = _checkpoint(work, source)
    try:
        text = _manifest(checkpoint)
        if hashlib.sha256(text).hexdigest() != wanted:
            raise LaunchRefused(
                f"the checkpoint of {source} is not the one that was approved; propose it again"
            )
        _copy(checkpoint, text, folder, whole=init.get("load") == _WHOLE)
    except (FileNotFoundError, UnsafeFile, ValidationError) as error:
        raise LaunchRefused(f"the checkpoint of {source} cannot be read on this host: {error}") from error


def _manifest(checkpoint: Path) -> bytes:
    if checkpoint.is_symlink() or checkpoint.parent.is_symlink():
        raise UnsafeFile("it is a link to elsewhere")
    return read_capped(checkpoint / MANIFEST_FILE, MANIFEST_BYTES)


def _copy(checkpoint: Path, manifest: bytes, folder: Path, *, whole: bool) -> None:
    """Under another name first, so that a crash leaves no half of it."""
    part = folder / f".{INIT_FOLDER}"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for name, stored in StoredManifest.model_validate_json(manifest).files.items():
        if safe_name(name) != name:
            raise UnsafeFile(f"{name} is no name of a checkpoint's file")
        if whole or name != _REPLAY_FILE:
            with open_regular(checkpoint / name) as file, (part / name).open("xb") as copy:
                if os.fstat(file.fileno()).st_size != stored.bytes:
                    raise UnsafeFile(f"{name} is not of the size that was approved")
                shutil.copyfileobj(file, copy)
    (part / MANIFEST_FILE).write_bytes(manifest)
    part.rename(folder / INIT_FOLDER)


def _checkpoint(work: Workplace, source: str) -> Path:
    """The final checkpoint of the run "E-12/s1"."""
    number, _, label = source.removeprefix("E-").partition("/")
    try:
        runs = work.queries.experiment(int(number)).runs
    except NotFound as error:
        raise LaunchRefused(str(error)) from error
    run = next((run for run in runs if run.label == label), None)
    if run is None or run.attempt is None or run.result is None or run.result.checkpoint is None:
        raise LaunchRefused(f"{source} has left no checkpoint to begin with")
    return work.artifacts / run.attempt.folder / run.result.checkpoint
