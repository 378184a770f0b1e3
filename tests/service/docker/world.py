"""The Docker launcher over the tests' own engine, with a trainer that does as its run folder says."""

import uuid
from pathlib import Path

from tests.service.docker.engine import Engine
from tests.unit.worker.launcher_contract import make_spec, wait_for
from worker.launchers.docker import DockerLauncher
from worker.launchers.docker_config import GIGABYTE, Limits, Owner
from worker.launchers.docker_engine import DockerEngine
from worker.launchers.launcher import LaunchSpec

HOST = "gpu-1"
MODULE = "obedient"
# Ends after two minutes at the latest, whatever becomes of the test.
PROGRAM = """
import os, pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
assert pathlib.Path.cwd() == folder
if (folder / "ignore_stop").exists():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
(folder / "environment").write_text("\\n".join(f"{k}={v}" for k, v in os.environ.items()))
print("hello from the trainer", flush=True)
(folder / "pid.part").write_text(str(os.getpid()))
(folder / "pid.part").rename(folder / "pid")
give_up_at = time.monotonic() + 120
while not (folder / "exit").exists() and time.monotonic() < give_up_at:
    time.sleep(0.01)
sys.exit(int((folder / "exit").read_text()))
"""


class DockerWorld:
    """An installation of its own on the engine, so that tests do not see each other's containers."""

    def __init__(self, engine: Engine, image: str, root: Path, program: str = PROGRAM) -> None:
        self.engine, self.image, self.root = engine, image, root
        self.instance = f"test-{uuid.uuid4().hex[:8]}"
        self.limits = Limits(GIGABYTE, cpus=2, file_bytes=GIGABYTE, user="10001:10001")
        (root / "code").mkdir()
        (root / "code" / f"{MODULE}.py").write_text(program)
        self.lines: list[DockerEngine] = []
        self.launcher = self.restarted()

    def restarted(self, *, instance: str | None = None, limits: Limits | None = None) -> DockerLauncher:
        """What a worker that was started anew has: the same marks, no memory."""
        line = DockerEngine(self.engine.url)
        self.lines.append(line)
        return DockerLauncher(
            line,
            self.root / "marks",
            owner=Owner(instance or self.instance, HOST),
            image=self.image,
            limits=limits or self.limits,
        )

    def spec(self, attempt: int = 1) -> LaunchSpec:
        made = make_spec(self.root, attempt)
        return LaunchSpec(
            run=made.run, attempt=attempt, folder=made.folder, code=self.root / "code", module=MODULE
        )

    def let_exit(self, spec: LaunchSpec, handle: str, code: int) -> None:
        part = spec.folder / "exit.part"
        part.write_text(str(code))
        part.rename(spec.folder / "exit")

    def ignores_stop(self, spec: LaunchSpec) -> None:
        (spec.folder / "ignore_stop").touch()

    def await_ready(self, spec: LaunchSpec) -> None:
        wait_for((spec.folder / "pid").exists, what="the trainer starts", deadline_s=90)

    def environment(self, spec: LaunchSpec) -> dict[str, str]:
        lines = (spec.folder / "environment").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def close(self) -> None:
        with self.engine.client() as client:
            for container in client.containers.list(all=True, ignore_removed=True):
                if container.labels.get("signoff.instance") == self.instance:
                    container.remove(force=True)
        for line in self.lines:
            line.close()
