import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.trainer.configs import attempt, config
from trainer.algorithms import make_model
from trainer.attempt import Attempt
from trainer.callbacks import RunCallback
from trainer.checkpoints import counters
from trainer.contract import ExitCode, Phase, Progress, SmokeLimits
from trainer.envs import training_envs
from trainer.errors import Stopped
from trainer.pulse import PATIENCE_S, Pulse
from trainer.recording import Recorder

DEADLINE_S = 10.0
LOOK_S = 0.01


def _ended(one: Attempt, *, moved_ago_s: float = 0.0, until: Callable[[], bool] | None = None) -> list[Any]:
    """What a pulse ends the run with, while the main thread waits here and does nothing."""
    said: list[Any] = []
    over = threading.Event()

    def finish(code: ExitCode, message: str) -> None:
        said.append((code, message))
        over.set()

    with Pulse(one, finish, look_s=LOOK_S):
        one.moved_at -= moved_ago_s
        if until is None:
            assert over.wait(DEADLINE_S)
        else:
            give_up_at = time.monotonic() + DEADLINE_S
            while not until():
                assert time.monotonic() < give_up_at
                over.wait(LOOK_S)
    return said


def test_a_run_in_which_nothing_moves_is_ended_and_says_where(tmp_path: Path) -> None:
    one = attempt(tmp_path, config(), stall_after_s=30)
    one.timesteps = 128
    code, message = _ended(one, moved_ago_s=31)[0]
    assert code is ExitCode.STALLED
    assert message.startswith("Nothing moved for 31 s at step 128 of 300; wait() in threading.py, line ")


def test_a_smoke_run_waits_for_a_step_no_longer_than_for_itself(tmp_path: Path) -> None:
    one = attempt(tmp_path, config(), smoke=SmokeLimits(max_s=25).model_dump())
    one.enter(Phase.TRAINING)
    assert _ended(one, moved_ago_s=26)[0][0] is ExitCode.STALLED


def test_a_stop_is_obeyed_where_a_step_does_not_return(tmp_path: Path) -> None:
    one = attempt(tmp_path, config())
    one.stop.reason = "SIGTERM"
    code, message = _ended(one, moved_ago_s=PATIENCE_S + 1)[0]
    assert code is ExitCode.STOPPED
    assert "Stopped (SIGTERM) at step 0 of 300" in message


def test_so_is_the_time_limit(tmp_path: Path) -> None:
    one = attempt(tmp_path, config(), time_limit_s=10)
    one.started -= 11 + PATIENCE_S
    assert _ended(one, moved_ago_s=PATIENCE_S + 1)[0][0] is ExitCode.TIME_LIMIT


def test_a_checkpoint_is_waited_for_whatever_was_asked(tmp_path: Path) -> None:
    one = attempt(tmp_path, config(), time_limit_s=10, stall_after_s=100)
    one.started -= 11 + PATIENCE_S
    one.stop.reason = "SIGTERM"
    one.enter(Phase.SAVING)
    watching = Pulse(one, lambda _code, _said: None)
    assert watching._verdict(one.moved_at + PATIENCE_S + 1) is None
    ended = watching._verdict(one.moved_at + 101)
    assert ended is not None
    assert ended[0] is ExitCode.STALLED
    one.phase = Phase.TRAINING
    ended = watching._verdict(one.moved_at + PATIENCE_S + 1)
    assert ended is not None
    assert ended[0] is ExitCode.STOPPED


def test_the_heart_beats_through_a_long_update(tmp_path: Path) -> None:
    one = attempt(tmp_path, config())
    one.enter(Phase.TRAINING)
    one._next_beat -= 5
    path = tmp_path / "progress.json"
    before = Progress.model_validate_json(path.read_bytes()).updated_at
    said = _ended(one, until=lambda: Progress.model_validate_json(path.read_bytes()).updated_at > before)
    assert said == []


@pytest.mark.parametrize("algo", ["ppo", "a2c", "sac", "td3"])
def test_a_stop_is_obeyed_between_the_minibatches_of_an_update(tmp_path: Path, algo: str) -> None:
    one = attempt(tmp_path, config(algo))
    venv, _ = training_envs(one.config)
    model = make_model(one.config, venv, seed=1, device="cpu")
    recorder = Recorder(one, earlier=None)
    callback = RunCallback(one, recorder, looks=None, meter=None, save=lambda: None)
    train = vars(type(model))["train"]

    def stopped_in_the_middle(*args: Any, **kwargs: Any) -> None:
        one.stop.reason = "SIGTERM"
        train(model, *args, **kwargs)

    vars(model)["train"] = stopped_in_the_middle
    with pytest.raises(Stopped):  # and the steps after it are not taken
        model.learn(300, callback)
    recorder.close()
    assert counters(model)["_n_updates"] <= 1
