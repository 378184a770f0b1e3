"""The Docker launcher against a real engine: the contract, and what containers alone can do."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.service.docker.engine import Engine
from tests.service.docker.world import HOST, DockerWorld
from tests.unit.worker.launcher_contract import LauncherContract, wait_for
from worker.launchers.launcher import ContainerState, LauncherDown, LaunchFailed, LaunchRefused

pytestmark = pytest.mark.service


@pytest.fixture
def world(docker_engine: Engine, trainer_image: str, tmp_path: Path) -> Iterator[DockerWorld]:
    world = DockerWorld(docker_engine, trainer_image, tmp_path)
    yield world
    world.close()


class TestDockerLauncher(LauncherContract):
    def test_what_it_prints_is_kept(self, world: DockerWorld) -> None:
        _, handle = self.launch(world)
        assert world.launcher.logs(handle, max_bytes=1000) == "hello from the trainer\n"
        assert world.launcher.logs(handle, max_bytes=8) == "trainer\n"

    def test_no_secret_reaches_the_trainer(self, world: DockerWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SIGNOFF_DATABASE_URL", "postgresql://hush")
        spec, _ = self.launch(world)
        environment = world.environment(spec)
        assert "hush" not in json.dumps(environment)
        assert environment["OMP_NUM_THREADS"] == "1"
        assert environment["CUDA_VISIBLE_DEVICES"] == ""
        assert environment["SIGNOFF_ATTEMPT"] == "1"

    def test_its_name_and_labels_say_whose_it_is(self, world: DockerWorld) -> None:
        _, handle = self.launch(world, token="7.abc")
        with world.engine.client() as client:
            found = client.containers.get(handle)
        assert handle == f"signoff-{world.instance}-E-1-s1-a1"
        assert {name: value for name, value in found.labels.items() if name.startswith("signoff.")} == {
            "signoff.instance": world.instance,
            "signoff.host": HOST,
            "signoff.run": "E-1/s1",
            "signoff.attempt": "1",
            "signoff.token": "7.abc",
            "signoff.spec_hash": "abc",
            "signoff.variant": "cpu",
        }
        assert found.attrs["Image"] == world.image
        assert found.attrs["HostConfig"]["Memory"] == found.attrs["HostConfig"]["MemorySwap"] == 2**30

    def test_a_worker_that_died_between_creating_and_starting_starts_it_the_next_time(
        self, world: DockerWorld
    ) -> None:
        spec = world.spec()
        handle = world.launcher._name(spec)
        world.launcher._create(handle, spec, "token")
        seen = world.launcher.inspect(handle)
        assert seen is not None
        assert seen.state is ContainerState.CREATED
        assert world.restarted().launch(spec, "token") == handle
        world.await_ready(spec)
        self.running(world, handle)

    def test_what_was_removed_by_somebody_is_gone_and_never_started_again(self, world: DockerWorld) -> None:
        spec, handle = self.launch(world)
        with world.engine.client() as client:
            client.containers.get(handle).remove(force=True)
        assert world.launcher.inspect(handle) is None
        assert world.launcher.list() == ()
        assert world.restarted().launch(spec, "token") == handle
        assert world.launcher.inspect(handle) is None

    def test_an_image_that_is_missing_is_named(self, world: DockerWorld) -> None:
        spec = replace(world.spec(), image="sha256:" + "0" * 64)
        with pytest.raises(LaunchFailed, match=rf"sha256:0000.* is not on host {HOST}.*make image"):
            world.launcher.launch(spec, "token")
        assert world.launcher.list() == ()

    def test_a_run_folder_that_is_missing_is_a_failed_launch(self, world: DockerWorld) -> None:
        spec = replace(world.spec(), folder=world.root / "missing")
        with pytest.raises(LaunchFailed, match="missing"):
            world.launcher.launch(spec, "token")

    def test_a_dataset_that_is_missing_may_be_mounted_again(self, world: DockerWorld) -> None:
        spec = replace(world.spec(), reads=(world.root / "nas" / "medium.hdf5",))
        with pytest.raises(LaunchFailed, match=r"medium\.hdf5"):
            world.launcher.launch(spec, "token")

    def test_a_link_out_of_the_run_is_not_mounted(self, world: DockerWorld) -> None:
        spec = world.spec(attempt=2)
        old = spec.folder.parent / "a1"
        old.mkdir()
        (old / "checkpoints").symlink_to("/etc")
        with pytest.raises(LaunchRefused, match="leads out"):
            world.launcher.launch(replace(spec, reads=(old / "checkpoints" / "ssl",)), "token")

    @pytest.mark.parametrize(("gpus", "asked"), [(("GPU-1",), "1 GPU"), (("MIG-1", "MIG-2"), "2 GPUs")])
    def test_a_host_without_the_nvidia_runtime_refuses_before_the_launch(
        self, world: DockerWorld, gpus: tuple[str, ...], asked: str
    ) -> None:
        spec = replace(world.spec(), device="cuda", gpus=gpus)
        said = rf"^host {HOST} has no NVIDIA container runtime; the spec asks for {asked}\."
        with pytest.raises(LaunchRefused, match=said):
            world.launcher.launch(spec, "token")
        assert world.launcher.list() == ()

    def test_a_foreign_container_is_not_touched(self, world: DockerWorld) -> None:
        spec = world.spec()
        handle = world.launcher._name(spec)
        with world.engine.client() as client:
            foreign = client.containers.create(world.image, ["sleep", "60"], name=handle, network_mode="none")
            try:
                foreign.start()
                with pytest.raises(LaunchRefused, match="not Signoff's"):
                    world.launcher.launch(spec, "token")
                world.launcher.stop(handle, grace_s=0)
                world.launcher.remove(handle)
                foreign.reload()
                assert foreign.status == "running"
                assert world.launcher.list() == ()
            finally:
                foreign.remove(force=True)

    def test_another_instance_is_not_seen(self, world: DockerWorld) -> None:
        _, handle = self.launch(world)
        other = world.restarted(instance="other")
        assert other.list() == ()
        other.stop(handle, grace_s=0)
        self.running(world, handle)

    def test_hundreds_that_nothing_happens_to_cost_one_call(self, world: DockerWorld) -> None:
        spec, handle = self.launch(world)
        before = world.launcher.list()
        assert world.launcher.list()[0] is before[0]
        world.let_exit(spec, handle, 4)
        self.exited(world, handle)
        assert world.launcher.list()[0].exit_code == 4

    def test_an_engine_that_does_not_answer_decides_nothing(self, world: DockerWorld) -> None:
        nobody = world.restarted()
        nobody._engine._url = f"unix://{world.root}/nobody.sock"
        for ask in (
            nobody.list,
            lambda: nobody.inspect(f"signoff-{world.instance}-x-a1"),
            lambda: nobody.launch(world.spec(), "token"),
        ):
            with pytest.raises(LauncherDown, match="does not answer"):
                ask()
        assert nobody.logs(f"signoff-{world.instance}-x-a1", max_bytes=10) == ""

    def test_a_stop_that_nobody_heard_is_asked_again(self, world: DockerWorld) -> None:
        _, handle = self.launch(world)
        mark = world.root / "marks" / handle / "stop.json"
        line = world.launcher._engine

        class Deaf(type(line)):  # type: ignore[misc]  # the class of the line, whatever it is
            def kill(self, name: str, signal: int) -> None:
                raise LauncherDown("no answer")

        line.__class__ = Deaf
        with pytest.raises(LauncherDown):
            world.launcher.stop(handle, grace_s=60)
        line.__class__ = Deaf.__base__
        assert not mark.exists()
        world.launcher.stop(handle, grace_s=60)
        assert self.exited(world, handle).exit_code == 143

    def test_it_reads_what_it_is_given_and_cannot_write_there(self, world: DockerWorld) -> None:
        given = world.root / "given"
        given.mkdir()
        (given / "data").write_text("42")
        program = "import sys; from pathlib import Path\nfolder = Path(sys.argv[1])\n"
        program += f"(folder / 'seen').write_text(Path('{given}/data').read_text())\n"
        program += f"Path('{given}/data').write_text('43')\n"
        (world.root / "code" / "obedient.py").write_text(program)
        spec = replace(world.spec(), reads=(given,))
        handle = world.launcher.launch(spec, "token")
        wait_for(lambda: self.has_exited(world, handle), what="it ends")
        assert (spec.folder / "seen").read_text() == "42"
        assert (given / "data").read_text() == "42"
        assert "Read-only file system" in world.launcher.logs(handle, max_bytes=2000)

    def test_the_images_trainer_describes_a_bundle(self, world: DockerWorld) -> None:
        spec = replace(world.spec(), module="trainer.describe")
        handle = world.launcher.launch(spec, "code.1.2")
        wait_for(lambda: self.has_exited(world, handle), what="it ends", deadline_s=120)
        seen = world.launcher.inspect(handle)
        assert seen is not None
        assert seen.exit_code == 0, world.launcher.logs(handle, max_bytes=2000)
        assert json.loads((spec.folder / "described.json").read_text())["environments"] == {}

    def has_exited(self, world: DockerWorld, handle: str) -> bool:
        seen = world.launcher.inspect(handle)
        return seen is not None and seen.state is ContainerState.EXITED
