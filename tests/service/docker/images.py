"""The trainer's image for the tests: built once by `make image`'s own script, and kept between runs.

    python -m tests.service.docker.images

builds it ahead; SIGNOFF_TEST_IMAGE=kept takes the one that is there, although `trainer/` has been
changed since it was built. The kept data root is never used by a test: each engine gets a copy of it, whose
layers are hard links (nothing writes into a layer that a container stands on).
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import metadata
from pathlib import Path

from tests.service.docker.engine import Engine

REPOSITORY = Path(__file__).parents[3]
KEPT = REPOSITORY / "build" / "docker"
IMAGE = "signoff-trainer"
BASE = "signoff-base"
# The tests train what comes with gymnasium; video, ONNX export and other families would add 0.9 GB.
EXTRAS = "trainer"
COMMANDS = ("dockerd", "docker", "debootstrap", "git")


def missing() -> str | None:
    """Why there can be no engine here; None if there can."""
    absent = [name for name in COMMANDS if shutil.which(name) is None]
    if absent:
        return f"{' and '.join(absent)} not installed"
    return None if os.geteuid() == 0 else "only root can start dockerd"


def key() -> str:
    """Names what the image is made of."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    digest = hashlib.sha256(repr((EXTRAS, project["optional-dependencies"])).encode())
    paths = [path for path in (REPOSITORY / "trainer").rglob("*") if path.is_file()]
    kept = [path for path in paths if "__pycache__" not in path.parts]
    for path in [*sorted(kept), REPOSITORY / "constraints.txt"]:
        digest.update(f"{path.relative_to(REPOSITORY)}\n".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


@contextmanager
def data_root() -> Iterator[Path]:
    """A data root that holds the image, for one engine. It is left for the next one that needs the same."""
    folder = KEPT / "copies"
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as opened:
        with _locked(KEPT / "lock"):
            _build()
            copy = _take(folder, opened) or _make(folder, opened)
        state = copy / "holds"
        holds = state.read_text()
        state.unlink()  # of one that is not given back orderly, nobody knows what it holds
        yield copy / "root"
        state.write_text(holds)


def _take(folder: Path, opened: ExitStack) -> Path | None:
    """One that an earlier engine has left clean; what others have left behind is removed."""
    wanted = (KEPT / "built").read_text()
    for copy in folder.iterdir():
        lock = opened.enter_context((copy / "in-use").open("a"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        state = copy / "holds"
        if state.exists() and state.read_text() == wanted:
            return copy
        shutil.rmtree(copy, ignore_errors=True)
    return None


def _make(folder: Path, opened: ExitStack) -> Path:
    copy = Path(tempfile.mkdtemp(dir=folder))
    fcntl.flock(opened.enter_context((copy / "in-use").open("a")), fcntl.LOCK_EX)
    _copy(KEPT / "root", copy / "root")
    (copy / "holds").write_text((KEPT / "built").read_text())
    return copy


def _build() -> None:
    """Brings the kept data root up to date."""
    built, wanted = KEPT / "built", key()
    if built.exists() and (built.read_text() == wanted or os.environ.get("SIGNOFF_TEST_IMAGE") == "kept"):
        return
    built.unlink(missing_ok=True)
    engine = Engine(KEPT / "root")
    settings = {
        "BASE_IMAGE": BASE,
        "IMAGE": IMAGE,
        "EXTRAS": EXTRAS,
        "ARCHIVE": str(KEPT / "base.tar"),
        "CONTEXT": str(KEPT / "context"),
        "PYTHON": sys.executable,
        **_torch_index(),
    }
    try:
        engine.start()
        environment = {**engine.environment, **settings}
        for script in ("base.sh", "image.sh"):
            if script == "image.sh" or not _has(engine, BASE):
                _run([str(REPOSITORY / "trainer" / script)], environment)
        # What the last build left; its packages stay, as what the next build begins with.
        _run(["docker", "image", "prune", "--force", "--filter", "label=signoff.variant"], environment)
    finally:
        engine.close()
    built.write_text(wanted)


def _torch_index() -> dict[str, str]:
    """Where pip has found a CPU build of torch for this interpreter, it will find the image's."""
    found_here = metadata.version("torch").endswith("+cpu")
    return {"TORCH_INDEX": ""} if found_here and "TORCH_INDEX" not in os.environ else {}


def _has(engine: Engine, image: str) -> bool:
    command = ["docker", "image", "inspect", image]
    return subprocess.run(command, env=engine.environment, capture_output=True, check=False).returncode == 0


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr.decode()[-4000:]}")


def _copy(kept: Path, copy: Path) -> None:
    """Layers as links, everything that an engine writes to as copies."""
    copy.mkdir(mode=0o711)
    for part in kept.iterdir():
        links = ["--link"] if part.name in ("overlay2", "vfs") else []
        subprocess.run(["cp", "--archive", *links, str(part), str(copy / part.name)], check=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    reason = missing()
    if reason:
        sys.exit(f"The tests with a Docker Engine will be skipped: {reason}.")
    with data_root():
        sys.stdout.write(f"The trainer's image is kept in {KEPT}.\n")
