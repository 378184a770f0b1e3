import json
import time
from pathlib import Path

import pytest

from tests.unit.trainer.configs import attempt, config
from trainer.attempt import LONGEST_PREPARING_S
from trainer.contract import ExitCode, Phase, Progress, RunResult
from trainer.errors import Stopped, TimeUp


def test_the_heartbeat_can_always_be_read(tmp_path: Path) -> None:
    one = attempt(tmp_path, config())
    one.timesteps, one.trained, one.training_s = 100, 100, 2.0
    one.evaluation_estimate_s = 1.0
    one.enter(Phase.TRAINING)
    progress = Progress.model_validate_json((tmp_path / "progress.json").read_bytes())
    assert (progress.steps_per_s, progress.eta_s) == (50.0, 5.0)
    assert progress.phase is Phase.TRAINING


def test_the_heartbeat_beats_once_a_second(tmp_path: Path) -> None:
    one = attempt(tmp_path, config())
    one.beat()
    one.timesteps = 100
    one.beat()
    assert json.loads((tmp_path / "progress.json").read_text())["timesteps"] == 0
    one.beat(force=True)
    assert json.loads((tmp_path / "progress.json").read_text())["timesteps"] == 100


def test_a_stop_is_said_with_its_reason_and_step(tmp_path: Path) -> None:
    one = attempt(tmp_path, config())
    one.check()
    one.timesteps = 1_234
    one.stop.reason = "SIGTERM"
    with pytest.raises(Stopped, match=r"Stopped at step 1,234 of 300 \(SIGTERM\)"):
        one.check()


def test_the_time_limit_counts_from_the_start_of_the_process(tmp_path: Path) -> None:
    one = attempt(tmp_path, config(), time_limit_s=10)
    one.started -= 11
    one.check_stop()
    with pytest.raises(TimeUp, match="time limit of 10 s was reached at step 0 of 300"):
        one.check()


def test_what_earlier_attempts_used_counts_towards_the_time_limit(tmp_path: Path) -> None:
    one = attempt(tmp_path, config(), time_limit_s=100, used_s=95)
    one.check()
    one.started -= 6
    with pytest.raises(TimeUp, match="time limit of 100 s"):
        one.check()


def test_what_a_machine_does_for_its_first_run_alone_counts_for_no_limit(tmp_path: Path) -> None:
    one = attempt(tmp_path, config(), time_limit_s=10)
    one.moved_at = 0.0
    with one.preparing():
        assert one._preparing_since is not None
        one.started -= 30
        one._preparing_since -= 30
        assert 30 <= one.preparing_s < 40
        assert one.deadline > time.monotonic()
    assert one.moved_at > 0
    assert 30 <= one.preparing_s < 40
    one.check()


def test_but_not_for_ever(tmp_path: Path) -> None:
    one = attempt(tmp_path, config(), time_limit_s=10)
    with one.preparing():
        assert one._preparing_since is not None
        one.started -= 10 * LONGEST_PREPARING_S
        one._preparing_since -= 10 * LONGEST_PREPARING_S
        assert one.preparing_s == LONGEST_PREPARING_S
    with pytest.raises(TimeUp):
        one.check()


def test_a_result_says_what_was_measured_so_far(tmp_path: Path) -> None:
    one = attempt(tmp_path, config())
    one.timesteps, one.checkpoint = 200, "checkpoints/200"
    result = one.result(ExitCode.STOPPED, "Stopped.")
    assert RunResult.model_validate_json(result.model_dump_json()) == result
    assert (result.exit_code, result.timesteps, result.checkpoint) == (12, 200, "checkpoints/200")
