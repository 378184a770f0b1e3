"""Other people's PPO, where it can be had: rl-zoo3 and CleanRL in a Python of their own.

`BENCH_PEERS` names a Python that has rl_zoo3 and what CleanRL needs (tyro, tensorboard); `BENCH_CLEANRL`
a checkout of CleanRL. What is not there is not measured.
"""

import os
import resource
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.trainings import Contender


class Absent(Exception):
    """The peer cannot be run here; the message says why."""


def rl_zoo(env_id: str, steps: int, *settings: str) -> Contender:
    """rl-zoo3's training script without its evaluations.

    :raises Absent: where it is not installed.
    """
    python = _python("rl_zoo3")
    fixed = ("-m", "rl_zoo3.train", "--algo", "ppo", "--env", env_id, "--eval-freq", "-1", "--verbose", "0")
    given = ("--hyperparams", *settings) if settings else ()

    def train(seed: int) -> float:
        def command(count: int) -> list[str]:
            return [python, *fixed, "--seed", str(seed), "-n", str(count), "-f", "zoo", *given]

        return _beyond_start(command, steps)

    return train


def cleanrl(script: str, env_id: str, steps: int, *settings: str) -> Contender:
    """A script of CleanRL.

    :raises Absent: where there is no checkout, or what it needs is not installed.
    """
    folder = os.environ.get("BENCH_CLEANRL", "")
    path = Path(folder) / "cleanrl" / script
    if not folder or not path.is_file():
        raise Absent("BENCH_CLEANRL names no checkout of CleanRL")
    python = _python("tyro")

    def train(seed: int) -> float:
        def command(count: int) -> list[str]:
            fixed = ["--env-id", env_id, "--seed", str(seed), "--total-timesteps", str(count), "--no-cuda"]
            return [python, str(path), *fixed, *settings]

        return _beyond_start(command, steps)

    return train


def _python(module: str) -> str:
    python = os.environ.get("BENCH_PEERS", "")
    if not python:
        raise Absent("BENCH_PEERS names no Python that has it")
    if subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode:
        raise Absent(f"{module} is not installed in {python}")
    return python


def _beyond_start(command: Callable[[int], list[str]], steps: int) -> float:
    """CPU seconds of `steps` steps more than a first few, so that imports do not count."""
    few = steps // 10
    return (_cpu(command(steps)) - _cpu(command(few))) * steps / (steps - few)


def _cpu(command: list[str]) -> float:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        ended = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    if ended.returncode:
        raise Absent(f"it failed: {ended.stderr.strip().splitlines()[-1:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
