"""Real servers as production has them: PostgreSQL and Redis that want a password, on TCP ports."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

from tests.postgresql import OWNER, programs

PATIENCE_S = 120.0
PASSWORD = "not-a-real-password"


def until(condition: Callable[[], bool], what: str, within_s: float = PATIENCE_S) -> None:
    """Wait for a condition; the test fails where it does not come true in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


def needed(found: object, name: str) -> None:
    if found:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} is not installed; run tests/install_services.sh")
    pytest.skip(f"{name} is not installed")


@dataclass
class RedisServer:
    """A Redis of our own that may be killed, paused and started again, on one port."""

    folder: Path
    port: int = field(default_factory=free_port)
    options: tuple[str, ...] = ("--appendonly", "yes", "--maxmemory-policy", "noeviction")
    process: subprocess.Popen[bytes] | None = None

    def url(self, password: str = PASSWORD) -> str:
        return f"redis://:{password}@127.0.0.1:{self.port}/0"

    def client(self) -> "redis.Redis":
        return redis.Redis(port=self.port, password=PASSWORD)

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        command += ["--save", "", "--requirepass", PASSWORD, *self.options]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self.answers, "Redis answers")

    def answers(self) -> bool:
        with closing(self.client()) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def redis_server(folder: Path, *options: str) -> Iterator[RedisServer]:
    """`options` replace those of production (append-only, noeviction)."""
    needed(shutil.which("redis-server"), "Redis")
    server = RedisServer(folder, options=options or RedisServer.options)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@dataclass(frozen=True)
class PostgresServer:
    port: int

    def url(self, password: str = PASSWORD, name: str = "postgres") -> str:
        return f"postgresql://{OWNER}:{password}@127.0.0.1:{self.port}/{name}"


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server that asks for a password on TCP, as the one of docker-compose.yml does."""
    found = programs()
    needed(found, "PostgreSQL")
    assert found is not None
    owner = OWNER if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="signoff-pg-"))
    (folder / "password").write_text(PASSWORD)
    if owner:
        for path in (folder, folder / "password"):
            shutil.chown(path, owner)
    server = PostgresServer(free_port())

    def run(program: str, *arguments: str) -> None:
        command = [str(found / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, user=owner, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    secrets = ("--auth=scram-sha-256", f"--pwfile={folder / 'password'}")
    run("initdb", "-U", OWNER, *secrets, "--no-sync", "-E", "UTF8", "--locale=C")
    options = f"-c listen_addresses=127.0.0.1 -p {server.port} -c fsync=off -k {folder}"
    run("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", options)
    try:
        yield server
    finally:
        run("pg_ctl", "stop", "-w", "-m", "immediate")
        shutil.rmtree(folder)
