"""A whole worker as people run it: real ledger, real doorbells, `python -m worker`, real training."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from db.doorbell import Doorbell, Task, host_queue, make_app
from db.ledger import Ledger
from db.lifecycle import ApprovalPolicy, RunStatus
from db.migrations.run import migrate
from db.queries import Queries
from db.records import Budget, DecisionKind, Experiment, Intent, Person, Proposal, Run
from db.session import Database
from db.settings import LedgerSettings
from trainer.contract import JsonObject
from worker.launchers import shim

ANA = Person("UANA", "Ana")
KAI = Person("UKAI", "Kai")
HOST = "testhost"
POLL_S = 0.1


class Premises:
    """`worker` is the host loop's process; runs survive it, and `close` ends them."""

    def __init__(
        self, root: Path, *, database_url: str | None = None, broker_url: str | None = None, **settings: str
    ) -> None:
        """Ledger and broker lie in `root` unless their URLs are given."""
        self.root = root
        self.shared = LedgerSettings(data_dir=root, database_url=database_url, broker_url=broker_url)
        migrate(self.shared.ledger_url)
        self.database = Database(self.shared.ledger_url, lock_timeout_s=10)
        self.ledger = Ledger(self.database, lambda: datetime.now(UTC))
        self.queries = Queries(self.database)
        self.bell = Doorbell(make_app(self.shared))
        self.settings = settings
        self.said = ""
        self.worker: subprocess.Popen[str] | None = None

    def start(self) -> None:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SIGNOFF_")},
            "SIGNOFF_DATA_DIR": str(self.root),
            "SIGNOFF_HOST_ID": HOST,
            "SIGNOFF_CPU_SLOTS": "2",
            "SIGNOFF_PASS_S": "0.5",
            "SIGNOFF_SETTLE_S": "2",
            "SIGNOFF_MIN_FREE_MB": "1",
            "SIGNOFF_DATABASE_URL": self.shared.database_url or "",
            "SIGNOFF_BROKER_URL": self.shared.broker_url or "",
            **self.settings,
        }
        with (self.root / "worker.log").open("a") as log:
            self.worker = subprocess.Popen(
                [sys.executable, "-m", "worker"],
                env=environment,
                cwd=self.root,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.worker.stdout is not None
        line = self.worker.stdout.readline().strip()
        assert line == f"worker ready {HOST}", (line, self.log())

    def kill_host_loop(self) -> None:
        assert self.worker is not None
        self.worker.kill()
        self.worker.wait()
        assert self.worker.stdout is not None
        self.worker.stdout.close()
        self.worker = None

    def kill_celery(self) -> int:
        """SIGKILL to the Celery worker and its pool, whoever works there."""
        child = self._celery()
        os.killpg(child, signal.SIGKILL)
        return child

    def pause_celery(self) -> None:
        os.killpg(self._celery(), signal.SIGSTOP)

    def continue_celery(self) -> None:
        os.killpg(self._celery(), signal.SIGCONT)

    def _celery(self) -> int:
        self.wait_for(lambda: self.celery_id() is not None, what="the Celery worker")
        found = self.celery_id()
        assert found is not None
        return found

    def celery_id(self) -> int | None:
        """The Celery worker's process, which leads its group; None while there is none."""
        assert self.worker is not None
        listed = subprocess.run(
            ["ps", "-A", "-o", "ppid=,pid=,args="],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        for line in listed.splitlines():
            parent, process, *rest = line.split()
            if parent == str(self.worker.pid) and "--doorbells" in rest:
                return int(process)
        return None

    def end(self) -> int:
        """SIGTERM, as `signoff up` or systemd would; returns the exit code."""
        assert self.worker is not None
        self.worker.terminate()
        said, _ = self.worker.communicate(timeout=30)
        code, self.worker = self.worker.returncode, None
        self.said = said
        return code

    def close(self) -> None:
        if self.worker is not None:
            self.kill_host_loop()
        for entry in (self.root / "hosts" / HOST / "processes").glob("*"):
            group = shim.read_group(entry)
            if group is not None and _is_trainer(group.group_id, self.root):
                os.killpg(group.group_id, signal.SIGKILL)
        self.database.dispose()

    def log(self) -> str:
        return (self.root / "worker.log").read_text()

    def wait_for(self, condition: Callable[[], bool], *, what: str, deadline_s: float = 90.0) -> None:
        give_up_at = time.monotonic() + deadline_s
        while not condition():
            assert time.monotonic() < give_up_at, f"not within {deadline_s} s: {what}\n{self.log()[-6000:]}"
            time.sleep(POLL_S)

    def approve(self, *, seeds: int = 2, steps: int = 512) -> Experiment:
        """A child of the CartPole baseline, approved by somebody else, and rung for."""
        delta: JsonObject = {"total_timesteps": steps}
        intent = Intent(
            title="Shorter", objective="see it run", hypothesis="it runs", expected="final reward > 400"
        )
        budget = Budget(seeds=seeds, time_limit_s=600)
        proposal = Proposal(ANA, self.baseline(), delta, intent, budget, channel_id="C1")
        self.wait_for(lambda: self.queries.runtime() is not None, what="a worker joins")
        proposed = self.ledger.experiments.propose(proposal)
        approved = self.ledger.experiments.decide(
            proposed.number,
            revision=1,
            approval_hash=proposed.revision.approval_hash,
            kind=DecisionKind.APPROVE,
            decider=KAI,
            policy=ApprovalPolicy(approvers=None),
        )
        self.bell.ring(Task.SCHEDULE, 0)
        return approved

    def baseline(self) -> int:
        found = self.queries.parents_like("ppo cartpole")
        return next(row.number for row in found if row.algo == "ppo" and row.env_id == "CartPole-v1")

    def run(self, experiment: Experiment, label: str) -> Run:
        runs = self.queries.experiment(experiment.number).runs
        return next(run for run in runs if run.label == label)

    def steps(self, experiment: Experiment, label: str) -> int:
        """How far a running seed has come, by what the ledger knows."""
        run = self.run(experiment, label)
        return run.progress.timesteps if run.status is RunStatus.RUNNING and run.progress else 0

    def concluded(self, experiment: Experiment, n: int = 1) -> bool:
        return len(self.queries.experiment(experiment.number).results) >= n

    def folder(self, run: Run) -> Path:
        assert run.attempt is not None
        return self.shared.artifacts_folder / run.attempt.folder

    def ring_everything(self, number: int, run: Run, *, times: int) -> None:
        for _ in range(times):
            self.bell.ring(Task.SCHEDULE, 0)
            self.bell.ring(Task.FINALIZE, run.id)
            self.bell.ring(Task.CONCLUDE, number)
            if run.attempt is not None:
                self.bell.ring(Task.LAUNCH, run.attempt.id, queue=host_queue(HOST))

    def attempt(self, experiment: Experiment, label: str) -> int:
        run = self.run(experiment, label)
        return 0 if run.attempt is None else run.attempt.n

    def flags(self) -> tuple[str, ...]:
        """What this host says is wrong."""
        return next(host.flags for host in self.queries.hosts() if host.id == HOST)

    def all_slots_free(self) -> bool:
        return not any(slot.owner_attempt_id for slot in self.queries.slots(HOST))

    def messages(self) -> list[Path]:
        """The doorbells that nobody has heard yet."""
        return list((self.shared.broker_folder / "messages").glob("*.msg"))

    def no_messages(self) -> bool:
        return not self.messages()

    def about(self, message: Path) -> str | None:
        """The task that a doorbell rings for; None where it has just been heard."""
        try:
            return str(json.loads(message.read_text())["headers"]["task"])
        except FileNotFoundError:
            return None

    def pid(self, run: Run) -> int:
        assert run.attempt is not None
        assert run.attempt.handle is not None
        entry = self.root / "hosts" / HOST / "processes" / run.attempt.handle
        group = shim.read_group(entry)
        assert group is not None
        return group.group_id


def _is_trainer(process: int, root: Path) -> bool:
    """Whether the process is still one of ours: its number may have been given to another."""
    listed = subprocess.run(
        ["ps", "-o", "args=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return str(root) in listed.stdout
