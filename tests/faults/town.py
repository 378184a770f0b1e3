"""A whole house whose machine, Slack and clock lie in files: they outlive a process that ends anywhere."""

import pickle
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.cards import Cards
from bot.curves import Curves
from bot.letters import LedgerLetters
from bot.messages.facts import Links
from bot.sender import Sender, Watches
from bot.slack_port import FileState, Payload, UploadTicket
from db.doorbell import Task
from db.lifecycle import TERMINAL_RUNS, OutboxStatus, RunStatus
from db.models import OutboxEntry
from db.records import Experiment, Run
from tests.unit.bot.sender.fakes import FakeSlack
from tests.unit.worker.house import SMOKE, House
from tests.unit.worker.test_run_folder import save
from trainer.contract import RunKind
from worker.launchers.fake import FakeLauncher
from worker.launchers.launcher import ContainerState, LaunchSpec
from worker.tasks import perform

TURN_S = 20.0


class Kept:
    """Writes what an object knows into a file, and reads it back."""

    def __init__(self, path: Path, known: dict[str, Any], names: tuple[str, ...]) -> None:
        self._path = path
        self._known = known
        self._names = names
        if path.exists():
            known.update(pickle.loads(path.read_bytes()))

    def save(self) -> None:
        part = self._path.with_suffix(".part")
        part.write_bytes(pickle.dumps({name: self._known[name] for name in self._names}))
        part.replace(self._path)


class KeptLauncher(FakeLauncher):
    """Containers that go on when the control plane ends."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        super().__init__(instance="test", clock=clock)
        self._kept = Kept(path, self.__dict__, ("_containers", "_stopping", "_logs", "launches", "specs"))

    def launch(self, spec: LaunchSpec, token: str) -> str:
        handle = super().launch(spec, token)
        self._kept.save()
        return handle

    def remove(self, handle: str) -> None:
        super().remove(handle)
        self._kept.save()

    def exits(self, handle: str, code: int, *, signal: int | None = None, oom_killed: bool = False) -> None:
        super().exits(handle, code, signal=signal, oom_killed=oom_killed)
        self._kept.save()

    def vanishes(self, handle: str) -> None:
        super().vanishes(handle)
        self._kept.save()


class KeptSlack(FakeSlack):
    """Messages that stay when the bot ends."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._kept = Kept(path, self.__dict__, ("posted", "files", "complete_files"))

    def post(self, payload: Payload) -> str:
        ts = super().post(payload)
        self._kept.save()
        return ts

    def update(self, payload: Payload) -> None:
        super().update(payload)
        self._kept.save()

    def reserve(self, filename: str, length: int, alt: str) -> UploadTicket:
        ticket = super().reserve(filename, length, alt)
        self._kept.save()
        return ticket

    def put(self, ticket: UploadTicket, content: bytes) -> None:
        super().put(ticket, content)
        self._kept.save()

    def complete(self, file_id: str, title: str, share: Payload) -> None:
        super().complete(file_id, title, share)
        self._kept.save()

    def file(self, file_id: str) -> FileState:
        return super().file(file_id)


class PassingStop(threading.Event):
    """The sender's waiting lets the town's time pass."""

    def __init__(self, passes: Callable[[float], None]) -> None:
        super().__init__()
        self._passes = passes

    def wait(self, timeout: float | None = None) -> bool:
        self._passes(timeout or 0.0)
        return False


class Town(House):
    """One process of everything, over what earlier processes have left in `root` and in the ledger."""

    def __init__(self, root: Path, url: str) -> None:
        super().__init__(root, url=url)
        self._time = root / "time"
        if self._time.exists():
            self.clock.at = datetime.fromtimestamp(float(self._time.read_text()), UTC)
        self.launcher = KeptLauncher(root / "containers", self.clock.seconds)
        self.slack = KeptSlack(root / "slack")
        self.restart()
        cards = Cards(self.queries, Curves(self.work.artifacts), Links(), self.clock.now)
        self.sender = Sender(
            self.ledger.outbox,
            LedgerLetters(self.queries, cards, self.work.artifacts),
            self.slack,
            Watches(self.clock.now, self.clock.seconds),
        )
        self.sender._stop = PassingStop(self.clock.passes)

    def everybody_works(self) -> None:
        """One turn of the host, the trainers and the sender."""
        self.turn(TURN_S)
        for run in self.everything():
            self.train(run)
        while self.sender.step():
            pass
        self.keep_time()

    def keep_time(self) -> None:
        """The next process goes on from now."""
        self._time.write_text(str(self.clock.seconds()))

    def everything(self) -> tuple[Run, ...]:
        experiment = self.experiment()
        return experiment.runs if experiment else ()

    def experiment(self) -> Experiment | None:
        mine = self.queries.recent(1)
        return self.queries.experiment(mine[0].number) if mine else None

    def train(self, run: Run) -> None:
        """The smoke run passes. The first seed is killed once, and finishes. The second one's container is
        lost once; it then runs until it is stopped.
        """
        seen = self.seen(run)
        if seen is None or run.attempt is None:
            return
        if run.kind is RunKind.SMOKE:
            self.finishes(run, result={"smoke": SMOKE})
        elif run.attempt.n > 1 and run.seed_index == 1:
            self.finishes(run)
        elif run.seed_index == 1:
            save(self.folder(run), 500)
            self.launcher.exits(seen, 137, signal=9)
        elif run.attempt.n == 1:
            self.launcher.vanishes(seen)

    def run_again(self, run_id: int) -> Run:
        """The run as it is now."""
        return self.queries.run(run_id)

    def hear_the_sweep(self) -> None:
        """What the sweep finds is done, as if only its own rings were heard."""
        self.clock.passes(20.0)
        work = self.ledger.runs.sweep("here")
        rung = [(Task.LAUNCH, work.attempts), (Task.FINALIZE, work.runs), (Task.CONCLUDE, work.experiments)]
        for task, numbers in rung:
            for number in numbers:
                perform(self.work, task, number)

    def seen(self, run: Run) -> str | None:
        """The handle of a run's container, where it runs and the ledger knows it."""
        if run.status is not RunStatus.RUNNING:
            return None
        handle = self.handle(run)
        running = (one for one in self.launcher.containers if one.state is ContainerState.RUNNING)
        return next((one.handle for one in running if one.handle == handle), None)

    def undelivered(self) -> list[str]:
        with self.database.read() as session:
            rows = session.query(OutboxEntry).filter(OutboxEntry.status != OutboxStatus.SENT)
            return [row.key for row in rows]

    def is_over(self) -> bool:
        experiment = self.experiment()
        return (
            experiment is not None
            and bool(experiment.results)
            and all(run.status in TERMINAL_RUNS for run in experiment.runs)
            and not any(slot.owner_attempt_id for slot in self.queries.slots("here"))
            and not self.undelivered()
        )
