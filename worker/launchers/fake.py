"""A launcher in memory, for tests: it passes the same contract tests as the real ones.

The methods under "the world" play the part of the machine: a trainer that ends, vanishes or
refuses to end, and a daemon that does not answer.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from worker.launchers.launcher import (
    Container,
    ContainerState,
    LauncherDown,
    LauncherError,
    LaunchRefused,
    LaunchSpec,
    unclear,
)
from worker.names import attempt_name

TERMINATED = 128 + 15
KILLED = 128 + 9


class FakeLauncher:
    """`stop` ends a container with `code_when_stopped`; None means that it ignores SIGTERM."""

    name = "fake"

    def __init__(self, *, instance: str = "fake", clock: Callable[[], float] = time.time) -> None:
        self._instance = instance
        self._clock = clock
        self._containers: dict[str, Container] = {}
        self._stopping: dict[str, float] = {}
        self._logs: dict[str, str] = {}
        self.launches: list[str] = []
        self.specs: dict[str, LaunchSpec] = {}
        self.down = False
        self.next_failure: LauncherError | None = None
        self.code_when_stopped: int | None = TERMINATED

    def launch(self, spec: LaunchSpec, token: str) -> str:
        self._answer()
        handle = attempt_name(self._instance, spec.run, spec.attempt)
        known = self._containers.get(handle)
        if known is not None and known.token != token:
            raise LaunchRefused(f"the name {handle} is taken by {known.token}, not {token}")
        if known is None and handle not in self.launches:
            if self.next_failure is not None:
                failure, self.next_failure = self.next_failure, None
                raise failure
            now = self._clock()
            self.launches.append(handle)
            self.specs[handle] = spec
            self._containers[handle] = Container(
                handle=handle,
                run=spec.run,
                attempt=spec.attempt,
                token=token,
                state=ContainerState.RUNNING,
                created_at=now,
                started_at=now,
            )
        return handle

    def inspect(self, handle: str) -> Container | None:
        self._answer()
        return self._containers.get(handle)

    def list(self) -> tuple[Container, ...]:
        self._answer()
        return tuple(self._containers.values())

    def stop(self, handle: str, *, grace_s: float) -> None:
        self._answer()
        container = self._containers.get(handle)
        if container is None or container.state is not ContainerState.RUNNING:
            return
        asked_at = self._stopping.setdefault(handle, self._clock())
        if self.code_when_stopped is not None:
            self.exits(handle, self.code_when_stopped)
        elif self._clock() >= asked_at + grace_s:
            self.exits(handle, KILLED, signal=9)

    def logs(self, handle: str, *, max_bytes: int) -> str:
        return self._logs.get(handle, "")[-max_bytes:]

    def remove(self, handle: str) -> None:
        self._answer()
        container = self._containers.get(handle)
        if container is not None and container.state is ContainerState.EXITED:
            del self._containers[handle]

    # The world.

    @property
    def containers(self) -> tuple[Container, ...]:
        """What is really there, also while the launcher does not answer."""
        return tuple(self._containers.values())

    def exits(self, handle: str, code: int, *, signal: int | None = None, oom_killed: bool = False) -> None:
        self._containers[handle] = replace(
            self._containers[handle],
            state=ContainerState.EXITED,
            exit_code=code,
            signal=signal,
            oom_killed=oom_killed,
            finished_at=self._clock(),
        )

    def vanishes(self, handle: str) -> None:
        del self._containers[handle]

    def becomes_unclear(self, handle: str) -> Container:
        """What is there can no longer be read; returns what it was."""
        before, self._containers[handle] = self._containers[handle], unclear(handle)
        return before

    def becomes(self, container: Container) -> None:
        self._containers[container.handle] = container

    def says(self, handle: str, text: str) -> None:
        self._logs[handle] = self._logs.get(handle, "") + text

    def _answer(self) -> None:
        if self.down:
            raise LauncherDown("the fake launcher is down")
