"""The real process launcher, with a trainer that does as its run folder says."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.worker.launcher_contract import DEADLINE_S, LauncherContract, make_spec, wait_for
from trainer import contract
from worker.launchers import shim
from worker.launchers.launcher import ContainerState, LauncherDown, LaunchFailed, LaunchSpec
from worker.launchers.process import ProcessLauncher

pytestmark = pytest.mark.service

TRAINER = f"""
import os, pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
assert pathlib.Path.cwd() == folder.resolve(), pathlib.Path.cwd()
if (folder / "ignore_stop").exists():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if (folder / "fork").exists() and not os.fork():
    (folder / "child").write_text(str(os.getpid()))
    while True: time.sleep(0.02)
(folder / "environment").write_text("\\n".join(f"{{k}}={{v}}" for k, v in os.environ.items()))
print("hello from the trainer", flush=True)
(folder / "pid.part").write_text(str(os.getpid()))
(folder / "pid.part").rename(folder / "pid")
give_up_at = time.monotonic() + {2 * DEADLINE_S}
while not (folder / "exit").exists() and time.monotonic() < give_up_at:
    time.sleep(0.01)
sys.exit(int((folder / "exit").read_text()))
"""


class ProcessWorld:
    def __init__(self, root: Path) -> None:
        package = root / "package" / "trainer"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text(TRAINER)
        self.root = root
        self.launcher = self.restarted()

    def restarted(self) -> ProcessLauncher:
        """What a worker that was started anew has: the same folders, no memory."""
        return ProcessLauncher(
            self.root / "processes",
            instance="test",
            python=sys.executable,
            package_root=self.root / "package",
        )

    def spec(self, attempt: int = 1) -> LaunchSpec:
        return make_spec(self.root, attempt)

    def let_exit(self, spec: LaunchSpec, handle: str, code: int) -> None:
        part = spec.folder / "exit.part"
        part.write_text(str(code))
        part.rename(spec.folder / "exit")

    def ignores_stop(self, spec: LaunchSpec) -> None:
        (spec.folder / "ignore_stop").touch()

    def await_ready(self, spec: LaunchSpec) -> None:
        wait_for((spec.folder / "pid").exists, what="the trainer starts")

    def trainer_id(self, spec: LaunchSpec) -> int:
        return int((spec.folder / "pid").read_text())

    def group(self, handle: str) -> shim.Group:
        group = shim.read_group(self.root / "processes" / handle)
        assert group is not None
        return group

    def end(self) -> None:
        for container in self.launcher.list():
            self.launcher.stop(container.handle, grace_s=0)
            self.launcher.stop(container.handle, grace_s=0)


class TestProcessLauncher(LauncherContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[ProcessWorld]:
        world = ProcessWorld(tmp_path)
        yield world
        world.end()

    def test_the_shim_knows_the_contract_by_heart(self) -> None:
        assert (shim.LOCK_FILE, shim.EXIT_FILE) == (contract.LOCK_FILE, contract.EXIT_FILE)

    def test_it_is_no_child_of_ours_and_leads_its_own_group(self, world: ProcessWorld) -> None:
        spec, handle = self.launch(world)
        trainer = world.trainer_id(spec)
        group = world.group(handle)
        assert group.group_id == trainer == os.getpgid(trainer)
        assert os.getsid(trainer) == group.shim_id != os.getsid(0)

    def test_no_secret_reaches_the_trainer(
        self, world: ProcessWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-hush")
        monkeypatch.setenv("SIGNOFF_DATABASE_URL", "postgresql://hush")
        spec, _ = self.launch(world)
        environment = (spec.folder / "environment").read_text()
        assert "hush" not in environment
        assert "OMP_NUM_THREADS=1" in environment.splitlines()

    def test_what_it_prints_is_kept(self, world: ProcessWorld) -> None:
        _, handle = self.launch(world)
        assert world.launcher.logs(handle, max_bytes=1000) == "hello from the trainer\n"
        assert world.launcher.logs(handle, max_bytes=8) == "trainer\n"

    def test_a_restarted_worker_adopts_it_and_learns_its_exit_code(self, world: ProcessWorld) -> None:
        spec, handle = self.launch(world)
        before = self.running(world, handle)
        world.launcher = world.restarted()
        assert world.launcher.launch(spec, "token") == handle
        assert self.running(world, handle) == before
        world.let_exit(spec, handle, 12)
        assert self.exited(world, handle).exit_code == 12

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
    def test_a_signal_from_outside_is_reported_as_docker_does(
        self, world: ProcessWorld, number: signal.Signals
    ) -> None:
        spec, handle = self.launch(world)
        os.kill(world.trainer_id(spec), number)
        seen = self.exited(world, handle)
        assert (seen.exit_code, seen.signal) == (128 + number, number)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    def test_the_shim_is_deaf_to_what_ends_a_worker(
        self, world: ProcessWorld, number: signal.Signals
    ) -> None:
        spec, handle = self.launch(world)
        os.kill(world.group(handle).shim_id, number)
        self.running(world, handle)
        world.let_exit(spec, handle, 9)
        assert self.exited(world, handle).exit_code == 9

    def test_a_trainer_whose_shim_was_killed_still_counts_as_running(self, world: ProcessWorld) -> None:
        spec, handle = self.launch(world)
        self.kill_shim(world, handle)
        os.kill(world.trainer_id(spec), 0)
        self.running(world, handle)
        assert world.launcher.launch(spec, "token") == handle

    def test_a_trainer_that_ends_without_its_shim_is_gone(self, world: ProcessWorld) -> None:
        spec, handle = self.launch(world)
        self.kill_shim(world, handle)
        world.let_exit(spec, handle, 0)
        wait_for(lambda: world.launcher.inspect(handle) is None, what="it is gone")
        assert world.launcher.list() == ()

    def test_what_is_gone_is_never_started_again(self, world: ProcessWorld) -> None:
        spec, handle = self.launch(world)
        self.kill_shim(world, handle)
        trainer = world.trainer_id(spec)
        os.kill(trainer, signal.SIGKILL)
        wait_for(lambda: world.launcher.inspect(handle) is None, what="it is gone")
        assert world.launcher.launch(spec, "token") == handle
        assert world.launcher.inspect(handle) is None
        assert world.trainer_id(spec) == trainer

    def test_a_trainer_without_a_shim_can_be_stopped(self, world: ProcessWorld) -> None:
        spec = world.spec()
        world.ignores_stop(spec)
        handle = world.launcher.launch(spec, "token")
        world.await_ready(spec)
        self.kill_shim(world, handle)
        world.launcher.stop(handle, grace_s=3600)
        self.running(world, handle)
        world.restarted().stop(handle, grace_s=0)
        wait_for(lambda: world.launcher.inspect(handle) is None, what="it is gone")

    def test_the_trainers_children_end_with_it(self, world: ProcessWorld) -> None:
        spec = world.spec()
        (spec.folder / "fork").touch()
        handle = world.launcher.launch(spec, "token")
        world.await_ready(spec)
        wait_for((spec.folder / "child").exists, what="the child starts")
        world.let_exit(spec, handle, 0)
        assert self.exited(world, handle).exit_code == 0
        child = int((spec.folder / "child").read_text())
        wait_for(lambda: has_ended(child), what="the child ends")

    def test_a_shim_killed_before_it_began_leaves_the_attempt_free_to_start(
        self, world: ProcessWorld
    ) -> None:
        spec = world.spec()
        world.launcher._claim(world.root / "processes" / "signoff-test-E-1-s1-a1", spec, "token")
        assert world.launcher.list() == ()
        handle = world.launcher.launch(spec, "token")
        world.await_ready(spec)
        self.running(world, handle)

    def test_an_interpreter_that_is_missing_is_the_trainers_exit(self, world: ProcessWorld) -> None:
        spec = world.spec()
        handle = "signoff-test-E-1-s1-a1"
        entry = world.root / "processes" / handle
        world.launcher._claim(entry, spec, "token")
        launch = (entry / shim.LAUNCH_FILE).read_text()
        (entry / shim.LAUNCH_FILE).write_text(launch.replace(sys.executable, "/nowhere/python"))
        world.launcher.launch(spec, "token")
        assert self.exited(world, handle).exit_code == 127
        assert "/nowhere/python" in world.launcher.logs(handle, max_bytes=1000)

    def test_a_run_folder_that_is_missing_is_a_failed_launch(self, world: ProcessWorld) -> None:
        spec = LaunchSpec(run="E-9/s1", attempt=1, folder=world.root / "missing")
        with pytest.raises(LaunchFailed, match="missing"):
            world.launcher.launch(spec, "token")

    @pytest.mark.parametrize("last_act", ['echo "{}" > "$4/group.json"; exit 2', "kill -KILL $$"])
    def test_a_shim_that_is_lost_on_the_way_decides_nothing(self, world: ProcessWorld, last_act: str) -> None:
        lost = world.root / "lost"
        lost.write_text(f"#!/bin/sh\n{last_act}\n")
        lost.chmod(0o755)
        launcher = ProcessLauncher(
            world.root / "processes", instance="test", python=str(lost), package_root=world.root
        )
        with pytest.raises(LauncherDown, match="lost on the way"):
            launcher.launch(world.spec(), "token")

    def test_another_instance_is_not_touched(self, world: ProcessWorld) -> None:
        _, handle = self.launch(world)
        other = ProcessLauncher(
            world.root / "processes",
            instance="other",
            python=sys.executable,
            package_root=world.root / "package",
        )
        assert other.list() == ()
        self.running(world, handle)

    def test_one_entry_that_cannot_be_read_hides_no_other(self, world: ProcessWorld) -> None:
        first, first_handle = self.launch(world)
        _, second_handle = self.launch(world, attempt=2)
        lock = first.folder / shim.LOCK_FILE
        lock.rename(first.folder / "moved")
        lock.mkdir()
        seen = {container.handle: container.state for container in world.launcher.list()}
        assert seen == {first_handle: ContainerState.UNCLEAR, second_handle: ContainerState.RUNNING}
        lock.rmdir()
        (first.folder / "moved").rename(lock)
        self.running(world, first_handle)

    def kill_shim(self, world: ProcessWorld, handle: str) -> None:
        shim_id = world.group(handle).shim_id
        os.kill(shim_id, signal.SIGKILL)
        wait_for(lambda: has_ended(shim_id), what="the shim dies")


def has_ended(process: int) -> bool:
    """Also true of one that nobody has reaped yet."""
    status = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return status == "" or status.startswith("Z")
