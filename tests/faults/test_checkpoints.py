"""A trainer is ended while it saves: the checkpoint before it, or the new one, is whole."""

import multiprocessing
import os
from pathlib import Path

import pytest

from trainer.crashpoints import EXIT_CODE, VARIABLE
from worker.checkpoints import newest_valid

pytestmark = pytest.mark.service

PATIENCE_S = 100


def save_twice(folder: Path, crashes: str) -> None:
    """Save after 10 and after 20 steps, and the heartbeat with each."""
    from stable_baselines3 import PPO  # noqa: PLC0415 - torch takes seconds, and is this process's alone

    from trainer.checkpoints import Checkpoints, Manifest  # noqa: PLC0415 - as above
    from trainer.files import write_atomic  # noqa: PLC0415 - as above

    os.environ[VARIABLE] = crashes
    model = PPO("MlpPolicy", "CartPole-v1", n_steps=8, batch_size=8, device="cpu")
    checkpoints = Checkpoints(folder / "checkpoints")
    for step in (10, 20):
        manifest = Manifest(
            run="E-1/s1", attempt=1, spec_hash="s", algo="ppo", timesteps=step, counters={}, weights=""
        )
        checkpoints.save(model, manifest, normalization=None, replay=False)
        write_atomic(folder / "progress.json", f'{{"timesteps": {step}}}', durable=True)
    os._exit(0)


@pytest.mark.parametrize(
    ("crash", "step", "progress"),
    [
        ("checkpoint.written:2", 10, 10),
        ("checkpoint.renamed:2", 20, 10),
        ("file.before_replace:2", 20, 10),
    ],
)
def test_row_25_a_kill_while_saving_leaves_a_whole_checkpoint(
    tmp_path: Path, crash: str, step: int, progress: int
) -> None:
    process = multiprocessing.get_context("spawn").Process(target=save_twice, args=(tmp_path, crash))
    process.start()
    process.join(PATIENCE_S)
    assert process.exitcode == EXIT_CODE
    process.close()
    assert newest_valid(tmp_path) == f"checkpoints/{step}"
    assert (tmp_path / "progress.json").read_text() == f'{{"timesteps": {progress}}}'
