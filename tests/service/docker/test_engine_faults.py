"""What is seen of containers when Docker, the kernel or the run itself misbehaves."""

import json
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from db.lifecycle import ExitCause
from tests.service.docker import programs
from tests.service.docker.engine import Engine
from tests.service.docker.world import DockerWorld
from tests.unit.worker.launcher_contract import wait_for
from worker.classify import Evidence, classify
from worker.launchers.launcher import Container, ContainerState, LauncherDown
from worker.run_folder import read_result

pytestmark = pytest.mark.service

MEGABYTE = 2**20
MakeWorld: TypeAlias = Callable[[str], DockerWorld]


@pytest.fixture
def make_world(docker_engine: Engine, trainer_image: str, tmp_path: Path) -> Iterator[MakeWorld]:
    worlds: list[DockerWorld] = []

    def make(program: str) -> DockerWorld:
        worlds.append(DockerWorld(docker_engine, trainer_image, tmp_path, program))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


def ended(world: DockerWorld, handle: str) -> Container:
    def has_ended() -> bool:
        seen = world.launcher.inspect(handle)
        return seen is not None and seen.state is ContainerState.EXITED

    wait_for(has_ended, what=f"{handle} ends", deadline_s=300)
    seen = world.launcher.inspect(handle)
    assert seen is not None
    return seen


def cause(seen: Container) -> ExitCause:
    return classify(Evidence(seen.exit_code, seen.signal, oom_killed=seen.oom_killed)).cause


def start_all(world: DockerWorld, ways: list[str]) -> list[str]:
    handles = []
    for n, how in enumerate(ways, start=1):
        spec = world.spec(attempt=n)
        (spec.folder / "how").write_text(how)
        handles.append(world.launcher.launch(spec, f"{n}.hash"))
    return handles


def test_every_way_to_end_is_told_from_the_others(make_world: MakeWorld) -> None:
    expected = {
        "0": (0, None, ExitCause.CODE_ERROR),  # for want of a result
        "1": (1, None, ExitCause.CODE_ERROR),
        "2": (2, None, ExitCause.CODE_ERROR),
        "126": (126, None, ExitCause.START_FAILURE),
        "127": (127, None, ExitCause.START_FAILURE),
        "SIGKILL": (137, signal.SIGKILL, ExitCause.INFRASTRUCTURE),
        "SIGSEGV": (139, signal.SIGSEGV, ExitCause.CODE_ERROR),
        "SIGTERM": (143, signal.SIGTERM, ExitCause.INFRASTRUCTURE),
    }
    world = make_world(programs.ENDS_BY)
    handles = start_all(world, list(expected))
    seen = [ended(world, handle) for handle in handles]
    assert [(one.exit_code, one.signal, cause(one)) for one in seen] == list(expected.values())


def test_want_of_memory_is_told_for_the_program_and_for_its_children(make_world: MakeWorld) -> None:
    """Whether the kernel's hint is given for a child alone depends on its version: the code comes first."""
    world = make_world(programs.EATS_MEMORY)
    limits = replace(world.limits, memory_bytes=256 * MEGABYTE)
    world.launcher = world.restarted(limits=limits)
    main, child, unharmed = [ended(world, one) for one in start_all(world, ["main 0", "child 3", "child 0"])]
    assert (main.exit_code, main.oom_killed, cause(main)) == (137, True, ExitCause.OUT_OF_MEMORY)
    assert (child.exit_code, cause(child)) == (3, ExitCause.CODE_ERROR)
    assert unharmed.exit_code == 0


def test_with_live_restore_training_outlives_the_engine(
    make_world: MakeWorld, fragile_engine: Engine
) -> None:
    fragile_engine.stop()
    fragile_engine.start(live_restore=True)
    world = make_world(programs.COUNTS)
    goes_on, ends = world.spec(1), world.spec(2)
    handles = [world.launcher.launch(goes_on, "1.hash"), world.launcher.launch(ends, "2.hash")]
    for spec in (goes_on, ends):
        world.await_ready(spec)
    before = world.launcher.inspect(handles[0])

    fragile_engine.kill()
    with pytest.raises(LauncherDown):
        world.launcher.list()
    world.let_exit(ends, handles[1], 7)
    written = counted(goes_on.folder)
    wait_for(lambda: counted(goes_on.folder) > written + 10, what="it goes on without an engine")

    fragile_engine.start(live_restore=True)
    assert world.launcher.launch(goes_on, "1.hash") == handles[0]
    assert world.launcher.inspect(handles[0]) == before
    assert ended(world, handles[1]).exit_code == 7
    world.let_exit(goes_on, handles[0], 0)
    assert ended(world, handles[0]).exit_code == 0
    lines = (goes_on.folder / "train.log").read_text().split()
    assert lines == [str(n) for n in range(len(lines))]


def counted(folder: Path) -> int:
    return (folder / "train.log").read_text().count("\n")


def test_a_hostile_run_reaches_nothing_but_its_own_folder(make_world: MakeWorld) -> None:
    world = make_world(programs.MEANS_HARM)
    world.launcher = world.restarted(limits=replace(world.limits, file_bytes=32 * MEGABYTE))
    spec = world.spec()
    (spec.folder / "host").write_text(str(world.root))
    handle = world.launcher.launch(spec, "1.hash")
    seen = ended(world, handle)
    assert seen.exit_code == 0, world.launcher.logs(handle, max_bytes=2000)

    report = json.loads((spec.folder / "report.json").read_text())
    error, children = report.pop("fork")
    assert error == "EAGAIN"
    assert children < 1024
    assert report == {
        "network": "ENETUNREACH",
        "interfaces": ["lo"],
        "write_root": "EROFS",
        "write_code": "EROFS",
        "shadow": "EACCES",
        "become_root": "EPERM",
        "docker": False,
        "host": False,
        "execute_tmp": "EACCES",
        "large_file": "EFBIG",
        "fill_tmp": "EFBIG",
        "rights": ["0000000000000000", "0000000000000000", "1"],
    }
    result, problem = read_result(spec.folder, run="E-1/s1", attempt=1)
    assert result is None
    assert "cannot be read" in problem
    assert kept_output(world, handle) < 110 * MEGABYTE
    assert world.launcher.logs(handle, max_bytes=100) == "y" * 99 + "\n"


def kept_output(world: DockerWorld, handle: str) -> int:
    """Bytes that the engine has kept of what it printed."""
    with world.engine.client() as client:
        folder = world.engine.data / "containers" / str(client.containers.get(handle).id)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
