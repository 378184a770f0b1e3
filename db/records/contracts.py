"""What people sign: proposals, revisions, decisions, extensions, questions. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.lifecycle import ExperimentStatus
from trainer.contract import JsonObject

MEGABYTES = 1024
"""In a GiB."""


@dataclass(frozen=True)
class Person:
    """A Slack user: `id` like U012ABC, `name` as shown to people."""

    id: str
    name: str


@dataclass(frozen=True)
class Intent:
    """What the contract says besides the delta. `comparator` None means the parent.

    `expected` is the claim as typed (grammar of `db.expectation`); `guards` are further claims
    that must not get worse. `run_alongside`: train the comparator's config too, same seed count.
    """

    title: str
    objective: str
    hypothesis: str
    expected: str
    guards: str = ""
    comparator: int | None = None
    run_alongside: bool = False
    question: int | None = None
    stop_rule: str = ""
    approver_id: str | None = None
    context_link: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Needs:
    """What a run takes of one host while it runs: whole GPUs or a share of one, CPU slots, MiB of memory."""

    gpus: int = 0
    gpu_share: float = 1.0
    cpus: int = 1
    memory_mb: int = 0

    @property
    def gpu_amount(self) -> float:
        """GPUs that it keeps others from using: 2, or 0.25 of one."""
        return self.gpus * self.gpu_share


@dataclass(frozen=True)
class Budget:
    """What the experiment may use. `time_limit_s` is wall-clock seconds of one seed.

    A seed takes `gpus` GPUs of one host at once, or the part `gpu_share` of a single one. `cpus` are CPU
    slots, 0 for as many as usual; `memory_gb` GiB of the host's memory, 0 where nothing was said.
    """

    seeds: int = 5
    time_limit_s: int = 86_400
    device: str = "cpu"
    gpus: int = 0
    gpu_share: float = 1.0
    memory_gb: float = 0.0
    cpus: int = 0

    @property
    def needs(self) -> Needs:
        """What one seed takes of a host."""
        gpus = self.gpus or int(self.device == "cuda")
        return Needs(
            gpus=gpus,
            gpu_share=self.gpu_share if gpus else 1.0,
            cpus=self.cpus or int(gpus == 0),
            memory_mb=round(self.memory_gb * MEGABYTES),
        )


@dataclass(frozen=True)
class Runtime:
    """What runs: `digest` of the image, or of `trainer/` and its lock file without Docker."""

    digest: str
    versions: dict[str, str]
    host_id: str
    launcher: str


@dataclass(frozen=True)
class Proposal:
    """A filled contract form, ready for `Ledger.experiments.propose` or `revise`."""

    author: Person
    parent: int
    delta: JsonObject
    intent: Intent
    budget: Budget
    channel_id: str


@dataclass(frozen=True)
class Revision:
    """What is signed: immutable intent, config and hashes. `n` counts from 1."""

    experiment: int
    n: int
    author: Person
    intent: Intent
    delta: JsonObject
    config: JsonObject
    budget: Budget
    config_hash: str
    spec_hash: str
    approval_hash: str
    created_at: datetime


class DecisionKind(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    REQUEST_CHANGES = "request_changes"


@dataclass(frozen=True)
class Decision:
    experiment: int
    revision: int
    kind: DecisionKind
    decider: Person
    reason: str
    at: datetime


@dataclass(frozen=True)
class Extension:
    """More seeds of an approved experiment, under their own approval: seeds `first_seed` and up."""

    experiment: int
    n: int
    status: ExperimentStatus
    author: Person
    first_seed: int
    seeds: int
    approval_hash: str
    decider: Person | None
    reason: str
    created_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True)
class Question:
    number: int
    text: str
    answer: str | None
    author: Person
    created_at: datetime
