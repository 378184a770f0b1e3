"""What every launcher must hold. Each launcher's tests subclass this with a `world` of their own."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from worker.launchers.launcher import Container, ContainerState, Launcher, LaunchRefused, LaunchSpec

DEADLINE_S = 30.0


def wait_for(condition: Callable[[], object], *, what: str, deadline_s: float = DEADLINE_S) -> None:
    give_up_at = time.monotonic() + deadline_s
    pause = Pause()
    while not condition():
        assert time.monotonic() < give_up_at, f"waited {deadline_s} s in vain: {what}"
        pause.briefly()


class Pause:
    """Polls a condition that no event announces."""

    def __init__(self, interval_s: float = 0.01) -> None:
        self._interval_s = interval_s

    def briefly(self) -> None:
        time.sleep(self._interval_s)


class World(Protocol):
    """The machine under a launcher: makes its trainers end."""

    @property
    def launcher(self) -> Launcher: ...

    def spec(self, attempt: int = 1) -> LaunchSpec: ...

    def let_exit(self, spec: LaunchSpec, handle: str, code: int) -> None: ...

    def ignores_stop(self, spec: LaunchSpec) -> None: ...

    def await_ready(self, spec: LaunchSpec) -> None: ...


class LauncherContract:
    def launch(self, world: World, attempt: int = 1, token: str = "token") -> tuple[LaunchSpec, str]:
        spec = world.spec(attempt)
        handle = world.launcher.launch(spec, token)
        world.await_ready(spec)
        return spec, handle

    def running(self, world: World, handle: str) -> Container:
        seen = world.launcher.inspect(handle)
        assert seen is not None
        assert seen.state is ContainerState.RUNNING
        return seen

    def exited(self, world: World, handle: str) -> Container:
        def ended() -> bool:
            seen = world.launcher.inspect(handle)
            return seen is not None and seen.state is ContainerState.EXITED

        wait_for(ended, what=f"{handle} exits")
        seen = world.launcher.inspect(handle)
        assert seen is not None
        return seen

    def test_a_launched_attempt_runs_under_its_own_name(self, world: World) -> None:
        spec, handle = self.launch(world)
        seen = self.running(world, handle)
        assert (seen.run, seen.attempt, seen.token) == (spec.run, spec.attempt, "token")
        assert seen.exit_code is None
        assert [container.handle for container in world.launcher.list()] == [handle]

    def test_a_second_launch_adopts_the_first(self, world: World) -> None:
        spec, handle = self.launch(world)
        before = self.running(world, handle)
        assert world.launcher.launch(spec, "token") == handle
        assert self.running(world, handle) == before

    def test_a_name_taken_by_another_token_is_refused(self, world: World) -> None:
        spec, handle = self.launch(world)
        with pytest.raises(LaunchRefused, match="token"):
            world.launcher.launch(spec, "somebody else's")
        assert self.running(world, handle).token == "token"

    @pytest.mark.parametrize("code", [0, 1, 12, 42])
    def test_the_exit_code_is_kept(self, world: World, code: int) -> None:
        spec, handle = self.launch(world)
        world.let_exit(spec, handle, code)
        seen = self.exited(world, handle)
        assert (seen.exit_code, seen.signal) == (code, None)
        assert seen.finished_at is not None
        assert seen.started_at is not None
        assert seen.finished_at >= seen.started_at

    def test_a_launch_after_the_exit_starts_nothing(self, world: World) -> None:
        spec, handle = self.launch(world)
        world.let_exit(spec, handle, 3)
        before = self.exited(world, handle)
        assert world.launcher.launch(spec, "token") == handle
        assert world.launcher.inspect(handle) == before

    def test_attempts_of_a_run_are_kept_apart(self, world: World) -> None:
        first, first_handle = self.launch(world, attempt=1)
        _, second_handle = self.launch(world, attempt=2, token="other")
        world.let_exit(first, first_handle, 5)
        assert self.exited(world, first_handle).attempt == 1
        assert self.running(world, second_handle).attempt == 2

    def test_a_stop_ends_it(self, world: World) -> None:
        _, handle = self.launch(world)
        world.launcher.stop(handle, grace_s=60)
        assert self.exited(world, handle).exit_code == 143

    def test_a_stop_that_is_ignored_ends_in_a_kill_after_the_grace(self, world: World) -> None:
        spec = world.spec()
        world.ignores_stop(spec)
        handle = world.launcher.launch(spec, "token")
        world.await_ready(spec)
        world.launcher.stop(handle, grace_s=3600)
        world.launcher.stop(handle, grace_s=3600)
        assert self.running(world, handle).exit_code is None
        world.launcher.stop(handle, grace_s=0)
        seen = self.exited(world, handle)
        assert (seen.exit_code, seen.signal) == (137, 9)

    def test_stopping_what_is_not_there_does_nothing(self, world: World) -> None:
        world.launcher.stop("signoff-nothing-a1", grace_s=0)
        assert world.launcher.inspect("signoff-nothing-a1") is None

    def test_stopping_what_has_exited_changes_nothing(self, world: World) -> None:
        spec, handle = self.launch(world)
        world.let_exit(spec, handle, 0)
        before = self.exited(world, handle)
        world.launcher.stop(handle, grace_s=0)
        assert world.launcher.inspect(handle) == before

    def test_what_runs_is_not_removed(self, world: World) -> None:
        _, handle = self.launch(world)
        world.launcher.remove(handle)
        self.running(world, handle)

    def test_what_has_exited_can_be_forgotten(self, world: World) -> None:
        spec, handle = self.launch(world)
        world.let_exit(spec, handle, 0)
        self.exited(world, handle)
        world.launcher.remove(handle)
        world.launcher.remove(handle)
        assert world.launcher.inspect(handle) is None
        assert world.launcher.list() == ()

    def test_an_empty_host_lists_nothing(self, world: World) -> None:
        assert world.launcher.list() == ()
        assert world.launcher.logs("signoff-nothing-a1", max_bytes=100) == ""


def make_spec(root: Path, attempt: int) -> LaunchSpec:
    folder = root / "E-1-s1" / f"a{attempt}"
    folder.mkdir(parents=True, exist_ok=True)
    return LaunchSpec(run="E-1/s1", attempt=attempt, folder=folder)
