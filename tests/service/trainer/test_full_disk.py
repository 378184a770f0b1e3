"""A disk that is really full: a small file system in memory with the run folders in it."""

import csv
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.service.trainer.runs import finish, log_of, prepare
from tests.unit.trainer.configs import config
from trainer.checkpoints import verify
from trainer.contract import ExitCode

pytestmark = pytest.mark.service

SIZE_MB = 24
LEFT_FOR_THE_RUN = 512 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here, as root could")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, *, leave: int) -> Path:
    """A file that takes all space but `leave` bytes."""
    path = disk / "others"
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - leave)
    return path


def wide(**changes: Any) -> dict[str, Any]:
    """A policy whose checkpoint takes about a megabyte."""
    document = config("ppo", **changes)
    document["hyperparams"] |= {"policy_kwargs": {"net_arch": [256, 256]}}
    return document


def test_a_full_disk_ends_a_run_by_its_own_code_and_harms_nothing_that_is_there(small_disk: Path) -> None:
    first = prepare(small_disk / "a1", wide())
    code, result = finish(first)
    assert code == ExitCode.FINISHED, log_of(first)
    assert result.checkpoint is not None
    others = fill(small_disk, leave=LEFT_FOR_THE_RUN)
    more = wide(total_timesteps=2 * result.total_timesteps)
    asked = {"attempt": 2, "resume_from": str(first / result.checkpoint)}
    second = prepare(small_disk / "a2", more, **asked)
    code, full = finish(second)
    assert (code, full.exit_code) == (ExitCode.DISK_FULL, ExitCode.DISK_FULL), log_of(second)
    assert full.message.startswith("No space was left for the run's files at step ")
    assert full.timesteps >= full.total_timesteps == 2 * result.total_timesteps
    assert full.checkpoint is None
    with (second / "metrics.csv").open() as file:
        assert len(list(csv.DictReader(file))) > 0
    verify(first / result.checkpoint)
    assert not [path for path in (second / "checkpoints").glob("*") if path.name.isdigit()]

    others.unlink()
    shutil.rmtree(second)
    code, again = finish(prepare(second, more, **asked))
    assert code == ExitCode.FINISHED, log_of(second)
    assert again.timesteps == full.timesteps


def test_on_a_disk_that_is_full_already_nothing_begins_and_that_is_said(small_disk: Path) -> None:
    folder = prepare(small_disk / "a1", wide())
    fill(small_disk, leave=32 * 1024)
    code, result = finish(folder)
    assert code == ExitCode.DISK_FULL
    assert result.message == f"No space was left in {folder} to start."
