"""Runs, their attempts, and the hosts, slots and runtimes that they use."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.lifecycle import LIVE_ATTEMPTS, AttemptStatus, ExitCause, RunStatus
from db.models.base import Base, checked, short
from trainer.contract import JsonObject, RunKind

_LIVE = text("status IN ({})".format(", ".join(f"'{status}'" for status in sorted(LIVE_ATTEMPTS))))


class RunRow(Base):
    """`not_before` delays a start after a failed one; `ring_at` is when a sweep rings for it again.

    `used_s` is the time that earlier attempts took of the time limit.
    `config_of` is the experiment whose config a comparator run trains. `resume_from` is handed to
    the next attempt. `kept_on` is the host that keeps what comes free for this run, which waits longest.
    """

    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("experiment", "label"),
        CheckConstraint("seed_index >= 1", name="seed_index"),
        CheckConstraint(
            "(finished_at IS NULL) = (status NOT IN ('SUCCEEDED', 'FAILED', 'CANCELED'))", name="finished"
        ),
        Index("ix_run_status", "status", "id"),
        # Without it SQLite takes the index above for the runs of one experiment.
        Index("ix_run_experiment_kind_status", "experiment", "kind", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment: Mapped[int] = mapped_column(ForeignKey("experiment.number"))
    label: Mapped[str] = mapped_column(short(32))
    kind: Mapped[RunKind] = mapped_column(checked(RunKind, "kind"))
    seed_index: Mapped[int]
    seed: Mapped[int]
    status: Mapped[RunStatus] = mapped_column(checked(RunStatus, "status"), default=RunStatus.QUEUED)
    version: Mapped[int] = mapped_column(default=1)
    config: Mapped[JsonObject]
    config_of: Mapped[int | None] = mapped_column(ForeignKey("experiment.number"))
    spec_hash: Mapped[str] = mapped_column(short(64))
    runtime: Mapped[str] = mapped_column(ForeignKey("runtime.key"))
    device: Mapped[str] = mapped_column(short(16))
    gpus: Mapped[int] = mapped_column(default=0)
    gpu_share: Mapped[float] = mapped_column(default=1.0)
    cpus: Mapped[int] = mapped_column(default=1)
    memory_mb: Mapped[int] = mapped_column(default=0)
    priority: Mapped[int] = mapped_column(default=0)
    kept_on: Mapped[str | None] = mapped_column(short(100))
    time_limit_s: Mapped[int]
    cancel_requested_at: Mapped[datetime | None]
    cancel_requested_by: Mapped[str | None] = mapped_column(short(64))
    cancel_requested_name: Mapped[str | None]
    progress: Mapped[JsonObject | None]
    stalled: Mapped[bool] = mapped_column(default=False)
    cause: Mapped[ExitCause | None] = mapped_column(checked(ExitCause, "cause"))
    message: Mapped[str] = mapped_column(default="")
    log_tail: Mapped[str] = mapped_column(default="")
    result: Mapped[JsonObject | None]
    findings: Mapped[list[JsonObject] | None]
    resumes: Mapped[int] = mapped_column(default=0)
    used_s: Mapped[float] = mapped_column(default=0.0)
    resume_from: Mapped[str | None]
    not_before: Mapped[datetime | None]
    ring_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    first_step_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class AttemptRow(Base):
    """One container or process of a run; at most one of a run is live, which an index enforces."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("run_id", "n"),
        Index("one_live_attempt", "run_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_attempt_host_status", "host_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    n: Mapped[int]
    status: Mapped[AttemptStatus] = mapped_column(
        checked(AttemptStatus, "status"), default=AttemptStatus.RESERVED
    )
    version: Mapped[int] = mapped_column(default=1)
    host_id: Mapped[str] = mapped_column(ForeignKey("host.id"))
    folder: Mapped[str]
    handle: Mapped[str | None]
    exit_code: Mapped[int | None]
    signal: Mapped[int | None]
    oom_killed: Mapped[bool] = mapped_column(default=False)
    boot_id: Mapped[str | None] = mapped_column(short(64))
    resume_from: Mapped[str | None]
    message: Mapped[str] = mapped_column(default="")
    ring_at: Mapped[datetime | None]
    reserved_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    slots_released_at: Mapped[datetime | None]


class RuntimeRow(Base):
    """What hosts can run. `key` is the hash of digest and versions; `newest_at` its last registration."""

    __tablename__ = "runtime"

    key: Mapped[str] = mapped_column(short(64), primary_key=True)
    digest: Mapped[str] = mapped_column(short(), index=True)
    versions: Mapped[dict[str, str]]
    launcher: Mapped[str] = mapped_column(short(32))
    host_id: Mapped[str] = mapped_column(short(100))
    newest_at: Mapped[datetime] = mapped_column(index=True)


class HostRow(Base):
    """`epoch` fences the writes of an older process of the same host. `dead_by` declared it dead."""

    __tablename__ = "host"

    id: Mapped[str] = mapped_column(short(100), primary_key=True)
    owner: Mapped[str] = mapped_column(short(100))
    epoch: Mapped[int] = mapped_column(default=1)
    boot_id: Mapped[str | None] = mapped_column(short(64))
    lease_s: Mapped[float]
    lease_until: Mapped[datetime]
    cpu_slots: Mapped[int]
    gpus: Mapped[list[JsonObject]]
    gpu_shares: Mapped[int] = mapped_column(default=1)
    memory_mb: Mapped[int] = mapped_column(default=0)
    measured: Mapped[dict[str, str]] = mapped_column(default=dict)
    dead_by: Mapped[str | None]
    flags: Mapped[list[str]]
    runtime: Mapped[str | None] = mapped_column(ForeignKey("runtime.key"))
    registered_at: Mapped[datetime]


class SlotRow(Base):
    """A share of a host. A slot that a host no longer offers is retired and given to nobody.

    A GPU is offered in parts that runs can share. `dirty` says why a free slot is given to nobody.
    """

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("host_id", "kind", "device", "part"),
        CheckConstraint("kind IN ('cpu', 'gpu', 'smoke')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[str] = mapped_column(ForeignKey("host.id"))
    kind: Mapped[str] = mapped_column(short(16))
    device: Mapped[str] = mapped_column(short(100))
    part: Mapped[int] = mapped_column(default=0)
    dirty: Mapped[str] = mapped_column(default="")
    owner_attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"), index=True)
    retired_at: Mapped[datetime | None]
