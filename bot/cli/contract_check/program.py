"""Runs a training program as the launcher would: a folder with spec.json, a process group, SIGTERM."""

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from db.errors import Refused
from db.redact import log_tail
from trainer.contract import PROGRESS_FILE, RESULT_FILE, SPEC_FILE, JsonObject, Progress, RunResult, RunSpec

POLL_S = 0.05
MAX_BYTES = 1024 * 1024
OUTPUT_FILE = "output.log"
_M = TypeVar("_M", bound=BaseModel)

CONFIG: JsonObject = {
    "algo": "ppo",
    "policy": "MlpPolicy",
    "total_timesteps": 2_048,
    "n_envs": 1,
    "env": {"id": "CartPole-v1"},
    "hyperparams": {"n_steps": 256, "batch_size": 64, "n_epochs": 2},
    "eval": {"env": {"id": "CartPole-v1"}, "n_eval_episodes": 5, "interim": {"points": 2, "episodes": 1}},
}
MANY_STEPS = 50_000_000


@dataclass
class Running:
    """A program at work in `folder`."""

    process: subprocess.Popen[bytes]
    folder: Path

    def wait(self, within_s: float) -> int | None:
        """Its exit code; None where it goes on."""
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            return None

    def until(self, condition: Callable[[], bool], within_s: float) -> bool:
        """Whether the condition came true in time; a program that has ended brings nothing new."""
        give_up_at = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > give_up_at or self.process.poll() is not None:
                return condition()
            time.sleep(POLL_S)
        return True

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def last_words(self) -> str:
        """The end of what it said, for people."""
        return log_tail((self.folder / OUTPUT_FILE).read_text("utf-8", "replace"), max_lines=3)


@contextmanager
def started(command: str, folder: Path) -> Iterator[Running]:
    """Start the command with the folder as its last argument; kill what is left of it on leaving.

    :raises Refused: where there is no such program.
    """
    with (folder / OUTPUT_FILE).open("wb") as output:
        try:
            process = subprocess.Popen(  # noqa: S603 - the person's own command, no shell
                [*shlex.split(command), str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise Refused(f"{command!r} cannot be started: {error}") from error
    try:
        yield Running(process, folder)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def spec(**changes: object) -> RunSpec:
    """A tiny run on CartPole; `config` in changes is laid over the tiny one."""
    config = {**CONFIG, **changes.pop("config", {})}  # type: ignore[dict-item]  # a config of ours
    fields = {"experiment": "E-1", "run": "E-1/s1", "attempt": 1, "seed_index": 1, "seed": 1}
    return RunSpec.model_validate({**fields, "config": config, "spec_hash": "check", **changes})


def prepare(folder: Path, text: str) -> Path:
    """A run folder with this spec.json."""
    folder.mkdir(parents=True)
    (folder / SPEC_FILE).write_text(text)
    return folder


def result_of(folder: Path) -> RunResult | str:
    """The result, or what is wrong with it."""
    return _read(folder / RESULT_FILE, RunResult)


def progress_of(folder: Path) -> Progress | str:
    """The newest heartbeat, or what is wrong with it."""
    return _read(folder / PROGRESS_FILE, Progress)


def _read(path: Path, kind: type[_M]) -> _M | str:
    try:
        with path.open("rb") as file:
            return kind.model_validate_json(file.read(MAX_BYTES))
    except FileNotFoundError:
        return f"{path.name} is missing"
    except OSError as error:
        return f"{path.name} cannot be read: {error.strerror}"
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        return f"{path.name} is not as trainer/contract.py says ({place}: {first['msg']})"
