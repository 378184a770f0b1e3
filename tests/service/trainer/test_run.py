"""Whole runs as processes: what the run folder holds at the end, for every way to end."""

from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.service.trainer.runs import (
    finish,
    log_of,
    manifest_of,
    prepare,
    progress_of,
    result_of,
    rows,
    started,
    stop,
    wait_for_steps,
    with_test_environments,
)
from tests.unit.trainer.configs import config
from trainer.contract import ExitCode, Phase
from trainer.evaluate import BATCH

pytestmark = pytest.mark.service

METRICS = {
    "final_reward": {"direction": "higher", "unit": "return", "range": [0, 500]},
    "success_rate": {"direction": "higher", "unit": "share of episodes", "range": [0, 1]},
    "episode_length": {"direction": "higher", "unit": "steps", "range": [1, 500]},
    "oscillation": {"direction": "lower", "unit": "share of steps", "range": [0, 1]},
}


def _long(**changes: Any) -> dict[str, Any]:
    return config("ppo", total_timesteps=10_000_000, **changes)


def test_a_finished_run_leaves_everything_it_measured(tmp_path: Path) -> None:
    document = config("ppo", total_timesteps=1_500, n_envs=2)
    document["eval"] |= {"success": {"return_at_least": 30}, "metrics": METRICS, "n_eval_episodes": 30}
    folder = prepare(tmp_path, document)
    code, result = finish(folder)
    assert (code, result.exit_code) == (ExitCode.FINISHED, ExitCode.FINISHED), result.message
    assert set(result.metrics) == set(METRICS)
    assert (result.n_eval_episodes, result.timesteps) == (30, 1_504)
    assert "final reward" in result.message
    assert result.fingerprint["env_id"] == "CartPole-v1"
    assert {"torch", "python"} <= set(result.versions)
    assert (result.device, result.checkpoint) == ("cpu", "checkpoints/1504")
    assert manifest_of(folder, "checkpoints/1504")["timesteps"] == 1_504
    progress = progress_of(folder)
    assert progress is not None
    assert (progress.phase, progress.metrics["final_reward"]) == (Phase.DONE, result.metrics["final_reward"])
    assert str(progress.evaluated_at) == rows(folder / "evaluations.csv")[-1]["timesteps"]
    _check_tables(folder, result.metrics["final_reward"])


def _check_tables(folder: Path, final_reward: float) -> None:
    training = rows(folder / "metrics.csv")
    assert list(training[0])[:5] == ["timesteps", "time_s", "reward", "episode_length", "episodes"]
    assert float(training[-1]["value_loss"]) > 0
    assert all(row["reward"] == row["episode_length"] for row in training)
    looks = rows(folder / "evaluations.csv")
    assert list(looks[0]) == ["timesteps", "final_reward", "success_rate", "episode_length", "oscillation"]
    steps = [row["timesteps"] for row in looks]
    assert steps in (["750"], ["750", "1500"])  # a look that would take too much of so short a run waits
    episodes = rows(folder / "episodes.csv")
    assert len({row["seed"] for row in episodes}) == 30
    assert sum(float(row["final_reward"]) for row in episodes) / 30 == pytest.approx(final_reward)
    events = EventAccumulator(str(folder / "tensorboard"))
    events.Reload()
    assert {"rollout/ep_rew_mean", "train/value_loss", "eval/oscillation"} <= set(events.Tags()["scalars"])


def test_a_stop_saves_a_checkpoint_and_a_later_run_goes_on_from_it(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "one", _long())
    with started(folder) as process:
        wait_for_steps(folder, 500)
        assert stop(process) == ExitCode.STOPPED
    stopped = result_of(folder)
    assert "SIGTERM" in stopped.message
    assert stopped.checkpoint is not None
    assert not stopped.metrics
    again = prepare(
        tmp_path / "two",
        config("ppo", total_timesteps=stopped.timesteps + 200),
        attempt=2,
        resume_from=str(folder / stopped.checkpoint),
    )
    code, result = finish(again)
    assert code == ExitCode.FINISHED, result.message
    assert result.resumed_from == str(folder / stopped.checkpoint)
    assert stopped.timesteps + 200 <= result.timesteps < stopped.timesteps + 200 + 16
    steps = [int(row["timesteps"]) for row in rows(again / "metrics.csv")]
    assert steps == sorted(steps)
    assert steps[0] <= stopped.timesteps < steps[-1]


def test_a_run_that_is_killed_is_resumed_in_its_own_folder(tmp_path: Path) -> None:
    folder = prepare(tmp_path, _long())
    with started(folder) as process:
        wait_for_steps(folder, 500)
        assert stop(process) == ExitCode.STOPPED
    checkpoint = result_of(folder).checkpoint
    leftover = folder / "checkpoints" / ".999999.1"
    leftover.mkdir()
    (leftover / "model.zip").write_bytes(b"PK half")
    (folder / "progress.json").unlink()
    prepare(folder, _long(), attempt=2, resume_from=checkpoint)
    with started(folder) as process:
        wait_for_steps(folder, 1_500)
        assert not (folder / "result.json").exists()
        process.kill()
    assert not leftover.exists()
    assert checkpoint is not None
    assert (folder / checkpoint / "model.zip").exists()


def test_the_time_limit_ends_the_run_with_a_checkpoint(tmp_path: Path) -> None:
    folder = prepare(tmp_path, _long(), time_limit_s=6)
    code, result = finish(folder)
    assert code == ExitCode.TIME_LIMIT
    assert "time limit of 6 s was reached at step" in result.message
    assert result.checkpoint is not None
    assert result.duration_s < 60


def test_an_evaluation_that_is_cut_says_how_many_episodes_it_had(tmp_path: Path) -> None:
    slow = {"id": "SignoffTest/Slow-v0"}
    document = config("ppo", env=slow, total_timesteps=32)
    document["eval"] = {"env": slow, "n_eval_episodes": 100_000}
    document["eval"]["interim"] = {"points": 0}
    folder = prepare(tmp_path, document, time_limit_s=12)
    code, result = with_test_environments(folder)
    assert code == ExitCode.FINISHED, result.message
    assert BATCH <= result.n_eval_episodes < 100_000
    assert f"allowed {result.n_eval_episodes} of 100000" in result.message.replace(",", "")


def test_a_loss_that_explodes_ends_the_run_and_says_where(tmp_path: Path) -> None:
    document = _long()
    document["hyperparams"] |= {"learning_rate": 1e30, "max_grad_norm": 1e30}
    code, result = finish(prepare(tmp_path, document))
    assert code == ExitCode.NAN
    assert "NaN" in result.message or "infinite" in result.message
    assert "at step" in result.message
    assert result.checkpoint is None


def test_a_reward_that_is_not_a_number_ends_the_run(tmp_path: Path) -> None:
    bad = {"id": "SignoffTest/Counter-v0", "kwargs": {"bad_step": 2}}
    document = config("ppo", env=bad)
    document["eval"]["env"] = {"id": "SignoffTest/Counter-v0"}
    code, result = with_test_environments(prepare(tmp_path, document))
    assert code == ExitCode.ENVIRONMENT_NAN
    assert result.message == "The environment's reward became NaN at step 2."


def test_an_environment_that_raises_leaves_its_traceback_in_the_log(tmp_path: Path) -> None:
    document = config("ppo", env={"id": "SignoffTest/Faulty-v0"}, total_timesteps=1_000)
    document["eval"]["env"] = {"id": "SignoffTest/Counter-v0"}
    folder = prepare(tmp_path, document)
    code, result = with_test_environments(folder)
    assert code == ExitCode.ENVIRONMENT_ERROR
    said = "The environment's step raised an error at step 99: ZeroDivisionError: division by zero"
    assert result.message == said
    assert "Traceback" in log_of(folder)
    assert "1 / 0" in log_of(folder)
    assert result.checkpoint is not None


def test_an_environment_that_hangs_ends_the_run_and_shows_where(tmp_path: Path) -> None:
    document = config("ppo", env={"id": "SignoffTest/Stuck-v0"}, total_timesteps=1_000, backend="stock")
    document["eval"]["env"] = {"id": "SignoffTest/Counter-v0"}
    folder = prepare(tmp_path, document, stall_after_s=8)  # longer than any step of a busy machine
    code, result = with_test_environments(folder)
    assert code == ExitCode.STALLED
    assert "at step 99 of 1,000" in result.message
    assert "does not return" in result.message
    assert "in step" in log_of(folder)


def test_warnings_and_prints_are_in_the_log(tmp_path: Path) -> None:
    document = config("ppo", env={"id": "SignoffTest/Chatty-v0"})
    document["eval"]["env"] = {"id": "SignoffTest/Counter-v0"}
    folder = prepare(tmp_path, document)
    with_test_environments(folder)
    assert {"printed", "written to descriptor 2", "a warning"} <= {
        words for words in ("printed", "written to descriptor 2", "a warning") if words in log_of(folder)
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"algo": "dqn", "hyperparams": {}, "env": {"id": "Pendulum-v1"}},
            "20: DQN needs discrete actions",
        ),
        ({"env": {"id": "NoSuchEnv-v1"}}, "10: The environment NoSuchEnv-v1 cannot be made"),
        ({"env": {"id": "NoSuchPackage/X-v1"}}, "19: The environment NoSuchPackage/X-v1 needs a package"),
        ({"env": {"id": "os:path"}}, "10: The id os:path would import code"),
        ({"hyperparams": {"gama": 0.9}}, "10: PPO has no hyperparameter"),
        ({"hyperparams": {"gamma": 2}}, "10: "),
    ],
)
def test_a_bad_spec_is_refused_with_a_sentence(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    code, result = finish(prepare(tmp_path, {**config("ppo"), **changes}))
    assert code == result.exit_code
    assert words in f"{code}: {result.message}"
    assert result.run == "E-1/s1"


@pytest.mark.parametrize("text", [None, "{", '{"run": "E-7/s2", "attempt": 3}'])
def test_without_a_usable_spec_there_is_a_result_all_the_same(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "spec.json").write_text(text)
    code, result = finish(tmp_path)
    assert code == ExitCode.BAD_SPEC
    assert "spec.json" in result.message
    assert result.run == ("E-7/s2" if text and "E-7" in text else tmp_path.name)


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_a_checkpoint_that_cannot_be_used_is_said_so(tmp_path: Path, damage: str) -> None:
    first = prepare(tmp_path / "one", config("ppo"))
    _, result = finish(first)
    assert result.checkpoint is not None
    checkpoint = first / result.checkpoint
    if damage == "missing":
        checkpoint = checkpoint.with_name("1")
    else:
        (checkpoint / "model.zip").write_bytes(b"PK")
    code, result = finish(prepare(tmp_path / "two", config("ppo"), resume_from=str(checkpoint)))
    assert code == ExitCode.RESUME_FAILED
    assert str(checkpoint) in result.message


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
@pytest.mark.parametrize("name", ["metrics.csv", "episodes.csv"])
def test_a_full_disk_has_its_own_exit_code(tmp_path: Path, name: str) -> None:
    folder = prepare(tmp_path, config("ppo"))
    (folder / name).symlink_to("/dev/full")
    code, result = finish(folder)
    assert code == ExitCode.DISK_FULL
    assert "No space was left" in result.message
    assert (result.checkpoint is not None) == (name == "episodes.csv")
