"""What the engine is asked to create for an attempt, as its API has it. Pure.

The run is hostile until shown otherwise: its own folder is the only thing that it can write to, and
nothing of the host's, of the network's or of ours is within its reach.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trainer.contract import JsonObject
from worker.launchers.launcher import LaunchSpec

INSTANCE, HOST = "signoff.instance", "signoff.host"
RUN, ATTEMPT = "signoff.run", "signoff.attempt"
TOKEN, SPEC_HASH = "signoff.token", "signoff.spec_hash"

RUN_FOLDER = "/opt/training/logs"
PROGRAMS = "/opt/signoff"
BUNDLE = "/opt/signoff-code"
GIGABYTE = 1024**3
STOP_TIMEOUT_S = 60
# Learning rarely needs more; a fork bomb ends here.
PIDS = 1024
SHARED_MEMORY = 2 * GIGABYTE
TEMPORARY = GIGABYTE
OPEN_FILES = 4096
OOM_ADJUSTMENT = 500
LOG_FILES, LOG_FILE_SIZE = "5", "20m"


@dataclass(frozen=True)
class Limits:
    """What one container may use where its launch does not say otherwise.

    `file_bytes` is the largest file that it may write; `user` is who it runs as, "10001:10001".
    """

    memory_bytes: int
    cpus: float
    file_bytes: int
    user: str


@dataclass(frozen=True)
class Owner:
    """Whose containers these are: of which installation, on which host."""

    instance: str
    host: str

    @property
    def labels(self) -> dict[str, str]:
        return {INSTANCE: self.instance, HOST: self.host}


def container_config(spec: LaunchSpec, token: str, owner: Owner, image: str, limits: Limits) -> JsonObject:
    """The body of a request to create the attempt's container."""
    return {
        "Image": image,
        "Cmd": ["python", "-m", spec.module, RUN_FOLDER],
        "User": limits.user,
        "WorkingDir": RUN_FOLDER,
        "Env": [f"{name}={value}" for name, value in environment(spec).items()],
        "Labels": {
            **owner.labels,
            RUN: spec.run,
            ATTEMPT: str(spec.attempt),
            TOKEN: token,
            SPEC_HASH: token.partition(".")[2],
        },
        "NetworkDisabled": True,
        "StopTimeout": STOP_TIMEOUT_S,
        "HostConfig": host_config(spec, limits),
    }


def environment(spec: LaunchSpec) -> Mapping[str, str]:
    """A bundle cannot stand in for a module of the trainer's, nor the other way round for its own program."""
    found_at = [PROGRAMS, *([BUNDLE] if spec.code else [])]
    if spec.runs_bundle:
        found_at.reverse()
    return {
        "PYTHONPATH": os.pathsep.join(found_at),
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "SIGNOFF_ATTEMPT": str(spec.attempt),
        # With GPUs, the engine lets it see those of its own and no others.
        **({} if spec.gpus else {"CUDA_VISIBLE_DEVICES": "", "NVIDIA_VISIBLE_DEVICES": "void"}),
    }


def host_config(spec: LaunchSpec, limits: Limits) -> JsonObject:
    """Resources, mounts and rights."""
    memory = spec.memory_bytes or limits.memory_bytes
    return {
        "NetworkMode": "none",
        "ReadonlyRootfs": True,
        "Tmpfs": {"/tmp": f"rw,noexec,nosuid,nodev,mode=1777,size={TEMPORARY}"},  # noqa: S108  # its own
        "Mounts": [
            _bind(spec.folder, RUN_FOLDER, read_only=False),
            *([_bind(spec.code, BUNDLE)] if spec.code else []),
            *(_bind(path, str(path)) for path in spec.reads),
        ],
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        "Privileged": False,
        "PidsLimit": PIDS,
        "Memory": memory,
        "MemorySwap": memory,  # the sum of both: no swap
        "NanoCpus": round((spec.cpus or limits.cpus) * 1e9),
        "ShmSize": min(SHARED_MEMORY, memory),
        "Ulimits": [
            _limit("nofile", OPEN_FILES),
            _limit("core", 0),
            _limit("fsize", limits.file_bytes),
        ],
        "OomScoreAdj": OOM_ADJUSTMENT,
        "IpcMode": "private",
        "Init": True,
        "RestartPolicy": {"Name": "no"},
        "AutoRemove": False,
        "LogConfig": {"Type": "local", "Config": {"max-size": LOG_FILE_SIZE, "max-file": LOG_FILES}},
        "DeviceRequests": [_gpus(spec.gpus)] if spec.gpus else [],
    }


def _gpus(uuids: tuple[str, ...]) -> JsonObject:
    """GPUs, or MIG slices of them, by UUID: their numbers change."""
    return {"Driver": "nvidia", "DeviceIDs": list(uuids), "Capabilities": [["gpu"]]}


def _bind(source: Path, target: str, *, read_only: bool = True) -> JsonObject:
    """Unlike a volume's short form, this fails where the source is missing, instead of making it."""
    return {
        "Type": "bind",
        "Source": str(source),
        "Target": target,
        "ReadOnly": read_only,
        "BindOptions": {"Propagation": "rprivate"},
    }


def _limit(name: str, value: int) -> JsonObject:
    return {"Name": name, "Soft": value, "Hard": value}
