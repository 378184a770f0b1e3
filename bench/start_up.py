"""From the launch to the first gradient step: a cold process, and a fork of the warm parent.

python -m bench.run start_up
"""

import re
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from statistics import median

from bench.figure import Figure, at_most
from trainer.callbacks import FIRST_GRADIENT_STEP
from trainer.contract import EXIT_FILE, LOG_FILE, SPEC_FILE, RunSpec
from worker.launchers import warm
from worker.launchers.launcher import LaunchSpec
from worker.launchers.process import ProcessLauncher
from worker.machine import trainer_root

ROUNDS = 9
COLD_S, WARM_S = 2.0, 0.15
PATIENCE_S = 120.0
_STEP = re.compile(r"^(\S+ \S+),(\d{3}) .*" + re.escape(FIRST_GRADIENT_STEP), re.MULTILINE)


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        cold, forked = (_launcher(root, kind) for kind in ("cold", "warm"))
        parent = forked.warm_parent
        found = []
        if parent is not None:
            parent.supervise()
            _await(lambda: _is_warm(root))
            found.append(
                at_most("launch to first gradient step, warm", _median_s(forked, root, "warm"), WARM_S, "s")
            )
            parent.stop()
        found.insert(
            0, at_most("launch to first gradient step, cold", _median_s(cold, root, "cold"), COLD_S, "s")
        )
    return found


def _launcher(root: Path, kind: str) -> ProcessLauncher:
    return ProcessLauncher(
        root / "processes",
        instance=kind,
        python=sys.executable,
        package_root=trainer_root(),
        warm_start=kind == "warm",
    )


def _is_warm(root: Path) -> bool:
    with warm.connected(root) as line:
        return line is not None


def _median_s(launcher: ProcessLauncher, root: Path, kind: str) -> float:
    """After one round that fills the disk's cache."""
    taken = [_once_s(launcher, root / kind / str(number)) for number in range(ROUNDS + 1)]
    return round(median(taken[1:]), 3)


def _once_s(launcher: ProcessLauncher, folder: Path) -> float:
    folder.mkdir(parents=True)
    (folder / SPEC_FILE).write_text(_spec().model_dump_json())
    began = time.time()
    handle = launcher.launch(LaunchSpec(run=f"E-1/s{folder.name}", attempt=1, folder=folder), "bench")
    _await(lambda: _first_step(folder) is not None or (folder / EXIT_FILE).exists())
    launcher.stop(handle, grace_s=0)
    launcher.stop(handle, grace_s=0)
    _await((folder / EXIT_FILE).exists)
    said = _first_step(folder)
    if said is None:
        raise RuntimeError(f"no gradient step in {(folder / LOG_FILE).read_text()}")
    return datetime.fromisoformat(said[1]).timestamp() + int(said[2]) / 1000 - began


def _first_step(folder: Path) -> re.Match[str] | None:
    log = folder / LOG_FILE
    return _STEP.search(log.read_text()) if log.exists() else None


def _spec() -> RunSpec:
    env = {"id": "CartPole-v1"}
    config = {
        "algo": "ppo",
        "total_timesteps": 512,
        "n_envs": 8,
        "env": env,
        "hyperparams": {"n_steps": 32, "batch_size": 256},
        "eval": {"env": env, "n_eval_episodes": 1, "interim": {"points": 0}},
    }
    return RunSpec.model_validate(
        {
            "experiment": "E-1",
            "run": "E-1/s1",
            "attempt": 1,
            "seed_index": 1,
            "seed": 1,
            "config": config,
            "spec_hash": "0" * 64,
        }
    )


def _await(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"waited {PATIENCE_S:.0f} s in vain")
        time.sleep(0.005)
