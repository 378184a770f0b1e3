"""What the page of an experiment shows: strings that are ready, and nothing that is markup. Pure."""

from dataclasses import dataclass

from bot.pages.lines import Line
from db.records import Experiment


@dataclass(frozen=True)
class ChangeLine:
    """`before` and `after` are None where there is no such side."""

    path: str
    word: str
    before: str | None
    after: str | None
    origin: str


@dataclass(frozen=True)
class ClaimLine:
    asked: str
    outcome: str
    tone: str
    got: str
    difference: str
    reason: str
    guard: bool


@dataclass(frozen=True)
class FindingLine:
    """What detectors saw in some of the seeds."""

    text: str
    severity: str
    tone: str


@dataclass(frozen=True)
class ResultBlock:
    n: int
    outcome: str
    tone: str
    plot_url: str | None
    plot_alt: str
    claims: tuple[ClaimLine, ...]
    notes: tuple[str, ...]
    at: str
    findings: tuple[FindingLine, ...]
    sheet_url: str | None
    sheet_alt: str


@dataclass(frozen=True)
class RunLine:
    label: str
    kind: str
    state: str
    tone: str
    message: str
    metrics: tuple[str, ...]
    steps: str
    exit: str
    log_tail: str
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventLine:
    seq: int
    at: str
    actor: str
    what: str
    details: str
    hash: str


@dataclass(frozen=True)
class ConfigLine:
    path: str
    value: str
    origin: str


@dataclass(frozen=True)
class ConclusionBlock:
    text: str
    by: str


@dataclass(frozen=True)
class ExperimentPage:
    """All that the template shows; nothing in it is markup."""

    number: int
    key: str
    title: str
    state: str
    tone: str
    about: str
    thread_url: str | None
    contract: tuple[tuple[str, str], ...]
    context_url: str | None
    diff_title: str
    changes: tuple[ChangeLine, ...]
    metric_names: tuple[str, ...]
    runs: tuple[RunLine, ...]
    results: tuple[ResultBlock, ...]
    conclusion: ConclusionBlock | None
    lineage: tuple[Experiment, ...]
    children: tuple[Line, ...]
    events: tuple[EventLine, ...]
    audit: str
    audit_problems: tuple[str, ...]
    config: tuple[ConfigLine, ...]
    hashes: tuple[tuple[str, str], ...]
