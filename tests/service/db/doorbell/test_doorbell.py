"""Doorbells with real brokers and a real Celery worker."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from db.doorbell import Doorbell, Task, make_app
from db.settings import LedgerSettings

pytestmark = pytest.mark.service

PATIENCE_S = 60.0


def until(condition: Callable[[], bool]) -> bool:
    """Wait for a condition; False where it does not come true in time."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def worker(folder: Path, broker_url: str | None = None) -> Iterator[subprocess.Popen[bytes]]:
    module = "tests.service.db.doorbell.heard"
    command = [sys.executable, "-m", module, str(folder), *filter(None, [broker_url])]
    with running(command, folder / "worker.log") as process:
        yield process


@contextmanager
def redis_server(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    client = redis.Redis(port=port)
    with running(command, folder / "redis.log") as process:
        assert until(lambda: answers(client))
        client.close()
        yield process


def answers(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.fixture
def port() -> int:
    if shutil.which("redis-server") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Redis is not installed; run tests/install_services.sh")
        pytest.skip("Redis is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


def bell(folder: Path, broker_url: str | None = None) -> Doorbell:
    return Doorbell(make_app(LedgerSettings(_env_file=None, data_dir=folder, broker_url=broker_url)))


def hears(folder: Path, rings: Doorbell, number: int) -> bool:
    """Ring, as a sweep would, until it is heard."""

    def rung() -> bool:
        rings.ring(Task.FINALIZE, number)
        return (folder / f"heard-{number}").exists()

    return until(rung)


def test_over_folders_each_ring_is_heard(tmp_path: Path) -> None:
    rings = bell(tmp_path)
    for number in range(20):
        rings.ring(Task.FINALIZE, number)
    with worker(tmp_path):
        assert until(lambda: len(list(tmp_path.glob("heard-*"))) == 20)
        assert hears(tmp_path, rings, 99)


def test_over_redis_a_worker_hears_again_after_a_restart(tmp_path: Path, port: int) -> None:
    url = f"redis://127.0.0.1:{port}/0"
    rings = bell(tmp_path, url)
    with worker(tmp_path, url) as process:
        with redis_server(tmp_path, port):
            assert hears(tmp_path, rings, 1)
        started = time.monotonic()
        rings.ring(Task.FINALIZE, 2)
        assert time.monotonic() - started < 1
        with redis_server(tmp_path, port):
            assert hears(tmp_path, rings, 3)
        assert process.poll() is None
