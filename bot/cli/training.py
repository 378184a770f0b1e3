"""Training that goes on without the command that started it: what runs, and how it ends."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from db.errors import SignoffError
from db.ledger import Ledger
from db.queries import Queries
from db.records import Person
from db.session import Database
from db.settings import LedgerSettings

STOP_WITHIN_S = 20.0
POLL_S = 0.2
LOCK_TIMEOUT_S = 2.0


@dataclass(frozen=True)
class Trainer:
    """A trainer of this machine that runs now. `group_id` is its process group and its own id."""

    run: str
    group_id: int


def trainers(data_dir: Path) -> list[Trainer]:
    """The trainers that processes of this data folder have started and that still run."""
    return sorted(_trainers(data_dir), key=lambda trainer: trainer.run)


def stop_training(settings: LedgerSettings, who: Person) -> None:
    """Stop every run as a person would, and kill what has not ended in time. Never raises."""
    with suppress(SignoffError):
        _request_stops(settings, who)
    deadline = time.monotonic() + STOP_WITHIN_S
    while trainers(settings.data_dir) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    for trainer in trainers(settings.data_dir):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(trainer.group_id, signal.SIGKILL)


def _request_stops(settings: LedgerSettings, who: Person) -> None:
    if not Path(settings.data_dir, "ledger.db").exists():
        return
    database = Database(settings.ledger_url, lock_timeout_s=LOCK_TIMEOUT_S)
    try:
        queries = Queries(database)
        verbs = Ledger(database, lambda: datetime.now(UTC)).experiments
        attempts = [a for host in queries.hosts() for a in queries.live_attempts(host.id)]
        open_runs = [*queries.queue(), *(queries.run(attempt.run_id) for attempt in attempts)]
        for number in sorted({run.experiment for run in open_runs}):
            verbs.request_stop(number, who)
    finally:
        database.dispose()


def _trainers(data_dir: Path) -> Iterator[Trainer]:
    """A trainer runs as long as the lock of its run folder is held; its group id alone proves nothing."""
    for entry in data_dir.glob("hosts/*/processes/*"):
        try:
            launch = json.loads((entry / "launch.json").read_text())
            group = json.loads((entry / "group.json").read_text())
        except (OSError, ValueError):
            continue
        if _is_locked(Path(launch["folder"]) / "lock"):
            yield Trainer(str(launch["run"]), int(group["group_id"]))


def _is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)
