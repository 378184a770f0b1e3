"""Settings of the worker. Where the ledger, the broker and the artifacts are: `db.settings`."""

import socket
import sys
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from worker.decide import Rules
from worker.machine import usable_cores, usable_memory_gb
from worker.names import safe_name


class WorkerSettings(BaseSettings):
    """Read from `SIGNOFF_*` variables and `.env`. Durations are in seconds."""

    model_config = SettingsConfigDict(
        env_prefix="SIGNOFF_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    host_id: str = Field(
        default_factory=lambda: safe_name(socket.gethostname()),
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
        description="Name of this host in the ledger and of its queue; default the host name",
    )
    cpu_slots: int = Field(
        default_factory=usable_cores,
        ge=1,
        le=1024,
        description="How many CPU runs may train on this host at once; default its usable cores",
    )
    gpus: str = Field(
        default="all",
        pattern=r"^(all|none|(GPU|MIG)-[A-Za-z0-9/-]+(,(GPU|MIG)-[A-Za-z0-9/-]+)*)$",
        description="Which GPUs runs may have: `all`, `none`, or UUIDs separated by commas",
    )
    gpu_shares: int = Field(
        default=4, ge=1, le=16, description="Into how many parts a GPU is cut for runs that ask for a share"
    )
    memory_gb: float = Field(
        default_factory=usable_memory_gb,
        ge=0,
        description="Memory in GB that runs may declare together; default what this host has",
    )
    launcher: Literal["process", "docker"] = Field(
        default="process", description="How attempts are started: as a `process` each, or in `docker`"
    )
    docker_host: str = Field(
        default="unix:///var/run/docker.sock",
        validation_alias="DOCKER_HOST",
        description="Where the Docker Engine of this host listens (Docker launcher)",
    )
    trainer_image: str = Field(
        default="signoff-trainer",
        description="The trainer's image (Docker launcher); what it stands for at the start is what runs",
    )
    container_memory_gb: float | None = Field(
        default=None,
        gt=0,
        description="Memory in GiB of a run that asks for none; default the host's, shared by its CPU slots",
    )
    container_cpus: float | None = Field(
        default=None, gt=0, description="Cores of a run that asks for none; default the usable cores"
    )
    container_file_gb: float = Field(
        default=50.0, gt=0, description="The largest file in GiB that a run may write (Docker launcher)"
    )
    trainer_python: Path = Field(
        default=Path(sys.executable),
        description="The Python interpreter that has the trainer; default the worker's own",
    )
    warm_start: bool = Field(
        default=True,
        description="Fork CPU runs from a process that has the trainer in memory (Linux, process launcher)",
    )
    celery_processes: int = Field(
        default=2, ge=1, le=64, description="Pool processes of the Celery worker; its tasks are short"
    )
    pass_s: float = Field(default=2.0, gt=0, le=60, description="Pause between two passes of the host loop")
    lease_s: float = Field(
        default=30.0, gt=0, description="How long a host counts as alive after its last pass"
    )
    min_free_mb: int = Field(
        default=500, ge=0, description="Nothing is started with less free disk for artifacts than this"
    )
    settle_s: float = Field(
        default=60.0, ge=0, description="After a start, how long nothing is ended or declared dead"
    )
    stop_grace_s: float = Field(
        default=60.0, ge=0, description="How long a trainer that was asked to stop may take to save"
    )
    time_limit_slack_s: float = Field(
        default=120.0, ge=0, description="How long past its time limit a trainer may end by itself"
    )
    silent_after_s: float = Field(
        default=1800.0, gt=0, description="After how long without progress a run is flagged as stalled"
    )

    def rules(self) -> Rules:
        """The patience of the reconciler."""
        return Rules(
            settle_s=self.settle_s,
            stop_grace_s=self.stop_grace_s,
            time_limit_slack_s=self.time_limit_slack_s,
            silent_after_s=self.silent_after_s,
        )
