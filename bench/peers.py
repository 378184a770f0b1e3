"""Other people's PPO, where it can be had: rl-zoo3, CleanRL and SBX in Pythons of their own.

`BENCH_PEERS` names a Python that has rl_zoo3 and what CleanRL needs (tyro, tensorboard); `BENCH_CLEANRL`
a checkout of CleanRL; `BENCH_SBX` a Python that has sbx-rl. What is not there is not measured.
"""

import functools
import json
import os
import resource
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.trainings import Contender

# CleanRL's scripts were written for a gymnasium whose wrapper took the space from the environment.
_CLEANRL = """
import runpy, sys
import gymnasium as gym
made = gym.wrappers.TransformObservation
gym.wrappers.TransformObservation = lambda env, func, space=None: made(env, func, space)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
# The environment, how many side by side, the steps, the seed and PPO's arguments, in JSON.
_SBX = """
import json, os, sys
os.sched_setaffinity(0, {0})
from sbx import PPO
from stable_baselines3.common.env_util import make_vec_env
env_id, envs, steps, seed, arguments = json.loads(sys.argv[1])
for name, value in arguments.items():
    if isinstance(value, list):
        arguments[name] = lambda left, start=value[0]: start * left
PPO("MlpPolicy", make_vec_env(env_id, envs), seed=seed, **arguments).learn(steps)
"""


class Absent(Exception):
    """The peer cannot be run here; the message says why."""


def rl_zoo(env_id: str, steps: int, *settings: str) -> Contender:
    """rl-zoo3's training script without its evaluations; `settings` are changes of its hyperparameters.

    :raises Absent: where it is not installed.
    """
    python = _python("BENCH_PEERS", "rl_zoo3")
    fixed = ("-m", "rl_zoo3.train", "--algo", "ppo", "--env", env_id, "--eval-freq", "-1", "--verbose", "0")
    given = ("--hyperparams", *settings) if settings else ()

    def command(seed: int, count: int) -> list[str]:
        return [python, *fixed, "--seed", str(seed), "-n", str(count), "-f", "zoo", *given]

    return _beyond_start(command, steps)


def cleanrl(script: str, env_id: str, steps: int, *settings: str) -> Contender:
    """A script of CleanRL.

    :raises Absent: where there is no checkout, or what it needs is not installed.
    """
    folder = os.environ.get("BENCH_CLEANRL", "")
    path = Path(folder) / "cleanrl" / script
    if not folder or not path.is_file():
        raise Absent("BENCH_CLEANRL names no checkout of CleanRL")
    python = _python("BENCH_PEERS", "tyro")

    def command(seed: int, count: int) -> list[str]:
        fixed = ["--env-id", env_id, "--seed", str(seed), "--total-timesteps", str(count), "--no-cuda"]
        return [python, "-c", _CLEANRL, str(path), *fixed, *settings]

    return _beyond_start(command, steps)


def sbx(env_id: str, envs: int, steps: int, arguments: Mapping[str, float | list[float]]) -> Contender:
    """SBX's PPO; an argument that is a list goes from its one number to zero.

    :raises Absent: where it is not installed.
    """
    python = _python("BENCH_SBX", "sbx")

    def command(seed: int, count: int) -> list[str]:
        return [python, "-c", _SBX, json.dumps([env_id, envs, count, seed, dict(arguments)])]

    return _beyond_start(command, steps)


def _python(setting: str, module: str) -> str:
    python = os.environ.get(setting, "")
    if not python:
        raise Absent(f"{setting} names no Python that has {module}")
    if subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode:
        raise Absent(f"{module} is not installed in {python}")
    return python


def _beyond_start(command: Callable[[int, int], list[str]], steps: int) -> Contender:
    """Counts what `steps` steps take beyond a first few, so that imports and compilation do not count.

    `command` takes the seed and a number of steps. The first few are measured once.
    """
    few = steps // 10

    @functools.cache
    def start() -> float:
        return _cpu(command(0, few))

    return lambda seed: (_cpu(command(seed, steps)) - start()) * steps / (steps - few)


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
