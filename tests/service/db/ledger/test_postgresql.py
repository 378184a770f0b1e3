"""What only PostgreSQL does: locks of rows, timeouts, a server that goes away, several hosts at once."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from db.audit import verify
from db.errors import Busy, Refused, SignoffError, Unavailable
from db.ledger.transition import lock_experiment
from db.lifecycle import TERMINAL_RUNS, ExitCause, RunStatus
from db.migrations.rules import include_object
from db.models import Base
from db.session import Database, ledger_url
from tests.builders import HOST, KAI, RUNTIME, House
from trainer.contract import Phase, Progress

pytestmark = pytest.mark.service

PATIENCE_S = 60
BAD = Progress(
    phase=Phase.TRAINING,
    timesteps=50,
    total_timesteps=100,
    metrics={"final_reward": 1.0},
    evaluated_at=50,
    updated_at=1.0,
)


def test_the_migrations_make_the_models(migrated: str, database_url: str) -> None:
    engine = create_engine(ledger_url(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": include_object, "compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_a_locked_experiment_is_busy_and_nothing_is_saved(house: House, database_url: str) -> None:
    number = house.propose().number
    hasty = Database(database_url, lock_timeout_s=0.2)
    with house.database.write() as session:
        lock_experiment(session, number)
        with pytest.raises(Busy), hasty.write() as waiting:
            lock_experiment(waiting, number)
    hasty.dispose()
    assert len(house.queries.events(number)) == 1


def test_a_lock_on_one_experiment_holds_nobody_else_up(house: House) -> None:
    number, other = house.propose().number, house.propose().number
    with house.database.write() as session:
        lock_experiment(session, number)
        house.decide(other)
        assert house.propose(parent=house.baseline()).number


def test_the_reading_side_can_not_write(house: House) -> None:
    with pytest.raises(DBAPIError), house.database.read() as session:
        session.execute(text("DELETE FROM event"))


def test_a_statement_that_can_never_work_is_a_bug_not_a_busy_server(house: House) -> None:
    with pytest.raises(DBAPIError), house.database.read() as session:
        session.execute(text("SELECT nothing FROM experiment"))


def test_a_connection_that_breaks_saves_nothing(house: House) -> None:
    number = house.propose().number

    def break_off() -> None:
        with house.database.write() as session:
            lock_experiment(session, number).smoke_message = "never saved"
            _end_all_connections(house.database)
            session.flush()

    with pytest.raises(Unavailable):
        break_off()
    assert house.queries.experiment(number).smoke_message == ""


def test_a_server_that_is_not_there_decides_nothing() -> None:
    gone = Database("postgresql://nobody@/nothing?host=/nowhere", lock_timeout_s=1)
    with pytest.raises(Unavailable), gone.read() as session:
        session.execute(text("SELECT 1"))
    gone.dispose()


def test_hosts_people_and_the_sender_at_once_never_deadlock(house: House) -> None:
    rule = "final reward < 50 after 10 steps"
    numbers = [house.approved(seeds=3, stop_rule=rule).number for _ in range(4)]
    crowd = Crowd(house, numbers)
    crowd.run(
        lambda: crowd.work(HOST, house.epoch),
        lambda: crowd.work("gpu-2", crowd.second_epoch),
        crowd.meddle,
        crowd.send,
    )
    assert crowd.troubles == []
    for number in numbers:
        assert verify(house.queries.events(number)) == ()


class Crowd:
    """Two hosts, a person and a sender over the same experiments, until all runs have ended twice."""

    def __init__(self, house: House, numbers: list[int]) -> None:
        self.house = house
        self.numbers = numbers
        self.troubles: list[Exception] = []
        self.over = threading.Event()
        self.second_epoch = house.ledger.hosts.register(
            "gpu-2", owner="test", cpu_slots=2, runtime=RUNTIME
        ).epoch

    def run(self, *steps: Callable[[], object]) -> None:
        """Repeat all steps at once, each in a thread of its own."""
        threads = [threading.Thread(target=self._repeat, args=(step,), daemon=True) for step in steps]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + PATIENCE_S
        try:
            while not self._settled() and not self.over.wait(0.2):
                assert time.monotonic() < deadline, "it did not come to an end"
        finally:
            self.over.set()
            for thread in threads:
                thread.join(PATIENCE_S)

    def work(self, host_id: str, epoch: int) -> None:
        runs, at = self.house.ledger.runs, self.house.clock()
        for attempt in (*runs.reserve(host_id, epoch), *self.house.queries.live_attempts(host_id)):
            runs.attempt_started(attempt.id, boot_id="b", started_at=at, epoch=epoch)
            runs.record_progress(attempt.id, BAD, epoch)
            runs.attempt_exited(attempt.id, exit_code=1, finished_at=at, epoch=epoch)
            runs.free_slots(attempt.id, epoch)
            runs.finish(attempt.run_id, status=RunStatus.FAILED, cause=ExitCause.INFRASTRUCTURE)
        for number in runs.sweep(host_id).experiments:
            self.house.ledger.experiments.conclude(number)

    def meddle(self) -> None:
        for number in self.numbers:
            self.house.ledger.experiments.add_tags(number, ["seen"], KAI)
            for run in self.house.queries.experiment(number).runs[1:4]:
                with suppress(Refused):  # it has not failed yet, or its second run has ended
                    self.house.ledger.experiments.retry(number, run.label, KAI)

    def send(self) -> None:
        row = self.house.ledger.outbox.claim(self.house.clock.forward(4))
        if row is not None:
            self.house.ledger.outbox.mark_sent(row, ts=row.ts or f"{row.id}")

    def _repeat(self, step: Callable[[], object]) -> None:
        while not self.over.is_set():
            try:
                step()
            except SignoffError as error:
                self.troubles.append(error)
                self.over.set()

    def _settled(self) -> bool:
        experiments = [self.house.queries.experiment(number) for number in self.numbers]
        runs = [run for experiment in experiments for run in experiment.runs]
        return len(runs) == 7 * len(self.numbers) and all(run.status in TERMINAL_RUNS for run in runs)


def _end_all_connections(database: Database) -> None:
    engine = create_engine(database.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()
