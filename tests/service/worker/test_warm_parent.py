"""The process launcher with a warm parent: the same facts, and what happens without one."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.trainer.runs import manifest_of, prepare, result_of
from tests.service.worker import test_process_launcher as cold
from tests.unit.trainer.configs import config
from tests.unit.worker.launcher_contract import wait_for
from worker.child import Child
from worker.launchers import shim, warm, warm_parent
from worker.launchers.launcher import ContainerState, LauncherDown, LaunchSpec
from worker.launchers.process import ProcessLauncher
from worker.machine import trainer_root

pytestmark = [
    pytest.mark.service,
    pytest.mark.skipif(not warm.supported(), reason="forking a process that has used torch is for Linux"),
]

# The trainer under test has nothing to warm up, but says that it was.
WARM_UP = """
def warm_up():
    import sys
    sys.warmed_up = True
"""
SAYS_SO = """
import sys
if getattr(sys, "warmed_up", False):
    open(sys.argv[1] + "/warm", "w").close()
"""


class WarmWorld(cold.ProcessWorld):
    parent: Child | None = None

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        package = root / "package" / "trainer"
        (package / "warm.py").write_text(WARM_UP)
        program = package / "__main__.py"
        program.write_text(SAYS_SO + program.read_text())
        self.keep_warm()

    def restarted(self) -> ProcessLauncher:
        return ProcessLauncher(
            self.root / "processes",
            instance="test",
            python=sys.executable,
            package_root=self.root / "package",
            warm_start=True,
        )

    def keep_warm(self) -> int:
        """Start the parent, as the host loop does; its process id."""
        if self.parent is not None:
            self.parent.stop()
        self.parent = self.launcher.warm_parent
        assert self.parent is not None
        self.parent.supervise()
        wait_for(self.is_warm, what="the warm parent opens its door")
        assert self.parent.pid is not None
        return self.parent.pid

    def is_warm(self) -> bool:
        return warm_at(self.root)

    def end(self) -> None:
        super().end()
        if self.parent is not None:
            self.parent.stop()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[WarmWorld]:
    world = WarmWorld(tmp_path)
    yield world
    world.end()


class TestWarmLauncher(cold.TestProcessLauncher):
    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[WarmWorld]:
        world = WarmWorld(tmp_path)
        yield world
        world.end()


def launch(world: WarmWorld, attempt: int = 1) -> tuple[Path, str]:
    spec = world.spec(attempt)
    handle = world.launcher.launch(spec, f"token {attempt}")
    world.await_ready(spec)
    return spec.folder, handle


def is_running(world: WarmWorld, handle: str) -> bool:
    seen = world.launcher.inspect(handle)
    return seen is not None and seen.state is ContainerState.RUNNING


def test_an_attempt_is_forked_from_the_warm_parent(world: WarmWorld) -> None:
    folder, _ = launch(world)
    assert (folder / "warm").exists()


def test_nothing_of_ours_is_open_in_the_trainer(world: WarmWorld) -> None:
    folder, _ = launch(world)
    trainer = int((folder / "pid").read_text())
    opened = {str(path.readlink()) for path in Path(f"/proc/{trainer}/fd").iterdir()}
    assert not {name for name in opened if name.startswith(("socket:", "pipe:"))}
    assert b"hush" not in Path(f"/proc/{trainer}/environ").read_bytes()


def test_the_parents_death_harms_nobody_and_starts_go_on_cold(world: WarmWorld) -> None:
    _, first = launch(world)
    assert world.parent is not None
    assert world.parent.pid is not None
    os.kill(world.parent.pid, signal.SIGKILL)
    wait_for(lambda: not world.is_warm(), what="the parent is gone")
    assert is_running(world, first)
    folder, second = launch(world, attempt=2)
    assert is_running(world, second)
    assert not (folder / "warm").exists()
    assert world.keep_warm()
    folder, _ = launch(world, attempt=3)
    assert (folder / "warm").exists()


def test_a_parent_that_hangs_is_not_waited_for(world: WarmWorld) -> None:
    assert world.parent is not None
    assert world.parent.pid is not None
    os.kill(world.parent.pid, signal.SIGSTOP)
    folder, handle = launch(world)
    os.kill(world.parent.pid, signal.SIGCONT)
    assert is_running(world, handle)
    assert not (folder / "warm").exists()


def test_it_ends_with_the_host_loop(world: WarmWorld) -> None:
    _, handle = launch(world)
    assert world.parent is not None
    pid = world.parent.pid
    assert pid is not None
    process = world.parent._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    wait_for(lambda: cold.has_ended(pid), what="the parent ends")
    assert is_running(world, handle)


def test_a_trainer_whose_files_have_changed_is_started_anew(world: WarmWorld) -> None:
    (world.root / "package" / "trainer" / "new.py").write_text("")
    folder, _ = launch(world)
    assert not (folder / "warm").exists()


def test_a_package_that_was_installed_since_is_noticed(tmp_path: Path) -> None:
    packages = tmp_path / "site-packages"
    packages.mkdir()
    os.utime(packages, (1, 1))

    def seen() -> object:
        return warm_parent.installed(tmp_path, [str(packages), str(tmp_path / "none")])

    before = seen()
    assert seen() == before
    (packages / "torch-3.dist-info").mkdir()
    assert seen() != before


def test_an_attempt_with_a_gpu_is_started_cold(world: WarmWorld) -> None:
    spec = world.spec()
    spec = type(spec)(spec.run, spec.attempt, spec.folder, device="cuda", gpus=("GPU-1",))
    world.launcher.launch(spec, "token")
    world.await_ready(spec)
    assert not (spec.folder / "warm").exists()


def test_a_parent_that_is_lost_on_the_way_decides_nothing(world: WarmWorld) -> None:
    """It has taken the request, and dies before it answers."""
    entry = world.root / "processes" / "signoff-test-E-1-s1-a1"
    world.launcher._claim(entry, world.spec(), "token")
    (entry / shim.LAUNCH_FILE).rename(entry / "elsewhere")
    os.mkfifo(entry / shim.LAUNCH_FILE)  # the forked shim waits for somebody to write
    assert world.parent is not None
    pid = world.parent.pid
    assert pid is not None

    def kill() -> None:
        with (entry / shim.LAUNCH_FILE).open("wb"):  # opens when the shim reads
            os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(LauncherDown, match="lost"):
        warm.fork(world.root, entry)
    killer.join()
    (entry / shim.LAUNCH_FILE).unlink()


@pytest.mark.timeout(600)  # on a new machine it compiles the fast path first
def test_a_forked_training_is_bitwise_the_one_that_is_started_cold(tmp_path: Path) -> None:
    launchers = [
        ProcessLauncher(
            tmp_path / "processes",
            instance=name,
            python=sys.executable,
            package_root=trainer_root(),
            warm_start=name == "warm",
        )
        for name in ("warm", "cold")
    ]
    parent = launchers[0].warm_parent
    assert parent is not None
    parent.supervise()
    try:
        wait_for(lambda: warm_at(tmp_path), what="the warm parent opens its door", deadline_s=300)
        weights = [trained(launcher, tmp_path) for launcher in launchers]
    finally:
        parent.stop()
    assert weights[0] == weights[1]


def warm_at(folder: Path) -> bool:
    with warm.connected(folder) as line:
        return line is not None


def trained(launcher: ProcessLauncher, root: Path) -> object:
    """Train the tiny PPO to its end; the hash of its weights."""
    folder = prepare(root / launcher._instance, config("ppo"))
    handle = launcher.launch(LaunchSpec(run="E-1/s1", attempt=1, folder=folder), "token")

    def ended() -> bool:
        seen = launcher.inspect(handle)
        return seen is not None and seen.state is ContainerState.EXITED

    wait_for(ended, what="the training ends", deadline_s=100)
    checkpoint = result_of(folder).checkpoint
    assert checkpoint is not None
    return manifest_of(folder, checkpoint)["weights"]
