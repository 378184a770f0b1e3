"""The baselines reach the rewards that their sources report: whole trainings, minutes each."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.service.trainer.runs import finish, prepare
from trainer.catalogue import load_presets
from trainer.contract import ExitCode, RunResult

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(3_600)]

SEEDS = (1, 2, 3)
AT_ONCE = 2
TRAINING_S = 1_800.0


def _train(folder: Path, preset: str) -> list[RunResult]:
    config = {known.name: known.config for known in load_presets()}[preset]

    def one(seed: int) -> RunResult:
        run = prepare(folder / f"s{seed}", config, seed=seed, seed_index=seed)
        code, result = finish(run, within_s=TRAINING_S)
        assert code == ExitCode.FINISHED, result.message
        return result

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, SEEDS))


def test_ppo_balances_the_pole_without_fail(tmp_path: Path) -> None:
    for result in _train(tmp_path, "ppo-cartpole"):
        assert result.metrics["final_reward"] == 500.0
        assert result.metrics["success_rate"] == 1.0


def test_ppo_swings_the_pendulum_up(tmp_path: Path) -> None:
    for result in _train(tmp_path, "ppo-pendulum"):
        assert result.metrics["final_reward"] > -250.0
