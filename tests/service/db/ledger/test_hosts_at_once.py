"""Several hosts that take runs at the same moment (PostgreSQL)."""

import threading

import pytest

from db.ledger import Ledger
from db.limits import Limits
from db.session import Database
from tests.builders import RUNTIME, House
from tests.unit.db.ledger.test_gpus import queued

pytestmark = pytest.mark.service

HOSTS = ("one", "two", "three", "four")


def test_limits_hold_while_hosts_take_runs_at_once(house: House, database_url: str) -> None:
    limits = Limits(person_cpu_slots=3)
    queued(house, seeds=12)
    epochs = {
        name: house.ledger.hosts.register(
            name, owner="test", cpu_slots=2, runtime=RUNTIME, boot_id="boot", lease_s=1e6
        ).epoch
        for name in HOSTS
    }
    databases = {name: Database(database_url, lock_timeout_s=30) for name in HOSTS}
    together = threading.Barrier(len(HOSTS))
    started: dict[str, int] = {}

    def take(name: str) -> None:
        runs = Ledger(databases[name], house.clock, limits).runs
        together.wait()
        started[name] = len(runs.reserve(name, epochs[name]))

    threads = [threading.Thread(target=take, args=(name,)) for name in HOSTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases.values():
        database.dispose()
    assert sum(started.values()) == 3
    assert len(house.queries.holdings()) == 3
