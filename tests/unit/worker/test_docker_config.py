"""What the engine is asked for, and how its answers are read, without an engine."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from db.settings import LedgerSettings
from worker.launchers.docker import DockerLauncher
from worker.launchers.docker_config import GIGABYTE, Limits, Owner, container_config, environment
from worker.launchers.docker_state import read_container, read_time, signal_of
from worker.launchers.launcher import ContainerState, LaunchSpec
from worker.launchers.process import ProcessLauncher
from worker.settings import WorkerSettings
from worker.trainers import container_limits, make_launcher

SPEC = LaunchSpec(run="E-42/s1", attempt=2, folder=Path("/runs/E-42-s1/a2"))
LIMITS = Limits(memory_bytes=4 * GIGABYTE, cpus=1.5, file_bytes=GIGABYTE, user="10001:10001")
OWNER = Owner("team", "gpu-1")


def asked(spec: LaunchSpec = SPEC) -> Any:
    return container_config(spec, "7.abc", OWNER, "sha256:1", LIMITS)


def test_a_container_has_no_rights_and_no_network() -> None:
    config = asked()
    host = config["HostConfig"]
    assert config["User"] == "10001:10001"
    assert config["Image"] == "sha256:1"
    assert host["NetworkMode"] == "none"
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["IpcMode"] == "private"
    assert host["Privileged"] is False
    assert (host["RestartPolicy"], host["AutoRemove"]) == ({"Name": "no"}, False)
    assert "noexec,nosuid,nodev" in host["Tmpfs"]["/tmp"]


def test_it_can_write_to_its_own_folder_alone() -> None:
    spec = replace(
        SPEC, code=Path("/code/ab"), reads=(Path("/runs/E-42-s1/a1/checkpoints/9"), Path("/data/d"))
    )
    mounts = {one["Target"]: one for one in asked(spec)["HostConfig"]["Mounts"]}
    assert {target: one["Source"] for target, one in mounts.items()} == {
        "/opt/training/logs": "/runs/E-42-s1/a2",
        "/opt/signoff-code": "/code/ab",
        "/runs/E-42-s1/a1/checkpoints/9": "/runs/E-42-s1/a1/checkpoints/9",
        "/data/d": "/data/d",
    }
    assert [target for target, one in mounts.items() if not one["ReadOnly"]] == ["/opt/training/logs"]


def test_what_the_run_declares_comes_before_the_hosts_limits() -> None:
    host = asked()["HostConfig"]
    assert host["Memory"] == host["MemorySwap"] == 4 * GIGABYTE
    assert host["NanoCpus"] == 1_500_000_000
    host = asked(replace(SPEC, memory_bytes=GIGABYTE, cpus=3))["HostConfig"]
    assert host["Memory"] == host["MemorySwap"] == host["ShmSize"] == GIGABYTE
    assert host["NanoCpus"] == 3_000_000_000


@pytest.mark.parametrize("gpus", [("GPU-8f1c",), ("MIG-0d2a", "MIG-77e0")])
def test_gpus_are_asked_for_by_uuid_and_others_stay_unseen(gpus: tuple[str, ...]) -> None:
    request = {"Driver": "nvidia", "DeviceIDs": list(gpus), "Capabilities": [["gpu"]]}
    assert asked(replace(SPEC, gpus=gpus))["HostConfig"]["DeviceRequests"] == [request]
    assert "CUDA_VISIBLE_DEVICES" not in environment(replace(SPEC, gpus=gpus))
    assert asked()["HostConfig"]["DeviceRequests"] == []
    assert environment(SPEC)["NVIDIA_VISIBLE_DEVICES"] == "void"


def test_a_bundle_comes_after_the_trainer_unless_its_own_program_runs() -> None:
    bundled = replace(SPEC, code=Path("/code/ab"))
    assert environment(SPEC)["PYTHONPATH"] == "/opt/signoff"
    assert environment(bundled)["PYTHONPATH"] == "/opt/signoff:/opt/signoff-code"
    own = replace(bundled, module="ours.train")
    assert environment(own)["PYTHONPATH"] == "/opt/signoff-code:/opt/signoff"


def inspected(**state: object) -> dict[str, Any]:
    return {
        "Name": "/signoff-team-E-42-s1-a2",
        "Created": "2026-11-20T21:00:00.123456789Z",
        "Config": {"Labels": asked()["Labels"]},
        "State": {
            "Status": "running",
            "ExitCode": 0,
            "OOMKilled": False,
            "StartedAt": "2026-11-20T21:00:01Z",
            "FinishedAt": "0001-01-01T00:00:00Z",
            **state,
        },
    }


def test_a_running_container_is_read() -> None:
    seen = read_container(inspected())
    assert (seen.handle, seen.run, seen.attempt, seen.token) == (
        "signoff-team-E-42-s1-a2",
        "E-42/s1",
        2,
        "7.abc",
    )
    assert (seen.state, seen.exit_code, seen.finished_at) == (ContainerState.RUNNING, None, None)
    assert seen.started_at is not None
    assert seen.started_at - seen.created_at == pytest.approx(0.876544, abs=1e-5)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("created", ContainerState.CREATED),
        ("paused", ContainerState.RUNNING),
        ("restarting", ContainerState.RUNNING),
        ("exited", ContainerState.EXITED),
        ("dead", ContainerState.EXITED),
        ("removing", ContainerState.EXITED),
    ],
)
def test_every_state_of_the_engine_has_a_meaning(status: str, expected: ContainerState) -> None:
    assert read_container(inspected(Status=status)).state is expected


def test_an_end_by_the_kernel_is_read() -> None:
    ended = {"Status": "exited", "ExitCode": 137, "OOMKilled": True, "FinishedAt": "2026-11-20T21:05:00.5Z"}
    seen = read_container(inspected(**ended))
    assert (seen.exit_code, seen.signal, seen.oom_killed) == (137, 9, True)
    assert seen.finished_at == read_time("2026-11-20T21:05:00.500000Z")


@pytest.mark.parametrize(("code", "expected"), [(0, None), (42, None), (128, None), (143, 15), (255, None)])
def test_exit_codes_of_signals(code: int, expected: int | None) -> None:
    assert signal_of(code) == expected


def test_a_share_of_the_host_is_the_limit_of_a_run_that_asks_for_none() -> None:
    settings = WorkerSettings(_env_file=None, cpu_slots=4, memory_gb=32)
    assert container_limits(settings).memory_bytes == 8 * GIGABYTE
    stated = settings.model_copy(update={"container_memory_gb": 3.0, "container_cpus": 2.0})
    assert (container_limits(stated).memory_bytes, container_limits(stated).cpus) == (3 * GIGABYTE, 2.0)
    tiny = settings.model_copy(update={"memory_gb": 1.0})
    assert container_limits(tiny).memory_bytes == GIGABYTE


def test_the_setting_chooses_the_launcher(tmp_path: Path) -> None:
    shared = LedgerSettings(_env_file=None, data_dir=tmp_path)
    settings = WorkerSettings(_env_file=None, launcher="docker", DOCKER_HOST="unix:///nowhere.sock")
    assert isinstance(make_launcher(shared, settings, tmp_path, None), DockerLauncher)
    processes = settings.model_copy(update={"launcher": "process"})
    assert isinstance(make_launcher(shared, processes, tmp_path, None), ProcessLauncher)
