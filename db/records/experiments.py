"""Experiments as a whole, their results and history, and lines of lists. Pure."""

from dataclasses import dataclass
from datetime import datetime

from db.lifecycle import ExperimentStatus
from db.records.contracts import Decision, Extension, Person, Revision
from db.records.work import Run
from trainer.contract import JsonObject, SmokeReport


@dataclass(frozen=True)
class Result:
    """What `conclude` inserted: the verdict as JSON (see `db.verdict.Verdict.to_json`) and the pictures.

    `runs` are the ids of the runs that it covers. `sheet_path` is the diagnostics sheet, relative to the
    artifacts like `plot_path`; both are None where nothing was drawn.
    """

    experiment: int
    n: int
    outcome: str
    verdict: JsonObject
    plot_path: str | None
    plot_alt: str
    created_at: datetime
    runs: tuple[int, ...] = ()
    sheet_path: str | None = None
    sheet_alt: str = ""


@dataclass(frozen=True)
class Conclusion:
    text: str
    author: Person
    at: datetime


@dataclass(frozen=True)
class Experiment:
    """One signed contract with its newest revision. `thread_ts` is the proposal card's Slack ts.

    `root` is the experiment that fixed the yardstick: only experiments of one root can be compared.
    `priority` 1 starts before 0, and 0 before -1; it is no part of what is signed.
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
    priority: int = 0

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
