"""A real ledger in a temporary folder, with people, a host and a proposal to play with."""

import functools
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from db.ledger import Ledger
from db.lifecycle import TERMINAL_RUNS, ApprovalPolicy, ExitCause, RunStatus
from db.migrations.run import migrate
from db.queries import Queries
from db.records import (
    Attempt,
    Budget,
    DecisionKind,
    Experiment,
    Host,
    Intent,
    Person,
    Proposal,
    Run,
    Runtime,
)
from db.session import Database
from trainer.catalogue import load_presets
from trainer.contract import JsonObject, RunKind, RunResult, SmokeReport

ANA = Person("UANA", "Ana")
KAI = Person("UKAI", "Kai")
ZOE = Person("UZOE", "Zoe")
CHANNEL = "C0EXPERIMENTS"
HOST = "gpu-1"
RUNTIME = Runtime(digest="sha256:1", versions={"torch": "2.7"}, host_id=HOST, launcher="process")
ANYONE = ApprovalPolicy(approvers=None)
FINGERPRINT: JsonObject = {"env_id": "CartPole-v1", "hash": "f1"}
BASELINE = "ppo-cartpole"


@dataclass
class Clock:
    """A clock that only moves when it is told to."""

    now: datetime = field(default_factory=lambda: datetime(2026, 1, 5, 12, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> datetime:
        """Let so many seconds pass."""
        self.now += timedelta(seconds=seconds)
        return self.now


@dataclass
class House:
    """A ledger with its reading side and clock, and verbs that tests repeat."""

    database: Database
    clock: Clock
    ledger: Ledger
    queries: Queries
    epoch: int = 0

    def join(self, *, cpu_slots: int = 2, runtime: Runtime = RUNTIME, **more: Any) -> Host:
        """Let the host join (again)."""
        host = self.ledger.hosts.register(
            HOST, owner="test", cpu_slots=cpu_slots, runtime=runtime, boot_id="boot", lease_s=30, **more
        )
        self.epoch = host.epoch
        return host

    def propose(self, **changes: Any) -> Experiment:
        """Propose a child of the CartPole baseline; arguments as for `proposal`."""
        return self.ledger.experiments.propose(self.proposal(**changes))

    def proposal(self, **changes: Any) -> Proposal:
        return proposal(changes.pop("parent", self.baseline()), **changes)

    def baseline(self, name: str = BASELINE) -> int:
        """The number of a shipped baseline."""
        title = next(preset.title for preset in load_presets() if preset.name == name)
        return next(line.number for line in self.queries.parents_like(name) if line.title == title)

    def decide(
        self,
        number: int,
        kind: DecisionKind = DecisionKind.APPROVE,
        by: Person = ANA,
        policy: ApprovalPolicy = ANYONE,
    ) -> Experiment:
        """Decide on the newest revision, as a click on its card would."""
        revision = self.queries.experiment(number).revision
        return self.ledger.experiments.decide(
            number,
            revision=revision.n,
            approval_hash=revision.approval_hash[:16],
            kind=kind,
            decider=by,
            policy=policy,
        )

    def approved(self, *, smoke: bool = True, **changes: Any) -> Experiment:
        """Propose, approve and (`smoke`) let the smoke run pass."""
        number = self.propose(**changes).number
        self.decide(number)
        if smoke:
            self.pass_smoke(number)
        return self.queries.experiment(number)

    def pass_smoke(self, number: int) -> Run:
        """Let the queued smoke run of an experiment succeed."""
        run = next(
            run for run in self.queries.queue() if run.experiment == number and run.kind is RunKind.SMOKE
        )
        return self.finish(run, smoke=True)

    def reserve(self) -> tuple[Attempt, ...]:
        return self.ledger.runs.reserve(HOST, self.epoch)

    def start(self, run: Run) -> Attempt:
        """Bring a QUEUED run to RUNNING."""
        live = {attempt.run_id: attempt for attempt in (*self.queries.live_attempts(HOST), *self.reserve())}
        attempt = live[run.id]
        self.ledger.runs.attempt_created(attempt.id, f"handle-{attempt.id}", self.epoch)
        return self.ledger.runs.attempt_started(
            attempt.id, boot_id="boot", started_at=self.clock(), epoch=self.epoch
        )

    def end(self, attempt: Attempt, exit_code: int = 0) -> Attempt:
        """The process has ended: the run waits for the finalizer, the slots are free."""
        ended = self.ledger.runs.attempt_exited(
            attempt.id, exit_code=exit_code, finished_at=self.clock(), epoch=self.epoch
        )
        self.ledger.runs.free_slots(attempt.id, self.epoch)
        return ended

    def finish(
        self,
        run: Run,
        *,
        status: RunStatus = RunStatus.SUCCEEDED,
        cause: ExitCause = ExitCause.FINISHED,
        metrics: Mapping[str, float] | None = None,
        smoke: bool = False,
        fingerprint: JsonObject | None = None,
        **more: Any,
    ) -> Run:
        """Bring a QUEUED run to its end."""
        attempt = self.start(run)
        self.end(attempt, exit_code=0 if status is RunStatus.SUCCEEDED else 1)
        outcome = None
        if status is RunStatus.SUCCEEDED:
            outcome = result(run, attempt.n, metrics=metrics, smoke=smoke, fingerprint=fingerprint)
        return self.ledger.runs.finish(
            run.id, status=status, cause=cause, result=outcome, message=more.pop("message", "said"), **more
        )

    def finish_all(self, number: int, metrics: Mapping[str, float] | None = None) -> Experiment:
        """Let every run of an experiment that is still to come succeed."""
        for run in self.queries.experiment(number).runs:
            if run.status not in TERMINAL_RUNS:
                self.finish(run, metrics=metrics, smoke=run.kind is RunKind.SMOKE)
        return self.queries.experiment(number)


def proposal(parent: int, **changes: Any) -> Proposal:
    """A filled form by Kai. Fields of the intent and of the budget may be given by their names."""
    intent = Intent(
        title="Smoother turns",
        objective="Reduce oscillation",
        hypothesis="A penalty on changing the action smooths it",
        expected="final reward > 450",
    )
    budget = Budget(seeds=2, time_limit_s=600)
    made = Proposal(
        author=KAI,
        parent=parent,
        delta={"reward": {"action_change_penalty": 0.5}},
        intent=replace(intent, **_of(intent, changes)),
        budget=replace(budget, **_of(budget, changes)),
        channel_id=CHANNEL,
    )
    return replace(made, **changes)


def result(
    run: Run,
    attempt: int = 1,
    *,
    metrics: Mapping[str, float] | None = None,
    smoke: bool = False,
    fingerprint: JsonObject | None = None,
) -> RunResult:
    """What a trainer that succeeded wrote."""
    report = SmokeReport(updates=2, steps_per_s=1900.0, estimated_s=55.0, peak_memory_mb=300.0)
    return RunResult(
        run=run.key,
        attempt=attempt,
        exit_code=0,
        message="",
        timesteps=1000,
        total_timesteps=1000,
        duration_s=1.0,
        metrics={} if smoke else dict(metrics or {"final_reward": 500.0, "oscillation": 0.1}),
        n_eval_episodes=0 if smoke else 100,
        smoke=report if smoke else None,
        checkpoint="checkpoints/1000",
        checkpoint_sha256="ab" * 32,
        fingerprint=fingerprint or FINGERPRINT,
    )


def make_house(
    folder: Path, *, cpu_slots: int = 2, url: str | None = None, again: Database | None = None
) -> House:
    """A ledger with the shipped baselines and one host that has joined.

    On SQLite in `folder`, copied from a ledger that was migrated once; elsewhere at `url`, migrated.
    `again` is the database of an earlier house in the same folder: it starts anew, but knows its
    statements already.
    """
    if url is None:
        path = folder / "ledger.db"
        if again is not None:
            again.dispose()
            for rest in folder.glob("ledger.db-*"):
                rest.unlink()
        shutil.copy(_migrated(), path)
        url = f"sqlite:///{path}"
    elif again is None:
        migrate(url)
    database, clock = again or Database(url, lock_timeout_s=10), Clock()
    house = House(database, clock, Ledger(database, clock), Queries(database))
    house.join(cpu_slots=cpu_slots)
    return house


def make_ledger(folder: Path) -> Ledger:
    """Only the verbs of `make_house`."""
    return make_house(folder).ledger


@functools.cache
def _migrated() -> Path:
    """A migrated ledger to copy; one per test process."""
    folder = tempfile.TemporaryDirectory(prefix="signoff-tests-")
    _KEPT.append(folder)
    path = Path(folder.name) / "ledger.db"
    migrate(f"sqlite:///{path}")
    return path


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def _of(record: object, changes: dict[str, Any]) -> dict[str, Any]:
    names = [name for name in changes if hasattr(record, name)]
    return {name: changes.pop(name) for name in names}
