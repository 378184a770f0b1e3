"""The rewards that baselines reach against what their source published: whole trainings, five seeds each.

Published means and standard deviations are over the episodes of one trained run (rl-baselines3-zoo,
benchmark.md); LunarLander's was measured on v2. Takes about half an hour on two quiet cores. With
`BENCH_REWARDS` set to names of presets, those alone are trained.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.figure import Figure, figure
from trainer.catalogue import Preset, load_presets
from trainer.contract import RunResult, RunSpec

PRESETS = (
    "ppo-cartpole",
    "dqn-cartpole",
    "ppo-acrobot",
    "ppo-mountaincar",
    "dqn-mountaincar",
    "ppo-pendulum",
    "ppo-lunarlander",
)
SEEDS = range(1, 6)
AT_ONCE = 2
LIMIT_S = 3 * 3_600.0
_PUBLISHED = re.compile(r"(?P<mean>-?[\d.]+) ± (?P<std>[\d.]+)")


def figures() -> list[Figure]:
    wanted = os.environ.get("BENCH_REWARDS", "").split() or PRESETS
    known = {preset.name: preset for preset in load_presets()}
    return [_against_published(known[name]) for name in wanted]


def _against_published(preset: Preset) -> Figure:
    found = _PUBLISHED.search(preset.published)
    if found is None:
        raise ValueError(f"{preset.name} has no published mean ± std: {preset.published!r}")
    mean, std = float(found["mean"]), float(found["std"])
    rewards = _rewards(preset)
    reached = statistics.fmean(rewards)
    seeds = ", ".join(f"{reward:.1f}" for reward in rewards)
    return figure(
        f"{preset.name}: mean final reward of {len(rewards)} seeds ({seeds})",
        round(reached, 1),
        "return",
        against=f"published {preset.published}",
        goal=f"at least {mean - std:.1f} (mean less std)",
        holds=reached >= mean - std,
    )


def _rewards(preset: Preset) -> list[float]:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda seed: _train(Path(folder, f"s{seed}"), preset, seed), SEEDS))


def _train(folder: Path, preset: Preset, seed: int) -> float:
    """One training by the trainer's own command, as a run does it; its final reward on fresh episodes."""
    folder.mkdir()
    spec = RunSpec(
        experiment="E-1",
        run=f"E-1/s{seed}",
        attempt=1,
        seed_index=seed,
        seed=seed,
        config=preset.config,
        spec_hash="0" * 64,
        time_limit_s=LIMIT_S,
    )
    (folder / "spec.json").write_text(spec.model_dump_json())
    subprocess.run(
        [sys.executable, "-m", "trainer", str(folder)],
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stderr=subprocess.DEVNULL,
    )
    result = RunResult.model_validate_json((folder / "result.json").read_bytes())
    return result.metrics["final_reward"]
