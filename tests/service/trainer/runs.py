"""Starting the trainer as the launcher does: a process with a run folder."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.unit.trainer.configs import spec
from trainer.contract import Progress, RunResult

LAUNCH = Path(__file__).with_name("launch.py")
DEADLINE_S = 100.0


def prepare(folder: Path, document: dict[str, Any], **changes: Any) -> Path:
    """A run folder with its spec."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spec.json").write_text(spec(document, **changes).model_dump_json())
    return folder


@contextmanager
def started(
    folder: Path, *, command: tuple[str, ...] = ("-m", "trainer")
) -> Iterator[subprocess.Popen[bytes]]:
    """The trainer's process; killed on leaving where it still runs."""
    with subprocess.Popen(
        [sys.executable, *command, str(folder)],
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def finish(
    folder: Path, *, command: tuple[str, ...] = ("-m", "trainer"), within_s: float = DEADLINE_S
) -> tuple[int, RunResult]:
    """Run to the end; the exit code, and the result that was left."""
    with started(folder, command=command) as process:
        code = process.wait(within_s)
    return code, result_of(folder)


def with_test_environments(folder: Path) -> tuple[int, RunResult]:
    """As `finish`, with the environments of `tests.unit.trainer.environments`."""
    return finish(folder, command=(str(LAUNCH),))


def result_of(folder: Path) -> RunResult:
    return RunResult.model_validate_json((folder / "result.json").read_bytes())


def progress_of(folder: Path) -> Progress | None:
    path = folder / "progress.json"
    return Progress.model_validate_json(path.read_bytes()) if path.exists() else None


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {DEADLINE_S:.0f} s"
        time.sleep(0.02)


def wait_for_steps(folder: Path, timesteps: int) -> None:
    def reached() -> bool:
        progress = progress_of(folder)
        return progress is not None and progress.timesteps >= timesteps

    wait_for(reached, f"step {timesteps}")


def stop(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(DEADLINE_S)


def rows(path: Path) -> list[dict[str, str]]:
    header, *lines = path.read_text().splitlines()
    return [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]


def log_of(folder: Path) -> str:
    return (folder / "train.log").read_text()


def manifest_of(folder: Path, checkpoint: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / checkpoint / "manifest.json").read_text())
    return document
