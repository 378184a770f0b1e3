from pathlib import Path

import pytest

from tests.service.trainer.runs import finish, prepare
from tests.unit.trainer.configs import config
from trainer.contract import ExitCode, SmokeLimits

pytestmark = pytest.mark.service


@pytest.mark.parametrize("algo", ["ppo", "sac"])
def test_a_smoke_run_ends_early_and_estimates_a_whole_seed(tmp_path: Path, algo: str) -> None:
    document = config(algo, total_timesteps=1_000_000)
    document["hyperparams"].pop("learning_starts", None)
    limits = SmokeLimits(min_updates=2, min_s=1.0, max_s=80.0)
    code, result = finish(prepare(tmp_path, document, kind="smoke", smoke=limits))
    assert code == ExitCode.FINISHED, result.message
    report = result.smoke
    assert report is not None
    assert report.updates >= 2
    assert result.timesteps < 1_000_000
    assert report.estimated_s >= 1_000_000 / report.steps_per_s
    assert report.peak_memory_mb > 100
    assert result.fingerprint["hash"]
    assert not result.metrics


def test_a_smoke_run_without_an_update_ends_at_its_limit(tmp_path: Path) -> None:
    document = config("ppo", total_timesteps=1_000_000)
    document["hyperparams"] |= {"n_steps": 500_000}
    limits = SmokeLimits(min_updates=2, min_s=1.0, max_s=8.0)
    code, result = finish(prepare(tmp_path, document, kind="smoke", smoke=limits))
    assert code == ExitCode.FINISHED, result.message
    assert result.smoke is not None
    assert result.smoke.updates == 0
    assert "No update happened" in result.message
    assert result.duration_s < 60
