"""What the broker may do to us: lose everything, die, hang. The ledger's sweep rings again."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from statistics import median

import pytest
import redis

from db.doorbell import RING_PATIENCE_S, Task, host_queue, shared_queue
from db.lifecycle import RunStatus
from db.records import Experiment
from tests.service.production.servers import RedisServer, redis_server
from tests.service.worker.premises import HOST, Premises
from worker.tasks import HEARD_FILE

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

PATIENCE_S = 240.0
FORGETFUL = ("--appendonly", "no", "--maxmemory-policy", "noeviction")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RedisServer]:
    (tmp_path / "redis").mkdir()
    with redis_server(tmp_path / "redis", *FORGETFUL) as server:
        yield server


@pytest.fixture
def premises(tmp_path: Path, broker: RedisServer) -> Iterator[Premises]:
    premises = Premises(tmp_path, broker_url=broker.url())
    premises.start()
    yield premises
    premises.close()


def wait_for_the_result(premises: Premises, experiment: Experiment) -> None:
    premises.wait_for(lambda: premises.concluded(experiment), what="a result", deadline_s=PATIENCE_S)
    runs = premises.queries.experiment(experiment.number).runs
    assert {run.status for run in runs} == {RunStatus.SUCCEEDED}
    assert {run.attempt.n for run in runs if run.attempt} == {1}, "nothing was started twice"
    premises.wait_for(premises.all_slots_free, what="free slots", deadline_s=PATIENCE_S)


def heard_at(premises: Premises) -> float:
    """When the Celery worker last did what the host loop asked for through the broker."""
    try:
        return (premises.root / "hosts" / HOST / HEARD_FILE).stat().st_mtime
    except FileNotFoundError:
        return 0.0


@contextmanager
def everything_lost(broker: RedisServer) -> Iterator[None]:
    """FLUSHALL, again and again."""
    over = threading.Event()

    def flush() -> None:
        with closing(broker.client()) as client:
            while not over.wait(0.1):
                with suppress(redis.RedisError):
                    client.flushall()

    thread = threading.Thread(target=flush, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_broker_that_loses_everything_loses_no_run(premises: Premises, broker: RedisServer) -> None:
    premises.wait_for(lambda: heard_at(premises) > 0, what="a worker that hears", deadline_s=PATIENCE_S)
    premises.pause_celery()
    experiment = premises.approve(seeds=1)
    with closing(broker.client()) as client:
        # The first ring goes into the connection on which the paused worker waits; the next ones pile up.
        premises.wait_for(
            lambda: any(client.llen(f"signoff:{queue}") for queue in (shared_queue(), host_queue(HOST))),
            what="a doorbell that nobody hears",
            deadline_s=PATIENCE_S,
        )
        client.flushall()
    with everything_lost(broker):
        premises.continue_celery()
        wait_for_the_result(premises, experiment)


def test_a_broker_that_dies_and_forgets(premises: Premises, broker: RedisServer) -> None:
    before = premises.approve(seeds=1, steps=2048)
    broker.kill()
    meanwhile = premises.approve(seeds=1)
    lease = premises.queries.hosts()[0].lease_until
    premises.wait_for(
        lambda: premises.queries.hosts()[0].lease_until > lease, what="a host loop that goes on without it"
    )
    broker.start()
    started_at = time.time()
    for experiment in (before, meanwhile):
        wait_for_the_result(premises, experiment)
    premises.wait_for(
        lambda: heard_at(premises) > started_at, what="a worker that hears again", deadline_s=PATIENCE_S
    )
    assert premises.worker is not None
    assert premises.worker.poll() is None


def test_a_broker_that_hangs_holds_nobody_up(premises: Premises, broker: RedisServer) -> None:
    """Half open: connections stay, and no answer comes."""
    premises.wait_for(lambda: heard_at(premises) > 0, what="a worker that hears", deadline_s=PATIENCE_S)
    broker.send(signal.SIGSTOP)
    try:
        waited_s = []
        experiment = premises.approve(seeds=1)
        for number in range(20):
            began = time.monotonic()
            premises.bell.ring(Task.CONCLUDE, number)
            waited_s.append(time.monotonic() - began)
        # Slack gives a click 3 s; a ring takes its patience and no more, however busy the machine is.
        assert min(waited_s) < 3 * RING_PATIENCE_S
        assert median(waited_s) < 3
        lease = premises.queries.hosts()[0].lease_until
        premises.wait_for(
            lambda: premises.queries.hosts()[0].lease_until > lease, what="a host loop that goes on"
        )
    finally:
        broker.send(signal.SIGCONT)
    wait_for_the_result(premises, experiment)
