from pathlib import Path

import pytest

from tests.unit.worker.launcher_contract import LauncherContract, make_spec
from worker.launchers.fake import FakeLauncher
from worker.launchers.launcher import LauncherDown, LaunchFailed, LaunchSpec


class FakeWorld:
    def __init__(self, root: Path) -> None:
        self.launcher = FakeLauncher()
        self._root = root

    def spec(self, attempt: int = 1) -> LaunchSpec:
        return make_spec(self._root, attempt)

    def let_exit(self, spec: LaunchSpec, handle: str, code: int) -> None:
        self.launcher.exits(handle, code)

    def ignores_stop(self, spec: LaunchSpec) -> None:
        self.launcher.code_when_stopped = None

    def await_ready(self, spec: LaunchSpec) -> None:
        """It runs at once."""


class TestFakeLauncher(LauncherContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> FakeWorld:
        return FakeWorld(tmp_path)

    def test_a_launcher_that_is_down_says_nothing(self, world: FakeWorld) -> None:
        world.launcher.down = True
        with pytest.raises(LauncherDown):
            world.launcher.list()

    def test_a_launch_that_fails_leaves_nothing(self, world: FakeWorld) -> None:
        world.launcher.next_failure = LaunchFailed("no room")
        with pytest.raises(LaunchFailed):
            world.launcher.launch(world.spec(), "token")
        assert world.launcher.list() == ()
