from pathlib import Path

import pytest

from tests.service.trainer.runs import prepare as prepare_run
from tests.service.trainer.runs import rows, with_test_environments
from tests.unit.trainer.configs import config
from trainer.contract import ExitCode

pytestmark = pytest.mark.service


def test_a_crossing_counts_where_fresh_episodes_confirm_it(tmp_path: Path) -> None:
    """Counter's return is at most its length, 3 to 7 steps, 5 on average: 4.5 is learnt, 9 is impossible."""
    document = config("ppo", env={"id": "SignoffTest/Counter-v0"}, total_timesteps=6_000)
    document["hyperparams"] |= {"learning_rate": 0.01}
    document["eval"] = {"env": {"id": "SignoffTest/Counter-v0"}, "n_eval_episodes": 100}
    targets = [
        {"threshold": 4.5, "within_steps": 5_000},
        {"threshold": 9.0, "within_steps": 5_000},
        {"threshold": 4.5, "within_steps": 10},
    ]
    folder = prepare_run(tmp_path, document, solve_targets=targets)
    code, result = with_test_environments(folder)
    assert code == ExitCode.FINISHED, result.message
    reached, impossible, too_early = result.solved
    assert reached.timesteps is not None
    assert reached.timesteps <= 5_000
    looks = {int(row["timesteps"]): float(row["final_reward"]) for row in rows(folder / "evaluations.csv")}
    assert looks[reached.timesteps] >= 4.5
    assert {10, 5_000} <= set(looks)
    assert (impossible.timesteps, too_early.timesteps) == (None, None)
