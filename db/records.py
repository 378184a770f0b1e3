"""Frozen records that cross the borders of the ledger. ORM rows never do. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from db.lifecycle import AttemptStatus, ExitCause, ExperimentStatus, OutboxStatus, RunStatus
from trainer.contract import JsonObject, Progress, RunKind, RunResult, SmokeReport


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
class Budget:
    """What the experiment may use. `time_limit_s` is wall-clock seconds of one seed."""

    seeds: int = 5
    time_limit_s: int = 86_400
    device: str = "cpu"
    gpus: int = 0


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

    `cause`, `message` and `result` are set by the finalizer; `log_tail` holds at most 30 redacted
    lines, kept on failure. `stalled` is a flag, never a status.
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

    @property
    def key(self) -> str:
        return f"E-{self.experiment}/{self.label}"


@dataclass(frozen=True)
class Result:
    """What `conclude` inserted: the verdict as JSON (see `db.verdict.Verdict.to_json`) and the plot.

    `runs` are the ids of the runs that it covers.
    """

    experiment: int
    n: int
    outcome: str
    verdict: JsonObject
    plot_path: str | None
    plot_alt: str
    created_at: datetime
    runs: tuple[int, ...] = ()


@dataclass(frozen=True)
class Conclusion:
    text: str
    author: Person
    at: datetime


@dataclass(frozen=True)
class Experiment:
    """One signed contract with its newest revision. `thread_ts` is the proposal card's Slack ts.

    `root` is the experiment that fixed the yardstick: only experiments of one root can be compared.
    """

    number: int
    status: ExperimentStatus
    version: int
    origin: str
    author: Person
    parent: int | None
    revision: Revision
    channel_id: str | None
    thread_ts: str | None
    created_at: datetime
    decisions: tuple[Decision, ...] = ()
    runs: tuple[Run, ...] = ()
    results: tuple[Result, ...] = ()
    conclusion: Conclusion | None = None
    smoke: SmokeReport | None = None
    smoke_message: str = ""
    root: int | None = None
    tags: tuple[str, ...] = ()
    extensions: tuple[Extension, ...] = ()

    @property
    def key(self) -> str:
        return f"E-{self.number}"

    @property
    def title(self) -> str:
        return self.revision.intent.title


@dataclass(frozen=True)
class Event:
    """An append-only entry of an experiment's history; `hash` chains it to `previous_hash`."""

    experiment: int
    seq: int
    at: datetime
    actor: str
    kind: str
    payload: JsonObject
    previous_hash: str
    hash: str


class OutboxKind(StrEnum):
    """What a Slack message says; the sender renders it from the ledger when it is sent.

    Living cards (`PROPOSAL`, `STATUS`, `EXTENSION`) are posted once and edited after that.
    """

    PROPOSAL = "proposal"
    DIFF_FILE = "diff_file"
    STATUS = "status"
    DECISION = "decision"
    FAILURE = "failure"
    LOG_FILE = "log_file"
    RESULT = "result"
    CONCLUSION = "conclusion"
    EXTENSION = "extension"


LIVING_CARDS = frozenset({OutboxKind.PROPOSAL, OutboxKind.STATUS, OutboxKind.EXTENSION})


@dataclass(frozen=True)
class OutboxRow:
    """One Slack message to send. `key` is unique and travels in the message's metadata.

    `ts` and `file_id` are what Slack answered (set on a living card that is to be edited).
    `wanted` counts the changes asked for, so that an edit made while one is being sent is not lost.
    """

    id: int
    key: str
    kind: OutboxKind
    experiment: int
    n: int
    run_id: int | None
    status: OutboxStatus
    wanted: int
    tries: int
    channel_id: str
    thread_ts: str | None
    ts: str | None
    file_id: str | None
    due_at: datetime


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
class Summary:
    """A line of a list or of search results."""

    number: int
    title: str
    status: ExperimentStatus
    outcome: str | None
    author: Person
    algo: str
    env_id: str
    changes: tuple[str, ...]
    got: str
    channel_id: str | None
    thread_ts: str | None
    created_at: datetime
    snippet: str = ""

    @property
    def key(self) -> str:
        return f"E-{self.number}"


@dataclass(frozen=True)
class SearchAnswer:
    """Results best first, the filters that were understood, and warnings in words."""

    results: tuple[Summary, ...]
    filters: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    total: int = 0


@dataclass(frozen=True)
class SweepWork:
    """What a host should ring now: ids of attempts to launch, runs to finalize, experiments to conclude."""

    attempts: tuple[int, ...] = field(default=())
    runs: tuple[int, ...] = field(default=())
    experiments: tuple[int, ...] = field(default=())
