"""The servers themselves end, or fall silent, in the middle of work."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from db.audit import verify
from db.doorbell import Doorbell, Task, make_app
from db.errors import Busy
from db.models import OutboxEntry
from db.records import DecisionKind, OutboxKind
from db.settings import LedgerSettings
from tests.builders import House, make_house
from tests.postgresql import OWNER, programs
from tests.service.db.doorbell.test_doorbell import hears, worker
from tests.service.production.servers import PASSWORD, needed, redis_server

pytestmark = [pytest.mark.service, pytest.mark.timeout(240)]

PATIENCE_S = 60


class Server:
    """A PostgreSQL of the test's own, which may be ended at once and started again."""

    def __init__(self, folder: Path, found: Path) -> None:
        self.folder = folder
        self._programs = found
        self.url = f"postgresql://{OWNER}@/postgres?host={folder}"

    def run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self.folder / "data"), *arguments]
        subprocess.run(
            command,
            user=OWNER if os.geteuid() == 0 else None,
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def start(self) -> None:
        options = f"-c listen_addresses='' -k {self.folder}"
        self.run("pg_ctl", "start", "-w", "-l", str(self.folder / "log"), "-o", options)

    def end_at_once(self) -> None:
        self.run("pg_ctl", "stop", "-w", "-m", "immediate")


@contextmanager
def postgresql() -> Iterator[Server]:
    found = programs()
    needed(found, "PostgreSQL")
    assert found is not None
    folder = Path(tempfile.mkdtemp(prefix="signoff-pg-"))
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, OWNER)
    server = Server(folder, found)
    server.run("initdb", "-U", OWNER, "--auth=trust", "-E", "UTF8", "--locale=C")
    server.start()
    try:
        yield server
    finally:
        server.end_at_once()
        shutil.rmtree(folder)


class Reviewers:
    """People who propose and reject without end; what the ledger refuses for now, they try again."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.over = threading.Event()
        self.done = 0
        self.refused = 0

    def work(self) -> None:
        while not self.over.is_set():
            try:
                self.house.decide(self.house.propose().number, DecisionKind.REJECT)
                self.done += 1
            except Busy:
                self.refused += 1
                self.over.wait(0.05)

    def until(self, name: str, more_than: int) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while getattr(self, name) <= more_than:
            assert time.monotonic() < deadline, (name, self.done, self.refused)
            time.sleep(0.02)


def test_row_9_a_database_that_is_ended_in_the_middle_splits_nothing(tmp_path: Path) -> None:
    with postgresql() as server:
        house = make_house(tmp_path, url=server.url)
        people = Reviewers(house)
        thread = threading.Thread(target=people.work)
        thread.start()
        try:
            for _ in range(2):
                people.until("done", people.done + 1)
                server.end_at_once()
                people.until("refused", people.refused)
                server.start()
            people.until("done", people.done + 1)
        finally:
            people.over.set()
            thread.join(PATIENCE_S)
        for line in house.queries.recent(100):
            check_whole(house, line.number)
        house.database.dispose()


def check_whole(house: House, number: int) -> None:
    """State, history and messages of an experiment tell the same."""
    kinds = [event.kind for event in house.queries.events(number)]
    assert verify(house.queries.events(number)) == ()
    with house.database.read() as session:
        asked = {row.kind for row in session.query(OutboxEntry).filter_by(experiment=number)}
    rejected = house.queries.experiment(number).status.value == "REJECTED"
    assert ("experiment.rejected" in kinds) is rejected
    assert (OutboxKind.DECISION in asked) is rejected
    assert OutboxKind.PROPOSAL in asked


def test_row_7_a_broker_that_falls_silent_holds_nobody_up(tmp_path: Path) -> None:
    with redis_server(tmp_path) as broker:
        rings = Doorbell(make_app(settings(tmp_path, broker.url())))
        rings.ring(Task.FINALIZE, 1)
        broker.send(signal.SIGSTOP)
        ringing = threading.Thread(target=rings.ring, args=(Task.FINALIZE, 2))
        ringing.start()
        ringing.join(PATIENCE_S)
        held_up = ringing.is_alive()
        broker.send(signal.SIGCONT)
        assert not held_up, "a ring hangs where the broker does not answer"
        with worker(tmp_path, broker.url()):
            assert hears(tmp_path, rings, 3)


def settings(folder: Path, broker_url: str) -> LedgerSettings:
    assert PASSWORD in broker_url
    return LedgerSettings(_env_file=None, data_dir=folder, broker_url=broker_url)
