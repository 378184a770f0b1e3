"""The verbs about experiments, each one transaction."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db.ledger import conclude as concluding
from db.ledger import decisions, extensions, presets, priorities, proposals, retries
from db.ledger.transition import Act
from db.lifecycle import ApprovalPolicy
from db.limits import Limits
from db.models import ExperimentRow, RunRow
from db.queries import assemble
from db.queries.judgement import judgement
from db.records import DecisionKind, Experiment, Extension, Person, Proposal, Result, Run
from db.session import Database
from trainer.catalogue import Preset


class Experiments:
    """Verbs of `Ledger.experiments`. Any may be called twice: the second call finds the first one's work.

    All raise NotFound for a number that is not in the ledger, and Busy where nothing was saved.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime], limits: Limits) -> None:
        self._database = database
        self._clock = clock
        self._limits = limits

    def propose(self, proposal: Proposal, *, view_id: str | None = None, policy_rule: str = "") -> Experiment:
        """Write a new experiment down, and ask for its card. One view makes one experiment.

        :raises Refused: without any worker, or from a parent that may still change.
        :raises ConfigError, ExpectationError: where the delta or the claim can not be used.
        """
        submission = proposals.Submission(proposal, view_id, policy_rule, self._clock(), self._limits)
        return self._database.write_once(
            lambda session: _record(session, proposals.propose(session, submission))
        )

    def revise(
        self, number: int, proposal: Proposal, *, view_id: str | None = None, policy_rule: str = ""
    ) -> Experiment:
        """Replace what is to be signed by a new revision, while nobody has approved or rejected it.

        :raises Conflict: where somebody has. Else as `propose`.
        """
        submission = proposals.Submission(proposal, view_id, policy_rule, self._clock(), self._limits)
        return self._database.write_once(
            lambda session: _record(session, proposals.revise(session, number, submission))
        )

    def decide(
        self,
        number: int,
        *,
        revision: int,
        approval_hash: str,
        kind: DecisionKind,
        decider: Person,
        policy: ApprovalPolicy,
        reason: str = "",
    ) -> Experiment:
        """Approve, reject or request changes: one decision of a revision wins.

        :param approval_hash: what the card showed; its first 16 digits suffice.
        :raises Conflict: where somebody was first; the message names them.
        :raises Refused: on a superseded revision, a decider who may not, a failed smoke run.
        """
        ruling = decisions.Ruling(revision, approval_hash, kind, decider, reason, policy, self._clock())
        with self._database.write() as session:
            return _record(session, decisions.decide(session, number, ruling))

    def withdraw(self, number: int, actor: Person) -> Experiment:
        """Take an open proposal back.

        :raises Conflict: where it has been decided. :raises Refused: for anyone but its authors.
        """
        with self._database.write() as session:
            return _record(session, decisions.withdraw(session, number, actor, self._clock()))

    def expire(self, older_than: timedelta) -> int:
        """End proposals that nobody has answered for so long; how many there were."""
        now = self._clock()
        with self._database.read() as session:
            numbers = decisions.unanswered(session, older_than, now)
        expired = 0
        for number in numbers:
            with self._database.write() as session:
                expired += decisions.expire(session, number, older_than, now)
        return expired

    def request_stop(self, number: int, actor: Person) -> int:
        """Ask all runs that have not ended to stop; how many had not been asked before."""
        with self._database.write() as session:
            return retries.request_stop(session, number, Act.of(actor, self._clock()))

    def retry(self, number: int, label: str, actor: Person, *, resume: bool = False) -> Run:
        """One more run of a seed ("s1" -> "s1.2") or of the smoke run, under the same approval.

        :raises Refused: where the run did not fail, or (`resume`) has left no checkpoint.
        :raises Conflict: where a newer run of the seed has ended already.
        """
        with self._database.write() as session:
            act = Act.of(actor, self._clock())
            return run_record(session, retries.retry(session, number, label, act, resume=resume))

    def resume_stopped(self, number: int, actor: Person) -> int:
        """Go on with every seed that a person stopped, under the same approval; how many those are.

        :raises Refused: where there is none.
        """
        with self._database.write() as session:
            return retries.resume_stopped(session, number, Act.of(actor, self._clock()))

    def extend(
        self,
        number: int,
        *,
        extra_seeds: int,
        author: Person,
        view_id: str | None = None,
        policy_rule: str = "",
    ) -> Extension:
        """Propose more seeds, up to 5 or 10 in all, under an approval of their own.

        :raises Refused: before the first result, and for other totals.
        """
        asked = extensions.MoreSeeds(extra_seeds, author, view_id, policy_rule, self._clock())
        return self._database.write_once(
            lambda session: assemble.extension(extensions.propose(session, number, asked))
        )

    def decide_extension(
        self,
        number: int,
        *,
        extension: int,
        approval_hash: str,
        kind: DecisionKind,
        decider: Person,
        policy: ApprovalPolicy,
        reason: str = "",
    ) -> Experiment:
        """Approve or reject an extension by its n; raises as `decide`."""
        ruling = decisions.Ruling(extension, approval_hash, kind, decider, reason, policy, self._clock())
        with self._database.write() as session:
            return _record(session, extensions.decide(session, number, ruling))

    def set_priority(
        self, number: int, priority: int, actor: Person, raisers: frozenset[str] | None
    ) -> Experiment:
        """Let an experiment's runs start before others: 1, 0 (as usual) or -1. The signature stays.

        :param raisers: user ids who may raise it, None for anyone; its author may always lower it.
        :raises Refused: for others.
        """
        with self._database.write() as session:
            act = Act.of(actor, self._clock())
            return _record(session, priorities.set_priority(session, number, priority, act, raisers))

    def conclude(
        self,
        number: int,
        *,
        plot_path: str | None = None,
        plot_alt: str = "",
        sheet_path: str | None = None,
        sheet_alt: str = "",
    ) -> Result | None:
        """Compute and keep the verdict once every seed's newest run has ended.

        The same runs lead to one result, however often this is called. None while a seed is out.

        :param plot_path: where the picture lies, relative to the artifacts folder.
        :param sheet_path: likewise of the diagnostics sheet.
        """
        with self._database.read() as session:
            judged = judgement(session, number)
        if judged is None:
            return None
        plot = concluding.Plot(plot_path, plot_alt, sheet_path, sheet_alt)
        with self._database.write() as session:
            row = concluding.write_result(session, number, judged, plot, self._clock())
            return None if row is None else assemble.result(row)

    def write_conclusion(self, number: int, text: str, author: Person) -> Experiment:
        """Keep what a person concludes; it replaces what was concluded before."""
        with self._database.write() as session:
            act = Act.of(author, self._clock())
            return _record(session, concluding.write_conclusion(session, number, text.strip(), act))

    def add_tags(self, number: int, tags: Iterable[str], actor: Person) -> Experiment:
        """Add words to find the experiment by."""
        with self._database.write() as session:
            return _record(session, concluding.tag(session, number, tags, Act.of(actor, self._clock())))

    def ensure_presets(self, baselines: Iterable[Preset]) -> tuple[int, ...]:
        """Add the shipped baselines that are missing; the numbers of those that were."""
        with self._database.write() as session:
            return presets.ensure(session, baselines, self._clock())


def run_record(session: Session, row: RunRow) -> Run:
    """A run's row as a record."""
    session.flush()
    return assemble.run(row, assemble.newest_attempts(session, [row.id]).get(row.id))


def _record(session: Session, row: ExperimentRow) -> Experiment:
    return assemble.experiment(session, row)
