"""The line to the Docker Engine: bounded calls, and its errors in our words."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from trainer.contract import JsonObject
from worker.launchers.launcher import LauncherDown

TIMEOUT_S = 30
UNIX = "unix://"
CONFLICT = 409


class Missing(Exception):
    """The engine answered that it has no such container or image."""


class Taken(Exception):
    """The engine answered that another container has the name, or that it is not in the right state."""


class Declined(Exception):
    """The engine answered that it cannot do that, and why. `is_final`: asking again will not help."""

    def __init__(self, message: str, *, is_final: bool) -> None:
        super().__init__(message)
        self.is_final = is_final


class DockerEngine:
    """`url` is "unix:///var/run/docker.sock" or as DOCKER_HOST has it.

    Each call raises `LauncherDown` where no answer came: then nothing is known.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: docker.APIClient | None = None

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def info(self) -> Mapping[str, Any]:
        with self._asking() as api:
            return dict(api.info())

    def list(self, labels: Mapping[str, str]) -> list[Mapping[str, Any]]:
        """Everything with these labels, running or not, as `docker ps` summarises it."""
        wanted = [f"{name}={value}" for name, value in labels.items()]
        with self._asking() as api:
            return list(api.containers(all=True, filters={"label": wanted}))

    def inspect(self, name: str) -> Mapping[str, Any]:
        with self._asking() as api:
            return dict(api.inspect_container(name))

    def image(self, name: str) -> Mapping[str, Any]:
        with self._asking() as api:
            return dict(api.inspect_image(name))  # type: ignore[no-untyped-call]  # the stubs leave it out

    def create(self, name: str, config: JsonObject) -> None:
        with self._asking() as api:
            api.create_container_from_config(config, name)  # type: ignore[no-untyped-call]  # as above

    def start(self, name: str) -> None:
        with self._asking() as api:
            api.start(name)

    def kill(self, name: str, signal: int) -> None:
        with self._asking() as api:
            api.kill(name, signal)

    def remove(self, name: str, *, force: bool = False) -> None:
        with self._asking() as api:
            api.remove_container(name, force=force)

    def logs(self, name: str, *, lines: int) -> bytes:
        with self._asking() as api:
            return bytes(api.logs(name, tail=lines))

    @contextmanager
    def _asking(self) -> Iterator[docker.APIClient]:
        try:
            self._knock()
            if self._client is None:
                self._client = docker.APIClient(base_url=self._url, version="auto", timeout=TIMEOUT_S)
            yield self._client
        except (NotFound, ImageNotFound) as error:
            raise Missing(_said(error)) from error
        except APIError as error:
            if error.response is not None and error.response.status_code == CONFLICT:
                raise Taken(_said(error)) from error
            raise Declined(_said(error), is_final=not error.is_server_error()) from error
        except (DockerException, RequestException, HTTPError, OSError) as error:
            self.close()
            raise LauncherDown(f"Docker does not answer on {self._url}: {_said(error)}") from error

    def _knock(self) -> None:
        """Nobody listening is found out before a library opens a line that it would not close."""
        if self._url.startswith(UNIX):
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(TIMEOUT_S)
                line.connect(str(Path(self._url.removeprefix(UNIX))))


def _said(error: Exception) -> str:
    text = error.explanation if isinstance(error, APIError) and error.explanation else str(error)
    return " ".join(str(text).split()) or type(error).__name__
