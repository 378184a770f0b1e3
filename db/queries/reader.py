"""What can be asked of the ledger. Each question is one reading transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import case, select

from db.audit import History
from db.config.resolve import Resolved, Step, resolve
from db.errors import NotFound
from db.lifecycle import LIVE_ATTEMPTS, RunStatus
from db.models import (
    AttemptRow,
    EventRow,
    ExperimentRow,
    HostRow,
    OutboxEntry,
    QuestionRow,
    RevisionRow,
    RunRow,
    RuntimeRow,
    SlotRow,
)
from db.queries import assemble, code, datasets, history, judgement, lists, machines, sending
from db.records import (
    Attempt,
    Bundle,
    Dataset,
    Description,
    Event,
    Experiment,
    Holding,
    Host,
    OutboxHealth,
    Question,
    Revision,
    Run,
    Runtime,
    Slot,
    Summary,
)
from db.session import Database
from db.verdict import SeedOutcome, Verdict
from trainer.contract import RunKind

_NAME_CHARS = 16


class Queries:
    """Questions to the ledger. Numbers and ids that are not there raise NotFound."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def experiment(self, number: int) -> Experiment:
        """An experiment with its runs, decisions, results and what people wrote."""
        with self._database.read() as session:
            return judgement.experiment_of(session, number)

    def experiments(self, numbers: Sequence[int]) -> tuple[Experiment, ...]:
        """Several experiments at once, by number; unknown numbers are left out."""
        with self._database.read() as session:
            wanted = select(ExperimentRow).where(ExperimentRow.number.in_(numbers))
            rows = session.scalars(wanted.order_by(ExperimentRow.number)).all()
            return assemble.experiments(session, rows)

    def revision(self, number: int, n: int) -> Revision:
        """One revision, superseded ones too."""
        with self._database.read() as session:
            same = (RevisionRow.experiment == number) & (RevisionRow.n == n)
            row = session.scalars(select(RevisionRow).where(same)).one_or_none()
            if row is None:
                raise NotFound(f"revision {n} of E-{number} is not in the ledger")
            return assemble.revision(row)

    def run(self, run_id: int) -> Run:
        """A run with its newest attempt."""
        with self._database.read() as session:
            row = session.get(RunRow, run_id)
            if row is None:
                raise NotFound(f"run {run_id} is not in the ledger")
            return assemble.run(row, assemble.newest_attempts(session, [run_id]).get(run_id))

    def attempt(self, attempt_id: int) -> Attempt:
        with self._database.read() as session:
            row = session.get(AttemptRow, attempt_id)
            if row is None:
                raise NotFound(f"attempt {attempt_id} is not in the ledger")
            return assemble.attempt(row)

    def lineage(self, number: int) -> tuple[Experiment, ...]:
        """The experiment and its ancestors, root first."""
        with self._database.read() as session:
            return assemble.experiments(session, lists.lineage(session, number))

    def resolved(self, number: int) -> Resolved:
        """The config with, for each leaf, the experiment that set it."""
        with self._database.read() as session:
            rows = lists.lineage(session, number)
            deltas = lists.deltas(session, [row.number for row in rows])
        return resolve([Step(f"E-{row.number}", deltas[row.number]) for row in rows])

    def children(self, number: int, limit: int = 100) -> tuple[Summary, ...]:
        """The experiments that start from this one, oldest first; of many the newest."""
        with self._database.read() as session:
            return lists.children(session, number, limit)

    def recent(self, limit: int = 20) -> tuple[Summary, ...]:
        """The newest experiments of people, newest first; without the shipped baselines."""
        with self._database.read() as session:
            return lists.recent(session, limit)

    def parents_like(self, text: str, limit: int = 100) -> tuple[Summary, ...]:
        """What one may start from: those with all words in number, title, algorithm, environment,
        author or tags. Those of people first, the newest before others; then baselines as they are shipped.
        """
        with self._database.read() as session:
            return lists.parents_like(session, text, limit)

    def duplicates(self, config_hash: str) -> tuple[Summary, ...]:
        """The experiments whose newest revision has exactly this config, oldest first."""
        with self._database.read() as session:
            return lists.duplicates(session, config_hash)

    def pending_for(self, user_id: str, limit: int = 20) -> tuple[Summary, ...]:
        """Open proposals that somebody else than this person wrote, oldest first."""
        with self._database.read() as session:
            return lists.pending_for(session, user_id, limit)

    def queue(self) -> tuple[Run, ...]:
        """The QUEUED runs in the order in which they will start."""
        with self._database.read() as session:
            waiting = select(RunRow).where(RunRow.status == RunStatus.QUEUED)
            is_seed = case((RunRow.kind == RunKind.SMOKE, 0), else_=1)
            waiting = waiting.order_by(is_seed, RunRow.priority.desc(), RunRow.id)
            return lists.runs(session, session.scalars(waiting).all())

    def has_queue(self) -> bool:
        """Whether any run is QUEUED."""
        with self._database.read() as session:
            waiting = select(RunRow.id).where(RunRow.status == RunStatus.QUEUED).limit(1)
            return session.scalars(waiting).first() is not None

    def holdings(self) -> tuple[Holding, ...]:
        """Which run holds which slots now, for whom."""
        with self._database.read() as session:
            return machines.holdings(session)

    def hostless_runs(self) -> frozenset[int]:
        """The ids of QUEUED runs whose signed program no host has any more, such as after an upgrade."""
        offered = select(HostRow.runtime).where(HostRow.runtime.is_not(None), HostRow.dead_by.is_(None))
        with self._database.read() as session:
            statement = select(RunRow.id).where(
                RunRow.status == RunStatus.QUEUED, RunRow.runtime.not_in(offered)
            )
            return frozenset(session.scalars(statement))

    def active_runs(self) -> tuple[Run, ...]:
        """The runs that hold slots or wait for their finalizer."""
        moving = (RunStatus.STARTING, RunStatus.RUNNING, RunStatus.FINALIZING)
        with self._database.read() as session:
            statement = select(RunRow).where(RunRow.status.in_(moving)).order_by(RunRow.id)
            return lists.runs(session, session.scalars(statement).all())

    def undelivered(self, limit: int = 20) -> tuple[tuple[str, str], ...]:
        """Slack messages that wait for something to be mended, or never arrived: key and why."""
        with self._database.read() as session:
            statement = select(OutboxEntry.key, OutboxEntry.error).where(OutboxEntry.error != "")
            rows = session.execute(statement.order_by(OutboxEntry.id).limit(limit)).all()
            return tuple((row.key, row.error) for row in rows)

    def outbox_health(self, now: datetime) -> OutboxHealth:
        """How the sending to Slack goes: what waits, what is held up and why, and who sends."""
        with self._database.read() as session:
            return sending.outbox_health(session, now)

    def hosts(self) -> tuple[Host, ...]:
        with self._database.read() as session:
            return lists.hosts(session)

    def slots(self, host_id: str) -> tuple[Slot, ...]:
        """The slots that a host offers, and those that it no longer offers but that are still held."""
        with self._database.read() as session:
            offered = SlotRow.retired_at.is_(None) | SlotRow.owner_attempt_id.is_not(None)
            statement = select(SlotRow).where(SlotRow.host_id == host_id, offered)
            return tuple(machines.slot(row) for row in session.scalars(statement.order_by(SlotRow.id)))

    def live_attempts(self, host_id: str) -> tuple[Attempt, ...]:
        """The attempts of a host that have not ended as far as the ledger knows."""
        with self._database.read() as session:
            live = (AttemptRow.host_id == host_id) & AttemptRow.status.in_(LIVE_ATTEMPTS)
            rows = session.scalars(select(AttemptRow).where(live).order_by(AttemptRow.id))
            return tuple(assemble.attempt(row) for row in rows)

    def newest_folders(self, limit: int) -> tuple[str, ...]:
        """The run folders of the newest attempts, relative to the artifacts folder."""
        with self._database.read() as session:
            statement = select(AttemptRow.folder).order_by(AttemptRow.id.desc()).limit(limit)
            return tuple(session.scalars(statement))

    def ledger_name(self) -> str:
        """What tells this ledger from others, across backups and exports: of its first event's hash."""
        with self._database.read() as session:
            oldest = select(EventRow.hash).order_by(EventRow.experiment, EventRow.seq).limit(1)
            digest = session.scalars(oldest).one_or_none()
        if digest is None:
            raise NotFound("the ledger has no baselines yet; run `signoff migrate`")
        return digest[:_NAME_CHARS]

    def runtime(self) -> Runtime | None:
        """What the host that joined last can run: a proposal made now is signed for it."""
        with self._database.read() as session:
            row = session.scalars(select(RuntimeRow).order_by(RuntimeRow.newest_at.desc())).first()
            return None if row is None else assemble.runtime(row)

    def runtime_of(self, run_id: int) -> Runtime:
        """What a run was signed for: its image, the commit and the versions of packages."""
        with self._database.read() as session:
            key = session.get_one(RunRow, run_id).runtime
            return assemble.runtime(session.get_one(RuntimeRow, key))

    def bundle(self, reference: str) -> Bundle:
        """The code bundle that somebody names; raises CodeRefused, saying which there are."""
        with self._database.read() as session:
            return code.find(session, reference)

    def bundles(self, limit: int = 20) -> tuple[Bundle, ...]:
        """The newest pushes first."""
        with self._database.read() as session:
            return code.newest(session, limit)

    def description(self, sha256: str) -> Description | None:
        """What the runtime that would run it found in a bundle; None where it has not looked yet."""
        with self._database.read() as session:
            key = session.scalars(select(RuntimeRow.key).order_by(RuntimeRow.newest_at.desc())).first()
            return None if key is None else code.description(session, sha256, key)

    def undescribed(self, host_id: str) -> tuple[tuple[str, str], ...]:
        """The bundles that a host's trainer has not looked at, newest first, each with the runtime's key."""
        with self._database.read() as session:
            return code.undescribed(session, host_id)

    def datasets(self) -> tuple[Dataset, ...]:
        """All registered datasets, by name."""
        with self._database.read() as session:
            return datasets.registered(session)

    def questions(self) -> tuple[Question, ...]:
        """All questions, newest first."""
        with self._database.read() as session:
            rows = session.scalars(select(QuestionRow).order_by(QuestionRow.number.desc()))
            return tuple(assemble.question(row) for row in rows)

    def events(self, number: int) -> tuple[Event, ...]:
        """An experiment's history, in order."""
        with self._database.read() as session:
            judgement.row_of(session, number)
            rows = session.scalars(
                select(EventRow).where(EventRow.experiment == number).order_by(EventRow.seq)
            )
            return tuple(assemble.event(row) for row in rows)

    def history(self, number: int) -> History:
        """An experiment's events with what they vouch for, of one moment; also where its row is gone."""
        with self._database.read() as session:
            return history.history(session, number)

    def recorded(self) -> tuple[int, ...]:
        """The numbers of all experiments that have a row or an event."""
        with self._database.read() as session:
            both = select(ExperimentRow.number).union(select(EventRow.experiment))
            return tuple(sorted(session.scalars(both)))

    def seed_outcomes(self, number: int) -> tuple[SeedOutcome, ...]:
        """An experiment's own seeds as a verdict takes them, by the run of each that counts."""
        with self._database.read() as session:
            return judgement.own_outcomes(session, number)

    def comparators(self, number: int) -> Mapping[int, tuple[Run, ...]]:
        """For each experiment that this one compares with (its parent, where it claims no comparison):
        the runs that stand for it, those alongside where there are some.
        """
        with self._database.read() as session:
            return judgement.comparators(session, number)

    def comparator_outcomes(self, number: int) -> Mapping[int, tuple[SeedOutcome, ...]]:
        """The seeds of each comparator as a verdict takes them."""
        with self._database.read() as session:
            return judgement.comparator_seeds(session, number)

    def verdict(self, number: int) -> Verdict | None:
        """The verdict that `conclude` would keep now; None while a seed is out."""
        with self._database.read() as session:
            judged = judgement.judgement(session, number)
            return None if judged is None else judged.verdict
