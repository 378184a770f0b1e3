"""A worker on a real ledger (SQLite) with a launcher, a clock and doorbells that tests are in charge of."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db.config.resolve import merge
from db.doorbell import Task
from db.ledger import Ledger
from db.lifecycle import ApprovalPolicy
from db.queries import Queries
from db.records import Budget, DecisionKind, Experiment, Intent, Person, Proposal, Run, Runtime
from db.session import Database
from trainer.contract import JsonObject, Phase, Progress, RunResult
from worker.child import Child
from worker.decide import Rules
from worker.gpus.probe import GpuProbe, NoGpus
from worker.host import HostLoop
from worker.launchers.fake import FakeLauncher
from worker.picture import PictureFailed
from worker.reconcile import Reconciler
from worker.ringer import Ringer
from worker.settings import WorkerSettings
from worker.tasks import perform
from worker.workplace import Workplace

ANA = Person("UANA", "Ana")
KAI = Person("UKAI", "Kai")
ANYBODY = ApprovalPolicy(approvers=None)
RUNTIME = Runtime("sha256:1", {"torch": "2"}, "here", "fake")
RULES = Rules()


class Clock:
    """One time for the ledger, the launcher and everybody's patience."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()

    def passes(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class RecordedDoorbell:
    """Keeps what was rung, for the test to deliver, double, delay or lose."""

    def __init__(self) -> None:
        self.rung: list[tuple[Task, int]] = []

    def ring(self, task: Task, number: int, queue: str | None = None) -> None:
        self.rung.append((task, number))

    def take(self) -> list[tuple[Task, int]]:
        rung, self.rung = self.rung, []
        return rung


class Artist:
    """Writes an empty picture; `broken` says why it cannot."""

    broken: str | None = None

    def draw(self, number: int, path: Path) -> str:
        if self.broken:
            raise PictureFailed(self.broken)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return f"picture of E-{number}"

    def draw_sheet(self, number: int, path: Path) -> str:
        self.draw(number, path)
        return f"diagnostics of E-{number}"


class NoChild(Child):
    """No Celery worker: the test delivers the doorbells itself."""

    def __init__(self) -> None:
        super().__init__(["true"])

    def supervise(self) -> None:
        """Nobody is started."""


class House:
    """`root` holds a migrated ledger.

    `step` is one pass of the host loop; `deliver` lets the doorbells that rang do their work.
    """

    def __init__(self, root: Path, *, cpu_slots: int = 2, url: str | None = None) -> None:
        self.gpus: GpuProbe = NoGpus()
        self.clock = Clock()
        self.root = root
        self.cpu_slots = cpu_slots
        self.database = Database(url or f"sqlite:///{root / 'ledger.db'}")
        self.ledger = Ledger(self.database, self.clock.now)
        self.queries = Queries(self.database)
        self.launcher: FakeLauncher = FakeLauncher(instance="test", clock=self.clock.seconds)
        self.settings = WorkerSettings(host_id="here", min_free_mb=0)
        self.bell = RecordedDoorbell()
        self.artist = Artist()
        self.restart()

    def restart(self) -> None:
        """A new host process: it remembers nothing, and takes over at once."""
        host = self.ledger.hosts.register(
            "here",
            owner="me",
            cpu_slots=self.cpu_slots,
            gpus=self.gpus.gpus(),
            runtime=RUNTIME,
            boot_id="boot",
        )
        self.work = Workplace(
            settings=self.settings,
            ledger=self.ledger,
            queries=self.queries,
            launcher=self.launcher,
            doorbell=self.bell,
            artist=self.artist,
            artifacts=self.root / "runs",
            state=self.root / "state",
            datasets=self.root / "datasets",
            instance="test",
            epoch=host.epoch,
            clock=self.clock.now,
            gpus=self.gpus,
        )
        self.work.state.mkdir(exist_ok=True)
        ringer = Ringer(self.work, self.clock.seconds)
        self.reconciler = Reconciler(self.work, ringer, RULES, self.clock.seconds)
        self.loop = HostLoop(
            self.work,
            owner="me",
            reconciler=self.reconciler,
            ringer=ringer,
            child=NoChild(),
            monotonic=self.clock.seconds,
        )

    def close(self) -> None:
        self.database.dispose()

    # The host loop and its doorbells.

    def step(self, seconds: float = 2.0) -> None:
        self.clock.passes(seconds)
        self.loop.step()

    def deliver(self, times: int = 1) -> None:
        """All that rings, and what that rings for in turn, each so many times."""
        while rung := self.bell.take():
            for task, number in rung:
                for _ in range(times):
                    perform(self.work, task, number)

    def turn(self, seconds: float = 2.0) -> None:
        self.step(seconds)
        self.deliver()

    def turns_until(self, condition: Callable[[], bool], *, seconds: float = 2.0, at_most: int = 60) -> None:
        for _ in range(at_most):
            if condition():
                return
            self.turn(seconds)
        raise AssertionError(f"not within {at_most} passes")

    # Experiments.

    def approve(
        self,
        *,
        seeds: int = 2,
        delta: JsonObject | None = None,
        budget: Budget | None = None,
        **fields: object,
    ) -> Experiment:
        """An approved child of the CartPole baseline."""
        intent = Intent(title="t", objective="o", hypothesis="h", expected="final reward > 100", **fields)  # type: ignore[arg-type]  # fields of Intent
        proposal = Proposal(
            author=ANA,
            parent=self.baseline(),
            delta=delta or {"hyperparams": {"gamma": 0.9}},
            intent=intent,
            budget=replace(budget or Budget(time_limit_s=3600), seeds=seeds),
            channel_id="C1",
        )
        proposed = self.ledger.experiments.propose(proposal)
        return self.ledger.experiments.decide(
            proposed.number,
            revision=1,
            approval_hash=proposed.revision.approval_hash,
            kind=DecisionKind.APPROVE,
            decider=KAI,
            policy=ANYBODY,
        )

    def baseline(self) -> int:
        found = self.queries.parents_like("ppo cartpole")
        return next(row.number for row in found if row.algo == "ppo" and row.env_id == "CartPole-v1")

    def pass_smoke(self, experiment: Experiment) -> None:
        self.turns_until(lambda: self.running(experiment, "smoke"))
        self.finishes(self.run(experiment, "smoke"), result={"smoke": SMOKE})
        self.turns_until(lambda: self.run(experiment, "smoke").finished_at is not None)

    def run(self, experiment: Experiment, label: str) -> Run:
        runs = self.queries.experiment(experiment.number).runs
        return next(run for run in runs if run.label == label)

    def running(self, experiment: Experiment, label: str) -> bool:
        return self.run(experiment, label).status == "RUNNING"

    def ended(self, experiment: Experiment, *labels: str) -> bool:
        return all(self.run(experiment, label).finished_at is not None for label in labels)

    # What trainers do.

    def folder(self, run: Run) -> Path:
        assert run.attempt is not None
        return self.work.artifacts / run.attempt.folder

    def handle(self, run: Run) -> str:
        assert run.attempt is not None
        assert run.attempt.handle is not None
        return run.attempt.handle

    def finishes(
        self, run: Run, code: int = 0, *, result: JsonObject | None = None, handle: str | None = None
    ) -> None:
        """It writes its result and exits. `handle`: where the ledger does not know it yet."""
        assert run.attempt is not None
        content = merge(
            {
                "run": run.key,
                "attempt": run.attempt.n,
                "exit_code": code,
                "message": "the trainer's own words",
                "timesteps": 1000,
                "total_timesteps": 1000,
                "duration_s": 1.0,
                "metrics": {"final_reward": 200.0},
                "n_eval_episodes": 100,
            },
            result or {},
        )
        RunResult.model_validate(content)
        (self.folder(run) / "result.json").write_text(json.dumps(content))
        self.launcher.exits(handle or self.handle(run), code)

    def says_progress(self, run: Run, timesteps: int) -> None:
        progress = Progress(
            phase=Phase.TRAINING,
            timesteps=timesteps,
            total_timesteps=1000,
            updated_at=self.clock.seconds(),
        )
        (self.folder(run) / "progress.json").write_text(progress.model_dump_json())


SMOKE: JsonObject = {"updates": 2, "steps_per_s": 100.0, "estimated_s": 10.0, "peak_memory_mb": 1.0}
