"""Gathers from the ledger what a card shows, and draws it. Reads only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot import queues
from bot.bundles import CodeDiffs
from bot.curves import Curves
from bot.messages import (
    alert,
    conclusion,
    decision,
    extension,
    failure,
    interrupted,
    proposal,
    result,
    show,
    status,
)
from bot.messages import curves as curve_message
from bot.messages.code import CodeChange, spoken
from bot.messages.facts import (
    Facts,
    FailureFacts,
    Links,
    ProposalFacts,
    Reference,
    ResultFacts,
    StatusFacts,
)
from bot.messages.message import Message
from db.claims import Claims, read_claims
from db.config.diff import diff, flat
from db.errors import ConfigError, ExpectationError, NotFound
from db.expectation import echo, metric_name
from db.lifecycle import RunStatus
from db.limits import UNLIMITED, Limits
from db.queries import Queries
from db.records import Experiment, OutboxKind, OutboxRow, Run, Undelivered
from db.verdict import Plan, Verdict, warnings


@dataclass(frozen=True)
class Cards:
    """`curves` reads what runs have written so far; `links` lead to the pages and to Slack."""

    queries: Queries
    curves: Curves
    links: Links
    clock: Callable[[], datetime]
    code: CodeDiffs | None = None
    limits: Limits = UNLIMITED

    def message(self, row: OutboxRow, picture_id: str | None, picture_note: str) -> Message:
        """The outbox row's message as the ledger is now. Raises NotFound where its subject is gone."""
        if row.kind is OutboxKind.ALERT:
            return alert.render(self.undelivered())
        facts = self.facts(self.queries.experiment(row.experiment))
        if row.kind is OutboxKind.RESULT:
            return result.render(self._result(facts, row, picture_id, picture_note))
        draw = self._draws.get(row.kind)
        if draw is None:
            raise NotFound(f"{row.key} is a file, not a message")
        return draw(facts, row)

    @property
    def _draws(self) -> Mapping[OutboxKind, Callable[[Facts, OutboxRow], Message]]:
        return {
            OutboxKind.PROPOSAL: lambda facts, _: proposal.render(self._proposal(facts)),
            OutboxKind.STATUS: lambda facts, _: status.render(self._status(facts)),
            OutboxKind.DECISION: self._decision,
            OutboxKind.FAILURE: self._failure,
            OutboxKind.CONCLUSION: lambda facts, _: conclusion.render(facts),
            OutboxKind.EXTENSION: self._extension,
            OutboxKind.RESUMED: lambda _, row: self._resumed(row),
            OutboxKind.STALLED: self._stalled,
        }

    def undelivered(self) -> tuple[Undelivered, ...]:
        """The messages to channels that somebody has to do something about."""
        held = self.queries.outbox_health(self.clock()).undelivered
        return tuple(each for each in held if not each.key.startswith(alert.PREFIX))

    def show(self, number: int) -> Message:
        """The contract, where it stands and what came out, for one person. Raises NotFound."""
        experiment = self.queries.experiment(number)
        verdict = Verdict.from_json(experiment.results[-1].verdict) if experiment.results else None
        return show.render(self._proposal(self.facts(experiment)), verdict)

    def queue(self) -> Message:
        """What runs on which host, and what waits."""
        return queues.message(self.queries, self.limits, self.clock())

    def load(self) -> tuple[int, int]:
        """How many runs are in flight, and how many wait."""
        return len(self.queries.active_runs()), len(self.queries.queue())

    def curves_now(self, number: int) -> Message:
        """The interim values so far, by seed, as a small drawing in text."""
        facts = self.facts(self.queries.experiment(number))
        drawn = [(run.label, self.curves.of(run, facts.metric)) for run in facts.experiment.runs]
        return curve_message.render(facts, [(label, curve) for label, curve in drawn if curve])

    def facts(self, experiment: Experiment) -> Facts:
        """What every card needs."""
        base = Facts(experiment=experiment, now=self.clock(), links=self.links)
        if experiment.parent is None:
            return base
        parent = self.queries.experiment(experiment.parent)
        before = self.queries.resolved(parent.number)
        claims = _claims(experiment)
        episodes = _episodes(experiment)
        seeds = experiment.revision.budget.seeds
        intent = experiment.revision.intent
        changes = flat(diff(before.config, experiment.revision.config))
        compares = claims is not None and (claims.compared or intent.run_alongside)
        other = claims.alongside if claims and compares else intent.comparator
        return Facts(
            experiment=experiment,
            now=base.now,
            links=self.links,
            parent=self._reference(parent.number),
            comparator=self._reference(other) if other else None,
            changes=spoken(changes, self.code_change(experiment)),
            origins={".".join(path): key for path, key in before.provenance.items()},
            understood=echo(claims.expectation, seeds, episodes) if claims else "",
            guards_understood=echo(claims.guards, seeds, episodes) if claims and claims.guards else "",
            warnings=_warnings(experiment, claims) if claims else (),
            metric=metric_name(claims.expectation.claims[0]) if claims else "final_reward",
        )

    def code_change(self, experiment: Experiment) -> CodeChange | None:
        """What differs from the parent's code bundle; None where both run the same."""
        if self.code is None or experiment.parent is None:
            return None
        before = self.queries.experiment(experiment.parent).revision.config
        return self.code.between(before, experiment.revision.config)

    def _reference(self, number: int) -> Reference:
        try:
            title = self.queries.experiment(number).title
        except NotFound:
            title = "not in the ledger"
        return Reference(number, title, self.links.experiment(number))

    def _proposal(self, facts: Facts) -> ProposalFacts:
        experiment = facts.experiment
        asked = experiment.revision.intent.question
        question = next((q for q in self.queries.questions() if q.number == asked), None) if asked else None
        same = self.queries.duplicates(experiment.revision.config_hash)
        earlier = tuple(other for other in same if other.number < experiment.number)
        return ProposalFacts(facts, question=question, duplicates=earlier, code=self.code_change(experiment))

    def _status(self, facts: Facts) -> StatusFacts:
        waiting = {run.id for run in facts.experiment.runs if run.status is RunStatus.QUEUED}
        if not waiting:
            return StatusFacts(facts)
        queue = self.queries.queue()
        positions = {run.id: place for place, run in enumerate(queue, 1) if run.id in waiting}
        return StatusFacts(
            facts,
            positions=positions,
            holders=queues.holders(self.queries, facts.experiment),
            hostless=self.queries.hostless_runs() & waiting,
        )

    def _result(self, facts: Facts, row: OutboxRow, picture_id: str | None, picture_note: str) -> ResultFacts:
        found = next((made for made in facts.experiment.results if made.n == row.n), None)
        if found is None:
            raise NotFound(f"{row.key}: the ledger has no such result")
        verdict = Verdict.from_json(found.verdict)
        return ResultFacts(facts, found, verdict, file_id=picture_id, picture_note=picture_note)

    def _decision(self, facts: Facts, row: OutboxRow) -> Message:
        made = [decided for decided in facts.experiment.decisions if decided.revision == row.n]
        if not made:
            raise NotFound(f"{row.key}: the ledger has no such decision")
        return decision.render(facts, made[-1])

    def _failure(self, facts: Facts, row: OutboxRow) -> Message:
        return failure.render(FailureFacts(facts, self._run(row)))

    def _resumed(self, row: OutboxRow) -> Message:
        run = self._run(row)
        history = self.queries.events(row.experiment)
        told = (event.payload for event in history if event.kind == "run.queued")
        lost = next((one for one in told if (one.get("run"), one.get("resumed")) == (run.label, row.n)), {})
        return interrupted.resumed(run, row.n, lost)

    def _stalled(self, facts: Facts, row: OutboxRow) -> Message:
        return interrupted.stalled(facts, self._run(row))

    def _run(self, row: OutboxRow) -> Run:
        if row.run_id is None:
            raise NotFound(f"{row.key} names no run")
        return self.queries.run(row.run_id)

    def _extension(self, facts: Facts, row: OutboxRow) -> Message:
        found = next((asked for asked in facts.experiment.extensions if asked.n == row.n), None)
        if found is None:
            raise NotFound(f"{row.key}: the ledger has no such extension")
        return extension.render(facts, found)


def _claims(experiment: Experiment) -> Claims | None:
    """The contract's claims; None for what was imported with a claim outside of the grammar."""
    assert experiment.parent is not None
    try:
        return read_claims(experiment.revision.intent, experiment.revision.config, experiment.parent)
    except (ExpectationError, ConfigError):
        return None


def _warnings(experiment: Experiment, claims: Claims) -> tuple[str, ...]:
    """What whoever decides should know: too few seeds for a verdict, claims that assume something."""
    total = experiment.revision.config.get("total_timesteps")
    return warnings(
        Plan(
            expectation=claims.expectation,
            seeds=experiment.revision.budget.seeds,
            guards=claims.guards,
            alongside=True,  # what the comparator has by now is for the form to say
            total_timesteps=total if isinstance(total, int) else None,
        )
    )


def _episodes(experiment: Experiment) -> int | None:
    yardstick = experiment.revision.config.get("eval")
    episodes = yardstick.get("n_eval_episodes") if isinstance(yardstick, dict) else None
    return episodes if isinstance(episodes, int) else None
