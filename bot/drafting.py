"""Fills in what the contract form needs from the ledger and Slack, and draws it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.approvers import Approvers, GroupUnknown
from bot.bundles import CodeReader
from bot.channels import Channels
from bot.forms.contract import contract_view
from bot.forms.filled import Filled
from bot.forms.named_code import NamedCode
from bot.forms.understand import Start, Understood, understand
from bot.forms.weigh import Known, Other, Weighed, comparators, weigh
from bot.messages.facts import Links, Reference
from bot.messages.message import Block
from db.errors import NotFound
from db.lifecycle import OPEN_EXPERIMENTS, may_decide
from db.limits import UNLIMITED, Limits
from db.queries import Queries
from db.records import Experiment, Question, Runtime, Summary
from db.seeds import outcomes
from trainer.catalogue import Catalogue

SIMILAR = 4
HISTORY = 5
SHORTEST_SEARCH = 12

Similar = Callable[[str, int], tuple[Summary, ...]]


@dataclass(frozen=True)
class Drafted:
    """A form as it stands, read and weighed."""

    filled: Filled
    understood: Understood
    known: Known
    weighed: Weighed


@dataclass(frozen=True)
class Drafting:
    """Answers the contract form. Reads only; every call may be repeated."""

    queries: Queries
    catalogue: Catalogue
    similar: Similar
    channels: Channels
    approvers: Approvers
    links: Links
    limits: Limits = UNLIMITED

    def draft(self, filled: Filled, person_id: str) -> Drafted:
        """Read the form over the ledger as it is now. Raises Busy where the ledger does not answer."""
        start = self._start(filled)
        understood = understand(filled, start, self._code(filled, start))
        known = self._known(filled, understood, start, person_id)
        return Drafted(filled, understood, known, weigh(filled, understood, known))

    def view(self, filled: Filled, person_id: str) -> Block:
        """The form with its hints, as it should look now."""
        drafted = self.draft(filled, person_id)
        return contract_view(
            filled,
            drafted.understood,
            drafted.weighed,
            drafted.known,
            links=self.links,
            question=self.question(filled.question),
        )

    def catalogue_for(self, filled: Filled) -> Catalogue:
        """What may be configured in a form: the catalogue with what its code bundle adds."""
        return self._code(filled, self._start(filled)).catalogue

    def _code(self, filled: Filled, start: Start | None) -> NamedCode:
        reader = CodeReader(self.queries, self.catalogue)
        return reader.named(filled.changes, start.resolved.config) if start else NamedCode(self.catalogue)

    def question(self, number: int | None) -> Question | None:
        if number is None:
            return None
        return next((q for q in self.queries.questions() if q.number == number), None)

    def _start(self, filled: Filled) -> Start | None:
        if filled.parent is None:
            return None
        try:
            experiment = self.queries.experiment(filled.parent)
        except NotFound:
            return None
        resolved = self.queries.resolved(experiment.number)
        hashes = {one.name: one.sha256 for one in self.queries.datasets()}
        return Start(experiment.number, experiment.title, resolved, hashes)

    def _known(self, filled: Filled, understood: Understood, start: Start | None, person_id: str) -> Known:
        runtime = self.queries.runtime()
        digest = understood.config_hash
        return Known(
            start=start,
            others=self._others(filled, understood, start, runtime),
            has_worker=runtime is not None,
            hosts=self.queries.hosts(),
            limits=self.limits,
            duplicates=self.queries.duplicates(digest) if digest else (),
            similar=self._similar(filled),
            history=self._history(start),
            channel_problem=self.channels.problem(filled.channel) if filled.channel else "",
            approver_problem=self._approver_problem(filled.approver, person_id),
        )

    def _similar(self, filled: Filled) -> tuple[Summary, ...]:
        text = " ".join(part for part in (filled.title, filled.objective) if part)
        return self.similar(text, SIMILAR) if len(text) >= SHORTEST_SEARCH else ()

    def _others(
        self, filled: Filled, understood: Understood, start: Start | None, runtime: Runtime | None
    ) -> Mapping[int, Other]:
        wanted = set(comparators(filled, understood))
        wanted |= {number for number in (filled.comparator, filled.parent) if number is not None}
        root = self._root(start)
        found: dict[int, Other] = {}
        for number in wanted:
            try:
                experiment = self.queries.experiment(number)
            except NotFound:
                continue
            found[number] = self._other(experiment, root, runtime)
        return found

    def _root(self, start: Start | None) -> int | None:
        return self.queries.experiment(start.number).root if start else None

    def _other(self, experiment: Experiment, root: int | None, runtime: Runtime | None) -> Other:
        return Other(
            reference=Reference(
                experiment.number, experiment.title, self.links.experiment(experiment.number)
            ),
            outcomes=outcomes(experiment.runs),
            incomparable=_incomparable(experiment, root),
            other_fingerprint=_other_program(experiment, runtime),
        )

    def _history(self, start: Start | None) -> Mapping[str, list[list[float]]]:
        """Final values by metric, one list for each experiment of the lineage that has seeds."""
        history: dict[str, list[list[float]]] = {}
        lineage = self.queries.lineage(start.number)[-HISTORY:] if start else ()
        for experiment in lineage:
            done = [seed.metrics for seed in outcomes(experiment.runs) if seed.state == "done"]
            for name in {name for metrics in done for name in metrics}:
                values = [metrics[name] for metrics in done if name in metrics]
                history.setdefault(name, []).append(values)
        return history

    def _approver_problem(self, approver_id: str | None, author_id: str) -> str:
        """Why the person who is asked to approve could not."""
        if approver_id is None:
            return ""
        if approver_id == author_id:
            return "Choose somebody else than yourself: nobody decides on their own proposal."
        try:
            policy = self.approvers.policy(approver_id)
        except GroupUnknown:
            return ""
        refusal = may_decide(author_id, author_id, approver_id, policy)
        return "This person is not one of the approvers; choose another one." if refusal else ""


def _incomparable(experiment: Experiment, root: int | None) -> str:
    if experiment.status in OPEN_EXPERIMENTS:
        return f"{experiment.key} is not approved yet; compare with an experiment that is."
    if root is not None and experiment.root != root:
        return (
            f"{experiment.key} has another yardstick (`eval`), so results cannot be compared; "
            "claim a threshold instead."
        )
    return ""


def _other_program(experiment: Experiment, runtime: Runtime | None) -> bool:
    """Whether the seeds that are there were trained with other versions than would run now."""
    if runtime is None:
        return False
    measured = [run.result.versions for run in experiment.runs if run.result is not None]
    return any(
        versions.get(name, version) != version
        for versions in measured
        for name, version in runtime.versions.items()
    )
