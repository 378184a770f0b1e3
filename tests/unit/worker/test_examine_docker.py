"""What the worker makes of an engine's answers."""

from pathlib import Path
from typing import Any

import pytest

from db.checkup import Level
from worker.launchers.examine_docker import (
    judge_engine,
    judge_mounts,
    judge_nvidia,
    look_at_docker,
    read_version,
)

# Of `docker info` on Debian's 20.10.24, shortened.
INFO: dict[str, Any] = {
    "ServerVersion": "20.10.24+dfsg1",
    "MemoryLimit": True,
    "SwapLimit": True,
    "PidsLimit": True,
    "CpuCfsQuota": True,
    "LiveRestoreEnabled": True,
    "Runtimes": {"runc": {"path": "runc"}},
}
ARTIFACTS = Path("/srv/signoff/runs")


def mount(source: str, destination: str, *, writable: bool = True) -> dict[str, Any]:
    return {"Type": "bind", "Source": source, "Destination": destination, "RW": writable}


def test_an_engine_with_all_limits_is_well() -> None:
    assert [finding.level for finding in judge_engine(INFO)] == [Level.OK]


def test_missing_limits_and_live_restore_are_warned_of() -> None:
    found = list(judge_engine({**INFO, "SwapLimit": False, "PidsLimit": False, "LiveRestoreEnabled": False}))
    assert [finding.level for finding in found] == [Level.OK, Level.WARNING, Level.WARNING]
    assert "swap, processes" in found[1].what
    assert "live-restore" in found[2].remedy


@pytest.mark.parametrize(
    ("has_driver", "runtimes", "toolkit", "level", "part"),
    [
        (False, {}, None, Level.OK, "no NVIDIA driver"),
        (True, {}, None, Level.PROBLEM, "no NVIDIA container runtime"),
        (True, {"nvidia": {}}, None, Level.WARNING, "cannot be seen"),
        (True, {"nvidia": {}}, (1, 16, 1), Level.PROBLEM, "1.16.1"),
        (True, {"nvidia": {}}, (1, 17, 7), Level.PROBLEM, "CVE-2025-23266"),
        (True, {"nvidia": {}}, (1, 17, 8), Level.OK, "1.17.8"),
        (True, {"nvidia": {}}, (1, 18, 0), Level.OK, "1.18.0"),
    ],
)
def test_the_nvidia_toolkit(
    has_driver: bool, runtimes: dict[str, Any], toolkit: tuple[int, ...] | None, level: Level, part: str
) -> None:
    info = {**INFO, "Runtimes": runtimes}
    (found,) = judge_nvidia(info, has_driver=has_driver, toolkit=toolkit)
    assert (found.level, part in found.what) == (level, True), found


def test_the_toolkit_names_its_version() -> None:
    said = "NVIDIA Container Toolkit CLI version 1.17.8\ncommit: f202b80a9b9d0db00d9b1d73c0128c8962c55f4d"
    assert read_version(said) == (1, 17, 8)
    assert read_version("something else") is None


@pytest.mark.parametrize(
    ("mounts", "part"),
    [
        (None, None),
        ((mount("/srv/signoff/runs", "/srv/signoff/runs"),), None),
        ((mount("/srv", "/srv"),), None),
        ((), "inside the worker's own container"),
        ((mount("/var/lib", "/var/lib"),), "inside the worker's own container"),
        ((mount("/mnt/nas", "/srv/signoff/runs"),), "but at /mnt/nas on the host"),
        ((mount("/srv", "/srv"), mount("/mnt/nas", "/srv/signoff")), "but at /mnt/nas on the host"),
        ((mount("/srv", "/srv", writable=False),), "read-only"),
    ],
)
def test_run_folders_have_one_path(mounts: tuple[dict[str, Any], ...] | None, part: str | None) -> None:
    found = list(judge_mounts(mounts, ARTIFACTS))
    assert [str(part) in finding.what for finding in found] == ([True] if part else [])


def test_without_an_engine_the_remedy_is_named(tmp_path: Path) -> None:
    (found,) = look_at_docker(f"unix://{tmp_path / 'docker.sock'}", "signoff-trainer", ARTIFACTS)
    assert found.level is Level.PROBLEM
    assert found.what.startswith("Docker does not answer")
    assert "start Docker" in found.remedy
