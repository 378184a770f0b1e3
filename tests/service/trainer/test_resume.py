"""A training that was interrupted and resumed learns what the one that never stopped learns."""

import math
import threading
from pathlib import Path
from typing import Any

import pytest

from db.verdict.distributions import t_quantile
from tests.unit.trainer.configs import attempt, config
from trainer.errors import Stopped
from trainer.train import train

pytestmark = pytest.mark.service

STEPS = 48_000
SEEDS = (1, 2, 3)
SOLVED = 450
ZOO: dict[str, Any] = {
    "n_steps": 32,
    "batch_size": 256,
    "gae_lambda": 0.8,
    "gamma": 0.98,
    "n_epochs": 20,
    "learning_rate": {"schedule": "linear", "start": 0.001, "end": 0.0},
    "clip_range": {"schedule": "linear", "start": 0.2, "end": 0.0},
}


def _config() -> dict[str, Any]:
    document = config("ppo", total_timesteps=STEPS, n_envs=8, hyperparams=ZOO)
    document["eval"] |= {"n_eval_episodes": 25, "interim": {"points": 0}}
    return document


def _uninterrupted(folder: Path, seed: int) -> float:
    one = attempt(folder, _config(), seed=seed)
    train(one)
    return one.metrics["final_reward"]


def _interrupted(folder: Path, seed: int) -> float:
    """Stopped at a random moment around the middle, then resumed as the worker does."""
    first = attempt(folder / "a1", _config(), seed=seed)
    over = threading.Event()

    def stop_in_the_middle() -> None:
        while first.timesteps < STEPS * (0.3 + 0.1 * seed) and not over.wait(0.001):
            pass
        first.stop.reason = "SIGTERM"

    watcher = threading.Thread(target=stop_in_the_middle)
    watcher.start()
    with pytest.raises(Stopped):
        train(first)
    over.set()
    watcher.join()
    assert first.checkpoint is not None
    assert first.timesteps < STEPS
    second = attempt(
        folder / "a2", _config(), seed=seed, attempt=2, resume_from=str(folder / "a1" / first.checkpoint)
    )
    train(second)
    assert second.resumed_from is not None
    assert second.timesteps >= STEPS
    return second.metrics["final_reward"]


@pytest.mark.timeout(600)  # six whole trainings
def test_resumed_and_uninterrupted_trainings_learn_the_same(tmp_path: Path) -> None:
    whole = [_uninterrupted(tmp_path / f"whole-{seed}", seed) for seed in SEEDS]
    parts = [_interrupted(tmp_path / f"parts-{seed}", seed) for seed in SEEDS]
    difference = sum(parts) / len(parts) - sum(whole) / len(whole)
    assert abs(difference) <= _half_width(whole, parts), (whole, parts)
    assert sum(parts) / len(parts) > SOLVED, parts


def _half_width(a: list[float], b: list[float]) -> float:
    """Of the 95 % interval of the difference of means, at least one episode's length of a poor seed."""
    spread = sum((value - sum(a) / len(a)) ** 2 for value in a) + sum((v - sum(b) / len(b)) ** 2 for v in b)
    pooled = spread / (len(a) + len(b) - 2) * (1 / len(a) + 1 / len(b))
    return max(25.0, t_quantile(0.975, len(a) + len(b) - 2) * math.sqrt(pooled))
