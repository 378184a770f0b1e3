"""What the cards are drawn from, gathered from the ledger by `bot.cards.Cards`. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.messages.code import CodeChange
from db.config.diff import Change
from db.records import Experiment, Question, Result, Run, Summary
from db.verdict import Verdict


@dataclass(frozen=True)
class Links:
    """Where links lead; a URL that is None leaves its links out. Neither ends in a slash."""

    pages_url: str | None = None
    workspace_url: str | None = None

    def experiment(self, number: int) -> str | None:
        """The read-only page of an experiment."""
        return f"{self.pages_url}/experiments/{number}" if self.pages_url else None

    def thread(self, channel_id: str | None, thread_ts: str | None) -> str | None:
        """The proposal card in Slack."""
        if not (self.workspace_url and channel_id and thread_ts):
            return None
        return f"{self.workspace_url}/archives/{channel_id}/p{thread_ts.replace('.', '')}"


@dataclass(frozen=True)
class Reference:
    """Another experiment as it is named on a card."""

    number: int
    title: str
    url: str | None = None

    @property
    def key(self) -> str:
        return f"E-{self.number}"


@dataclass(frozen=True)
class Holder:
    """Who has a slot now: "gpu-1: @kai E-40"."""

    device: str
    experiment: int
    person: str


@dataclass(frozen=True)
class Facts:
    """An experiment and what every card of it needs.

    `changes` is the diff against the parent's resolved config; `origins` says for a dotted path
    which experiment set the value before ("E-3"). `understood` is the echo of the expected
    outcome. `comparator` is the experiment that claims compare with.
    """

    experiment: Experiment
    now: datetime
    links: Links = field(default_factory=Links)
    parent: Reference | None = None
    comparator: Reference | None = None
    changes: tuple[Change, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    understood: str = ""
    guards_understood: str = ""
    warnings: tuple[str, ...] = ()
    metric: str = "final_reward"


@dataclass(frozen=True)
class ProposalFacts:
    base: Facts
    question: Question | None = None
    duplicates: tuple[Summary, ...] = ()
    code: CodeChange | None = None


@dataclass(frozen=True)
class StatusFacts:
    """`positions` gives the place in the queue, counted from 1, by run id.

    `hostless` are the runs that wait because no host has the program that was signed.
    """

    base: Facts
    positions: Mapping[int, int] = field(default_factory=dict)
    holders: tuple[Holder, ...] = ()
    hostless: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ResultFacts:
    """`file_id` is the uploaded plot; where it is missing, `picture_note` says in a sentence why."""

    base: Facts
    result: Result
    verdict: Verdict
    file_id: str | None = None
    picture_note: str = ""


@dataclass(frozen=True)
class FailureFacts:
    base: Facts
    run: Run
