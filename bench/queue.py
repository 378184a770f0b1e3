"""A long queue on few slots while the host's loop and trainers are killed at random.

    python -m bench.run queue                  40 runs on 8 slots, about two minutes
    BENCH_QUEUE=full python -m bench.run queue 200 runs on 8 slots, 10 minutes and more

Real ledger (SQLite; `BENCH_POSTGRESQL` names an empty PostgreSQL database instead), real processes, real host
loop; the trainer lets time pass and proves with a lock that nobody trains the same run beside it. Every
`KILL_EVERY_S` seconds the host's loop is killed without warning and started again, or a trainer is stopped.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.figure import Figure, figure
from bench.queue_host import HOST, make_launcher
from db.ledger import Ledger
from db.lifecycle import TERMINAL_RUNS, ApprovalPolicy
from db.migrations.run import migrate
from db.queries import Queries
from db.records import Budget, DecisionKind, Intent, Person, Proposal, Run
from db.session import Database
from trainer.contract import JsonObject, RunKind
from worker.launchers.launcher import ContainerState

SLOTS = 8
KILL_EVERY_S = 10.0
LOOK_EVERY_S = 0.5
PATIENCE = 4.0
GOAL = 0.9
PEOPLE = tuple(Person(f"U{name.upper()}", name) for name in ("ana", "kai", "zoe", "mia"))
REVIEWER = Person("UREVIEWER", "reviewer")

TRAINER = """
import fcntl, json, pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
spec = json.loads((folder / "spec.json").read_text())
lasts = 0.2 if spec["kind"] == "smoke" else float((pathlib.Path(__file__).parent / "lasts").read_text())
proof = pathlib.Path(__file__).parent / "proof"
mine = (proof / spec["run"].replace("/", "-")).open("w")
try:
    fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    (proof / "doubled").write_text(spec["run"])
    raise SystemExit(1)
began = time.time()

def tell(whole):
    with (proof / "spans").open("a") as spans:
        spans.write(json.dumps([spec["run"], began, time.time(), whole]) + "\\n")

def killed(*_):
    tell(False)
    raise SystemExit(143)

signal.signal(signal.SIGTERM, killed)
time.sleep(lasts)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
done = {
    "run": spec["run"], "attempt": spec["attempt"], "exit_code": 0, "message": "", "timesteps": 1000,
    "total_timesteps": 1000, "duration_s": time.time() - began, "metrics": {"final_reward": 200.0},
    "n_eval_episodes": 100,
}
if spec["kind"] == "smoke":
    done["smoke"] = {"updates": 2, "steps_per_s": 100.0, "estimated_s": lasts, "peak_memory_mb": 1.0}
(folder / "result.json").write_text(json.dumps(done))
tell(True)
"""


@dataclass(frozen=True)
class Plan:
    """How many runs of how many seconds each."""

    runs: int
    lasts_s: float


QUICK, FULL = Plan(runs=40, lasts_s=24.0), Plan(runs=200, lasts_s=24.0)


def figures() -> list[Figure]:
    plan = FULL if os.environ.get("BENCH_QUEUE") == "full" else QUICK
    with tempfile.TemporaryDirectory() as name:
        return Drain(Path(name), plan).figures()


class Drain:
    """One queue from the first start to the last end."""

    def __init__(self, root: Path, plan: Plan) -> None:
        self._root = root
        self._plan = plan
        self._random = random.Random(7)
        package = root / "package" / "trainer"
        (package / "proof").mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text(TRAINER)
        (package / "lasts").write_text(str(plan.lasts_s))
        self._proof = package / "proof"
        url = os.environ.get("BENCH_POSTGRESQL") or f"sqlite:///{root / 'ledger.db'}"
        (root / "ledger-url").write_text(url)
        migrate(url)
        self._database = Database(url, lock_timeout_s=10)
        self._ledger = Ledger(self._database, lambda: datetime.now(UTC))
        self._queries = Queries(self._database)
        self._launcher = make_launcher(root)
        self._host: subprocess.Popen[str] | None = None
        self._kills: Counter[str] = Counter()
        self._overbooked = 0

    def figures(self) -> list[Figure]:
        try:
            self._start()
            numbers = [self._propose(n, seeds) for n, seeds in enumerate(self._shares())]
            self._drain(numbers)
            runs = [run for number in numbers for run in self._seeds(number)]
            return list(self._counted(runs))
        finally:
            self._end()

    def _shares(self) -> Iterator[int]:
        """Seeds of one experiment after the other: 10 each."""
        yield from (10 for _ in range(self._plan.runs // 10))

    def _drain(self, numbers: list[int]) -> None:
        """Kill and look until every run has ended, or too much time has passed."""
        ideal_s = self._plan.runs * self._plan.lasts_s / SLOTS
        give_up_at, kill_at = time.monotonic() + PATIENCE * ideal_s + 60, time.monotonic() + KILL_EVERY_S
        while time.monotonic() < give_up_at:
            if all(run.status in TERMINAL_RUNS for number in numbers for run in self._seeds(number)):
                return
            self._look()
            if time.monotonic() >= kill_at:
                self._kill()
                kill_at = time.monotonic() + KILL_EVERY_S
            time.sleep(LOOK_EVERY_S)

    def _look(self) -> None:
        """No more lives than there are slots, and no run twice."""
        live = self._queries.live_attempts(HOST)
        seeds = [attempt for attempt in live if "smoke" not in attempt.folder]
        doubled = len({attempt.run_id for attempt in live}) != len(live)
        self._overbooked += int(len(seeds) > SLOTS or doubled)

    def _kill(self) -> None:
        if self._random.random() < 0.5:
            assert self._host is not None
            self._host.kill()
            self._host.wait()
            self._kills["host loops"] += 1
            self._start()
            return
        running = self._running()
        if running:
            self._launcher.stop(self._random.choice(running), grace_s=60)
            self._kills["trainers"] += 1

    def _running(self) -> list[str]:
        """The handles of what trains now."""
        seen = self._launcher.list()
        return sorted(each.handle for each in seen if each.state is ContainerState.RUNNING)

    def _counted(self, runs: list[Run]) -> Iterator[Figure]:
        stuck = [run.key for run in runs if run.status not in TERMINAL_RUNS]
        spans = [json.loads(line) for line in (self._proof / "spans").read_text().splitlines()]
        done = Counter(key for key, _, _, whole in spans if whole and "smoke" not in key)
        lost = [run.key for run in runs if run.status == "SUCCEEDED" and run.key not in done]
        doubled = (self._proof / "doubled").exists() + sum(count > 1 for count in done.values())
        killed = f"{self._kills['host loops']} host loops and {self._kills['trainers']} trainers killed"
        for name, value in (("lost", len(lost)), ("doubled", doubled), ("stuck", len(stuck))):
            yield figure(
                f"{name} of {len(runs)} runs on {SLOTS} slots, {killed}",
                value,
                "runs",
                goal="0 runs",
                holds=value == 0,
            )
        yield figure(
            "looks that saw a slot booked twice",
            self._overbooked,
            "looks",
            goal="0 looks",
            holds=not self._overbooked,
        )
        yield self._share(spans)

    def _share(self, spans: list[tuple[str, float, float, bool]]) -> Figure:
        """The seconds that were trained of those that the slots had while something waited for them."""
        trained = [(began, ended) for key, began, ended, _ in spans if "smoke" not in key]
        first, last = min(began for began, _ in trained), max(began for began, _ in trained)
        used_s = sum(min(ended, last) - began for began, ended in trained)
        share = used_s / (SLOTS * (last - first))
        return figure(
            f"of the slots' time trained in, while runs waited ({last - first:.0f} s)",
            share,
            "",
            goal=f"at least {GOAL:g}",
            holds=share >= GOAL,
        )

    def _seeds(self, number: int) -> list[Run]:
        runs = self._queries.experiment(number).runs
        return [run for run in runs if run.kind is not RunKind.SMOKE]

    def _propose(self, n: int, seeds: int) -> int:
        parent = next(row.number for row in self._queries.parents_like("ppo cartpole"))
        intent = Intent(
            title="A queue", objective="see it drained", hypothesis="it is", expected="final reward > 100"
        )
        delta: JsonObject = {"hyperparams": {"gamma": 0.9 + n / 1000}}
        author = PEOPLE[n % len(PEOPLE)]
        budget = Budget(seeds=seeds, time_limit_s=3600)
        made = self._ledger.experiments.propose(Proposal(author, parent, delta, intent, budget, "C1"))
        self._ledger.experiments.decide(
            made.number,
            revision=1,
            approval_hash=made.revision.approval_hash,
            kind=DecisionKind.APPROVE,
            decider=REVIEWER,
            policy=ApprovalPolicy(None),
        )
        return made.number

    def _start(self) -> None:
        self._host = subprocess.Popen(
            [sys.executable, "-m", "bench.queue_host", str(self._root), str(SLOTS)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._host.stdout is not None
        if self._host.stdout.readline().strip() != "ready":
            raise RuntimeError("the host did not start; its own words are above")

    def _end(self) -> None:
        if self._host is not None:
            self._host.kill()
            self._host.wait()
        for handle in self._running():
            self._launcher.stop(handle, grace_s=0)
        self._database.dispose()
