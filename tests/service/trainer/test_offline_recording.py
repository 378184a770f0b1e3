"""A run's policy is recorded, and what it did can be learnt from; the example in `examples/` does both."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.unit.trainer.configs import attempt, config
from trainer.contract import RESULT_FILE, SPEC_FILE, ExitCode
from trainer.dataset_files import dataset_sha256
from trainer.offline.dataset import read_episodes
from trainer.offline.record import main
from trainer.train import train

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[3]


def _run(folder: Path, algo: str = "a2c") -> Path:
    """A finished run."""
    one = attempt(folder, config(algo, total_timesteps=64))
    (folder / SPEC_FILE).write_text(one.spec.model_dump_json(), "utf-8")
    said = train(one)
    (folder / RESULT_FILE).write_text(one.result(ExitCode.FINISHED, said).model_dump_json(), "utf-8")
    return folder


def test_a_policy_is_recorded_and_the_same_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, first, second = _run(tmp_path / "run"), tmp_path / "a.hdf5", tmp_path / "b.hdf5"
    for out in (first, second):
        assert main([str(folder), str(out), "--episodes", "3", "--random", "0.5"]) == 0
    assert dataset_sha256(first) == dataset_sha256(second)
    assert f"sha256 {dataset_sha256(first)}" in capsys.readouterr().out
    episodes = read_episodes(first, "a.hdf5")
    assert len(episodes) == 3
    for one in episodes:
        assert len(one.observations) == len(one.actions) + 1
        assert one.terminated is (len(one.actions) < 500)
        assert np.array_equal(one.rewards, np.ones(len(one.actions)))


def test_without_random_actions_it_is_the_policy_itself(tmp_path: Path) -> None:
    folder = _run(tmp_path / "run")
    assert main([str(folder), str(tmp_path / "a.h5"), "--episodes", "1", "--random", "0", "--seed", "5"]) == 0
    assert main([str(folder), str(tmp_path / "b.h5"), "--episodes", "1", "--random", "1", "--seed", "5"]) == 0
    (own,), (drawn,) = (read_episodes(tmp_path / name, name) for name in ("a.h5", "b.h5"))
    assert np.array_equal(own.observations[0], drawn.observations[0])
    assert own.actions.tolist() != drawn.actions.tolist()


def test_a_run_without_a_result_and_a_policy_with_memory_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _run(tmp_path / "run", "recurrent_ppo")
    assert main([str(folder), str(tmp_path / "a.h5")]) == ExitCode.BAD_SPEC
    assert "memory or masks" in capsys.readouterr().err
    (folder / RESULT_FILE).unlink()
    assert main([str(folder), str(tmp_path / "a.h5")]) == ExitCode.BAD_SPEC
    assert "only a run that has ended can be recorded" in capsys.readouterr().err


@pytest.mark.timeout(600)  # three programs, each with its imports
def test_the_example_runs_from_end_to_end(tmp_path: Path) -> None:
    script = ROOT / "examples" / "offline" / "learn_from_a_policy.py"
    tiny = ("--steps", "120", "--updates", "20", "--episodes", "2", "--learners", "iql")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), *tiny],
        capture_output=True,
        text=True,
        check=False,
        timeout=550,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()[-2:]] == ["sac", "iql"]
