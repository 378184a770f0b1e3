"""What 500 idle containers cost the host loop: a list as each pass makes it, and what it takes of a core.

python -m bench.run docker_idle         (root, with dockerd: an engine of its own is started)
"""

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from bench.figure import Figure, at_most, figure
from tests.service.docker import images
from tests.service.docker.engine import Engine
from worker.launchers.docker import DockerLauncher
from worker.launchers.docker_config import GIGABYTE, Limits, Owner
from worker.launchers.docker_engine import DockerEngine
from worker.launchers.launcher import LaunchSpec

CONTAINERS = 500
PASSES = 20
AT_ONCE = 4
# The host loop's own pause between two passes.
PASS_S = 2.0
LONGEST_S, SHARE = 1.0, 0.05
IDLE = "import time\ntime.sleep(7200)\n"


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name, images.data_root() as data:
        root = Path(name)
        (root / "idle.py").write_text(IDLE)
        engine = Engine(data)
        try:
            engine.start()
            yield from _measure(engine, root)
        finally:
            engine.close()


def _measure(engine: Engine, root: Path) -> Iterator[Figure]:
    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(
            pool.map(lambda n: _launcher(engine, root).launch(_spec(root, n), f"{n}.hash"), range(CONTAINERS))
        )
    yield figure(f"launch of one of {CONTAINERS}", (time.perf_counter() - began) / CONTAINERS, "s")
    launcher = _launcher(engine, root)
    first_s, _ = _list(launcher)
    yield figure(f"first list of {CONTAINERS} after a restart of the worker", first_s, "s")
    passes = [_list(launcher) for _ in range(PASSES)]
    yield at_most(f"list of {CONTAINERS}, each pass", median(wall for wall, _ in passes), LONGEST_S, "s")
    yield at_most("share of a core in the host loop", median(cpu for _, cpu in passes) / PASS_S, SHARE, "")


def _list(launcher: DockerLauncher) -> tuple[float, float]:
    """Seconds on the clock, and of this process's CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = launcher.list()
    assert len(found) == CONTAINERS, len(found)
    return time.perf_counter() - wall, time.process_time() - cpu


def _launcher(engine: Engine, root: Path) -> DockerLauncher:
    limits = Limits(GIGABYTE // 8, cpus=1, file_bytes=GIGABYTE, user="10001:10001")
    owner = Owner("bench", "bench")
    return DockerLauncher(
        DockerEngine(engine.url), root / "marks", owner=owner, image=images.IMAGE, limits=limits
    )


def _spec(root: Path, n: int) -> LaunchSpec:
    folder = root / f"E-1-s{n}" / "a1"
    folder.mkdir(parents=True)
    return LaunchSpec(run=f"E-1/s{n}", attempt=1, folder=folder, code=root, module="idle")
