"""The launcher of a production host: each attempt is a container, shut off from all but its own folder.

The engine keeps what there is: a container's name says which attempt it is, its labels whose. On a
local disk this launcher keeps two marks for each: that it was started, since what was started once and
is gone must not be started again; and when a stop was first asked for.
"""

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from worker.launchers.docker_config import Limits, Owner, container_config
from worker.launchers.docker_engine import Declined, DockerEngine, Missing, Taken
from worker.launchers.docker_state import STATES, read_container
from worker.launchers.launcher import (
    DOCKER,
    Container,
    ContainerState,
    LauncherDown,
    LaunchFailed,
    LaunchRefused,
    LaunchSpec,
    unclear,
)
from worker.launchers.stops import first_request
from worker.names import attempt_name

log = structlog.get_logger(__name__)

LOG_LINES = 500
STARTED_FILE, STOP_FILE = "started", "stop.json"
NVIDIA = "nvidia"
_NO_SOURCE = "bind source path does not exist"
_ROOT = 0


class DockerLauncher:
    """`image` runs where a launch names none; `marks` is a folder on a local disk."""

    name = DOCKER

    def __init__(
        self, engine: DockerEngine, marks: Path, *, owner: Owner, image: str, limits: Limits
    ) -> None:
        self._engine = engine
        self._marks = marks
        self._owner = owner
        self._image = image
        self._limits = limits
        self._known: dict[tuple[str, str], Container] = {}

    def launch(self, spec: LaunchSpec, token: str) -> str:
        handle = self._name(spec)
        seen = self._find(handle)
        if seen is None and (self._marks / handle / STARTED_FILE).exists():
            return handle  # it was started, and somebody has removed it
        if seen is None:
            self._create(handle, spec, token)
            seen = self._find(handle)
        if seen is not None:
            self._adopt(seen, token)
        return handle

    def inspect(self, handle: str) -> Container | None:
        return self._find(handle)

    def list(self) -> tuple[Container, ...]:
        listed = self._engine.list(self._owner.labels)
        known = self._known
        self._known = {}
        found = [self._look(entry, known) for entry in listed]
        return tuple(container for container in found if container is not None)

    def stop(self, handle: str, *, grace_s: float) -> None:
        seen = self._find(handle)
        if seen is None or seen.state is not ContainerState.RUNNING:
            return
        mark = self._mark(handle) / STOP_FILE
        asked_at = first_request(mark)
        try:
            if asked_at is None:
                self._engine.kill(handle, signal.SIGTERM)
            elif time.time() >= asked_at + grace_s:
                self._engine.kill(handle, signal.SIGKILL)
        except (Missing, Taken, Declined):
            return  # it has ended in the meantime
        except LauncherDown:
            if asked_at is None:  # nobody knows whether it was asked: the next call asks again
                mark.unlink(missing_ok=True)
            raise

    def logs(self, handle: str, *, max_bytes: int) -> str:
        try:
            if self._find(handle) is None:
                return ""
            return self._engine.logs(handle, lines=LOG_LINES)[-max_bytes:].decode(errors="replace")
        except (Missing, Declined, LauncherDown):
            return ""

    def remove(self, handle: str) -> None:
        seen = self._find(handle)
        if seen is not None and seen.state is not ContainerState.RUNNING:
            with suppress(Missing, Taken, Declined):  # started, or removed, in the meantime
                self._engine.remove(handle)
        if seen is None or seen.state is ContainerState.EXITED:
            for mark in (STARTED_FILE, STOP_FILE):
                (self._marks / handle / mark).unlink(missing_ok=True)
            with suppress(OSError):
                (self._marks / handle).rmdir()

    def _create(self, handle: str, spec: LaunchSpec, token: str) -> None:
        """Nothing is left behind where this fails, so that another attempt finds the host as it was."""
        image = spec.image or self._image
        self._require_nvidia(spec)
        self._prepare(spec)
        try:
            self._engine.image(image)
            self._engine.create(handle, container_config(spec, token, self._owner, image, self._limits))
        except Missing as error:
            raise LaunchFailed(
                f"the image {image} is not on host {self._owner.host}: load it there (`docker load`, "
                "`docker pull`) or build it with `make image`, then press Retry"
            ) from error
        except Taken as error:  # else another process of this host was faster: what it made is adopted
            if self._find(handle) is None:
                raise LaunchRefused(f"a container that is not Signoff's has the name {handle}") from error
        except Declined as error:
            if self._find(handle) is None:
                raise _failure(f"Docker would not create {handle}: {error}", error) from error

    def _adopt(self, seen: Container, token: str) -> None:
        """What has the name must be this attempt; where it has not been started, it is now."""
        if seen.token != token:
            raise LaunchRefused(
                f"the name {seen.handle} is taken by another ledger's attempt ({seen.token}, not {token}); "
                "give this instance its own SIGNOFF_INSTANCE"
            )
        if seen.state is not ContainerState.CREATED:
            return
        (self._mark(seen.handle) / STARTED_FILE).touch()
        try:
            self._engine.start(seen.handle)
        except Missing:
            return  # removed by somebody: the next look says so
        except (Taken, Declined) as error:
            with suppress(Missing, Taken, Declined):
                self._engine.remove(seen.handle)
            raise LaunchFailed(f"Docker would not start {seen.handle}: {error}") from error

    def _prepare(self, spec: LaunchSpec) -> None:
        """The run folder has to be writable for who runs in the container, and nobody may point elsewhere."""
        own = spec.folder.parent.resolve()
        for path in spec.reads:
            if spec.folder.parent in path.parents and own not in path.resolve().parents:
                raise LaunchRefused(f"{path} leads out of the run's folder; a run put a link there")
        if os.geteuid() != _ROOT:
            return  # then it runs as we do
        user, group = (int(number) for number in self._limits.user.split(":"))
        try:
            for place in (spec.folder, *spec.folder.rglob("*")):
                os.chown(place, user, group, follow_symlinks=False)
        except OSError as error:
            raise LaunchFailed(f"its run folder cannot be given to user {user}: {error}") from error

    def _require_nvidia(self, spec: LaunchSpec) -> None:
        if spec.gpus and NVIDIA not in self._engine.info().get("Runtimes", {}):
            plural = "s" if len(spec.gpus) > 1 else ""
            raise LaunchRefused(
                f"host {self._owner.host} has no NVIDIA container runtime; the spec asks for "
                f"{len(spec.gpus)} GPU{plural}. Install nvidia-container-toolkit there and restart Docker"
            )

    def _find(self, handle: str) -> Container | None:
        """The container of this name, if it is ours."""
        if not handle.startswith(attempt_name(self._owner.instance)):
            return None
        try:
            found = self._engine.inspect(handle)
            ours = self._owner.labels.items() <= (found["Config"]["Labels"] or {}).items()
            return read_container(found) if ours else None
        except Missing:
            return None
        except (KeyError, TypeError, ValueError) as error:
            raise LauncherDown(f"what Docker says of {handle} cannot be read: {error!r}") from error

    def _look(self, entry: Mapping[str, Any], known: Mapping[tuple[str, str], Container]) -> Container | None:
        """One that is not known in this state is asked about; None where it has gone by then.

        A state that has been seen does not change any more but for its name, so hundreds cost one call.
        """
        key = (str(entry["Id"]), str(entry["State"]))
        handle = str(entry["Names"][0]).removeprefix("/")
        try:
            seen = known.get(key) or read_container(self._engine.inspect(key[0]))
        except Missing:
            return None
        except (Declined, KeyError, TypeError, ValueError) as error:
            log.warning("container_unclear", handle=handle, reason=repr(error))
            return unclear(handle)
        if seen.state is STATES.get(key[1]):
            self._known[key] = seen
        return seen

    def _name(self, spec: LaunchSpec) -> str:
        return attempt_name(self._owner.instance, spec.run, spec.attempt)

    def _mark(self, handle: str) -> Path:
        folder = self._marks / handle
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _failure(message: str, error: Declined) -> LaunchFailed | LaunchRefused:
    """A folder that is not there may be mounted again; a config that the engine does not take stays wrong."""
    again = not error.is_final or _NO_SOURCE in message
    return LaunchFailed(message) if again else LaunchRefused(message)
