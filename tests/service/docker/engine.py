"""A Docker Engine of the tests' own: its socket, data, containerd and containers are nobody else's."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
import httpx
import requests

PATIENCE_S = 120.0
_POLL_S = 0.05


class EngineFailed(Exception):
    """The engine did not come up, or something in it did not end."""


class Engine:
    """dockerd on a socket in a short temporary folder; `data` is its data root, which outlives it.

    Without a bridge and without firewall rules, so that nothing of the machine's network is touched.
    """

    def __init__(self, data: Path) -> None:
        self.data = data
        self.folder = Path(tempfile.mkdtemp(prefix="engine-"))  # sockets have short paths
        self.url = f"unix://{self.folder / 'docker.sock'}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def environment(self) -> dict[str, str]:
        """Variables under which the `docker` command speaks to this engine."""
        return {**os.environ, "DOCKER_HOST": self.url}

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @contextmanager
    def client(self) -> Iterator[docker.DockerClient]:
        client = docker.DockerClient(base_url=self.url, timeout=60)
        try:
            yield client
        finally:
            client.close()

    def start(self, *, live_restore: bool = False) -> None:
        command = [
            "dockerd",
            f"--host={self.url}",
            f"--data-root={self.data}",
            f"--exec-root={self.folder / 'exec'}",
            f"--pidfile={self.folder / 'docker.pid'}",
            "--bridge=none",
            "--iptables=false",
            f"--live-restore={str(live_restore).lower()}",
            "--shutdown-timeout=5",
        ]
        with (self.folder / "dockerd.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        wait_until(self._answers, "dockerd answers")

    def stop(self) -> None:
        """As a host's shutdown does. Containers end too, but for those of live-restore."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9 of dockerd, and of its containerd, as with its service's group; containers go on."""
        self._end(signal.SIGKILL)
        self._end_containerd(signal.SIGKILL)

    def close(self) -> None:
        """Ends all of it, its containers first, and removes what it has mounted and written."""
        if self.is_running:
            self._remove_containers()
        self._end(signal.SIGTERM)
        self._end_containerd(signal.SIGTERM)
        for place in self._mounts():
            subprocess.run(["umount", "--lazy", place], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def said(self) -> str:
        """The end of dockerd's log."""
        log = self.folder / "dockerd.log"
        return log.read_text(errors="replace")[-4000:] if log.exists() else ""

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise EngineFailed(f"dockerd ended with {self._process.returncode}: {self.said()}")
        address = str(self.folder / "docker.sock")
        with suppress(OSError, httpx.HTTPError):
            with socket.socket(socket.AF_UNIX) as line:  # a library's would stay open where nobody listens
                line.connect(address)
            with httpx.Client(transport=httpx.HTTPTransport(uds=address), timeout=5) as client:
                return client.get("http://engine/_ping").is_success
        return False

    def _remove_containers(self) -> None:
        with suppress(requests.RequestException, docker.errors.DockerException), self.client() as client:
            for container in client.containers.list(all=True, ignore_removed=True):
                with suppress(docker.errors.DockerException):
                    container.remove(force=True)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(number)
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _end_containerd(self, number: signal.Signals) -> None:
        """It may outlive a dockerd that was killed. Its number is forgotten, or the next dockerd takes a
        process that nobody has reaped for one that answers.
        """
        file = self.folder / "exec" / "containerd" / "containerd.pid"
        with suppress(OSError, ValueError):
            pid = int(file.read_text())
            if _lives(pid) and str(self.folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, number)
            wait_until(lambda: not _lives(pid), "containerd ends")
        file.unlink(missing_ok=True)

    def _mounts(self) -> list[str]:
        ours = (str(self.folder), str(self.data))
        places = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        return sorted((place for place in places if place.startswith(ours)), reverse=True)


def wait_until(condition: Callable[[], bool], what: str, within_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise EngineFailed(f"waited {within_s:.0f} s in vain: {what}")
        time.sleep(_POLL_S)


def _lives(pid: int) -> bool:
    """Not true of one that nobody has reaped yet."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return status != "Z"
