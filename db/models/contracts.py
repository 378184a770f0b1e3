"""Questions, experiments and everything that is said, signed and concluded about them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.lifecycle import ExperimentStatus
from db.models.base import Base, checked, short
from db.records import DecisionKind
from trainer.contract import JsonObject


class QuestionRow(Base):
    __tablename__ = "question"

    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    answer: Mapped[str | None]
    author_id: Mapped[str] = mapped_column(short(64))
    author_name: Mapped[str]
    answered_by: Mapped[str | None] = mapped_column(short(64))
    created_at: Mapped[datetime]


class ExperimentRow(Base):
    """`root` is the experiment that fixed the yardstick; `revision` counts from 1 and is the newest.

    `event_seq` and `event_hash` are the end of the chain of events, read and moved under this row's
    lock. `smoke_passed_at` opens the gate for the seeds of the newest revision. `ring_at` is when a
    sweep rings for the conclusion.
    """

    __tablename__ = "experiment"
    __table_args__ = (
        CheckConstraint("origin IN ('preset', 'proposal')", name="origin"),
        Index("ix_experiment_status", "status", "number"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[ExperimentStatus] = mapped_column(
        checked(ExperimentStatus, "status"), default=ExperimentStatus.PROPOSED
    )
    version: Mapped[int] = mapped_column(default=1)
    origin: Mapped[str] = mapped_column(short(16))
    priority: Mapped[int] = mapped_column(default=0)
    author_id: Mapped[str] = mapped_column(short(64), index=True)
    author_name: Mapped[str]
    parent: Mapped[int | None] = mapped_column(ForeignKey("experiment.number"), index=True)
    root: Mapped[int | None] = mapped_column(ForeignKey("experiment.number"))
    question: Mapped[int | None] = mapped_column(ForeignKey("question.number"), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    channel_id: Mapped[str | None] = mapped_column(short(64))
    thread_ts: Mapped[str | None] = mapped_column(short(64))
    smoke: Mapped[JsonObject | None]
    smoke_message: Mapped[str] = mapped_column(default="")
    smoke_passed_at: Mapped[datetime | None]
    event_seq: Mapped[int] = mapped_column(default=0)
    event_hash: Mapped[str] = mapped_column(short(64), default="")
    ring_at: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime]


class RevisionRow(Base):
    """What is signed. `changes` are the differences from the parent in words, for lists and search."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("experiment", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment: Mapped[int] = mapped_column(ForeignKey("experiment.number"))
    n: Mapped[int]
    author_id: Mapped[str] = mapped_column(short(64))
    author_name: Mapped[str]
    title: Mapped[str]
    intent: Mapped[JsonObject]
    delta: Mapped[JsonObject]
    config: Mapped[JsonObject]
    budget: Mapped[JsonObject]
    changes: Mapped[list[str]]
    algo: Mapped[str] = mapped_column(short(64))
    env_id: Mapped[str] = mapped_column(short())
    config_hash: Mapped[str] = mapped_column(short(64), index=True)
    spec_hash: Mapped[str] = mapped_column(short(64))
    approval_hash: Mapped[str] = mapped_column(short(64))
    policy_rule: Mapped[str]
    runtime: Mapped[str | None] = mapped_column(ForeignKey("runtime.key"), index=True)
    view_id: Mapped[str | None] = mapped_column(short(64), unique=True)
    created_at: Mapped[datetime]


class DecisionRow(Base):
    """One decision of one revision: a second one has lost."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("experiment", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment: Mapped[int] = mapped_column(ForeignKey("experiment.number"))
    revision: Mapped[int]
    kind: Mapped[DecisionKind] = mapped_column(checked(DecisionKind, "kind"))
    decider_id: Mapped[str] = mapped_column(short(64))
    decider_name: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]


class ExtensionRow(Base):
    """More seeds of an approved experiment, under their own approval. `n` counts from 1."""

    __tablename__ = "extension"
    __table_args__ = (
        UniqueConstraint("experiment", "n"),
        CheckConstraint("seeds >= 1", name="seeds"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment: Mapped[int] = mapped_column(ForeignKey("experiment.number"))
    n: Mapped[int]
    status: Mapped[ExperimentStatus] = mapped_column(
        checked(ExperimentStatus, "status"), default=ExperimentStatus.PROPOSED
    )
    version: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[str] = mapped_column(short(64))
    author_name: Mapped[str]
    first_seed: Mapped[int]
    seeds: Mapped[int]
    approval_hash: Mapped[str] = mapped_column(short(64))
    policy_rule: Mapped[str]
    view_id: Mapped[str | None] = mapped_column(short(64), unique=True)
    decider_id: Mapped[str | None] = mapped_column(short(64))
    decider_name: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class ResultRow(Base):
    """`runs` are the ids of the runs that it covers: the same runs make no second result."""

    __tablename__ = "result"
    __table_args__ = (
        UniqueConstraint("experiment", "n"),
        CheckConstraint("outcome IN ('supported', 'refuted', 'inconclusive')", name="outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment: Mapped[int] = mapped_column(ForeignKey("experiment.number"))
    n: Mapped[int]
    outcome: Mapped[str] = mapped_column(short(16))
    verdict: Mapped[JsonObject]
    got: Mapped[str] = mapped_column(default="")
    runs: Mapped[list[int]]
    plot_path: Mapped[str | None]
    plot_alt: Mapped[str]
    sheet_path: Mapped[str | None]
    sheet_alt: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime]


class ConclusionRow(Base):
    """What people wrote; the newest stands, older ones stay."""

    __tablename__ = "conclusion"

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment: Mapped[int] = mapped_column(ForeignKey("experiment.number"), index=True)
    text: Mapped[str]
    author_id: Mapped[str] = mapped_column(short(64))
    author_name: Mapped[str]
    at: Mapped[datetime]


class TagRow(Base):
    __tablename__ = "tag"

    experiment: Mapped[int] = mapped_column(ForeignKey("experiment.number"), primary_key=True)
    name: Mapped[str] = mapped_column(short(64), primary_key=True)
    added_by: Mapped[str] = mapped_column(short(64))
    at: Mapped[datetime]


class PresetRow(Base):
    """Which shipped baseline an experiment is: a changed baseline becomes a new root."""

    __tablename__ = "preset"

    name: Mapped[str] = mapped_column(short(100), primary_key=True)
    config_hash: Mapped[str] = mapped_column(short(64), primary_key=True)
    experiment: Mapped[int] = mapped_column(ForeignKey("experiment.number"), unique=True)


class EventRow(Base):
    """Append-only; `hash` covers the entry and `previous_hash`, so that a change shows."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("experiment", "seq"),
        CheckConstraint("seq >= 1", name="seq"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment: Mapped[int] = mapped_column(ForeignKey("experiment.number"))
    seq: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]
    kind: Mapped[str] = mapped_column(short(64))
    payload: Mapped[JsonObject]
    previous_hash: Mapped[str] = mapped_column(short(64))
    hash: Mapped[str] = mapped_column(short(64), unique=True)
