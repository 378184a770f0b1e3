"""What runs, where, and what came of it: runs, attempts, hosts, slots. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from db.lifecycle import AttemptStatus, ExitCause, RunStatus
from db.records.contracts import Needs, Person, Runtime
from db.records.findings import Finding
from trainer.contract import JsonObject, Progress, RunKind, RunResult


@dataclass(frozen=True)
class Attempt:
    """One process or container of a run. `n` is the fencing token, counted from 1 within the run.

    `folder` is the run folder, relative to the artifacts folder; so is a `resume_from` of another attempt.
    """

    id: int
    run_id: int
    n: int
    status: AttemptStatus
    host_id: str
    folder: str
    handle: str | None
    exit_code: int | None
    signal: int | None
    oom_killed: bool
    boot_id: str | None
    resume_from: str | None
    reserved_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class Run:
    """One seed. `label` is "s1", "s1.2", "c1" or "smoke"; `key` is "E-42/s1".

    `cause`, `message`, `result` and `findings` are set by the finalizer; `log_tail` holds at most 30 redacted
    lines, kept on failure. `stalled` is a flag, never a status. `used_s` is what earlier attempts,
    lost with their machine, took of `time_limit_s`. `kept_on` is the host that keeps what comes free for it.
    """

    id: int
    experiment: int
    label: str
    kind: RunKind
    seed_index: int
    seed: int
    status: RunStatus
    version: int
    config: JsonObject
    spec_hash: str
    device: str
    time_limit_s: int
    cancel_requested_at: datetime | None
    cancel_requested_by: Person | None
    progress: Progress | None
    stalled: bool
    cause: ExitCause | None
    message: str
    log_tail: str
    result: RunResult | None
    resumes: int
    created_at: datetime
    finished_at: datetime | None
    attempt: Attempt | None
    used_s: float = 0.0
    findings: tuple[Finding, ...] = ()
    needs: Needs = field(default_factory=Needs)
    priority: int = 0
    kept_on: str | None = None

    @property
    def key(self) -> str:
        return f"E-{self.experiment}/{self.label}"


@dataclass(frozen=True)
class Gpu:
    """A GPU of a host, or a MIG slice of one, which counts as a GPU. `uuid` names it for ever."""

    uuid: str
    name: str = ""
    memory_mb: int = 0


@dataclass(frozen=True)
class Host:
    """`gpu_shares` runs can share a GPU at most. `memory_mb` is for runs, 0 where it is not known.

    `measured` tells what the machine is: its processor, its driver. `dead_by` is who declared it dead; it
    holds nothing then, and nothing is expected of it until it joins again.
    """

    id: str
    epoch: int
    lease_until: datetime
    cpu_slots: int
    gpus: tuple[Gpu, ...]
    runtime: Runtime | None
    flags: tuple[str, ...] = ()
    gpu_shares: int = 1
    memory_mb: int = 0
    measured: Mapping[str, str] = field(default_factory=dict)
    dead_by: str | None = None


@dataclass(frozen=True)
class Slot:
    """A share of a host: `kind` is "cpu", "gpu" or "smoke"; `owner` the attempt that holds it.

    A GPU is offered in parts, counted from 0, so that runs can share it. `dirty` says why it is given to
    nobody, and is empty else.
    """

    id: int
    host_id: str
    kind: str
    device: str
    owner_attempt_id: int | None
    part: int = 0
    dirty: str = ""


@dataclass(frozen=True)
class Holding:
    """What a run holds now, and for whom: the devices are UUIDs of GPUs, empty for CPU runs."""

    run: Run
    host_id: str
    devices: tuple[str, ...]
    person: Person


@dataclass(frozen=True)
class SweepWork:
    """What a host should ring now: ids of attempts to launch, runs to finalize, experiments to conclude."""

    attempts: tuple[int, ...] = field(default=())
    runs: tuple[int, ...] = field(default=())
    experiments: tuple[int, ...] = field(default=())
