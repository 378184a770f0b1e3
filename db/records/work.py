"""What runs, where, and what came of it: runs, attempts, hosts, slots. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from db.lifecycle import AttemptStatus, ExitCause, RunStatus
from db.records.contracts import Person, Runtime
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
    lost with their machine, took of `time_limit_s`.
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

    @property
    def key(self) -> str:
        return f"E-{self.experiment}/{self.label}"


@dataclass(frozen=True)
class Host:
    id: str
    epoch: int
    lease_until: datetime
    cpu_slots: int
    gpus: tuple[str, ...]
    runtime: Runtime | None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Slot:
    """A share of a host: `kind` is "cpu", "gpu" or "smoke"; `owner` the attempt that holds it."""

    id: int
    host_id: str
    kind: str
    device: str
    owner_attempt_id: int | None


@dataclass(frozen=True)
class SweepWork:
    """What a host should ring now: ids of attempts to launch, runs to finalize, experiments to conclude."""

    attempts: tuple[int, ...] = field(default=())
    runs: tuple[int, ...] = field(default=())
    experiments: tuple[int, ...] = field(default=())
