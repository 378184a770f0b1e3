from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from trainer.events import EventFile


def test_tensorboard_reads_what_was_written(tmp_path: Path) -> None:
    events = EventFile(tmp_path / "tensorboard")
    events.add({"rollout/ep_rew_mean": 1.5, "train/loss": 0.25}, 8)
    events.add({"eval/final_reward": 9.0}, 16)
    events.add({"rollout/ep_rew_mean": -2.5, "train/loss": 0.5}, 24)
    events.close()
    (file,) = (tmp_path / "tensorboard").iterdir()
    read = EventAccumulator(str(file))
    read.Reload()
    scalars = {
        tag: [(event.step, event.value) for event in read.Scalars(tag)] for tag in read.Tags()["scalars"]
    }
    assert scalars == {
        "rollout/ep_rew_mean": [(8, 1.5), (24, -2.5)],
        "train/loss": [(8, 0.25), (24, 0.5)],
        "eval/final_reward": [(16, 9.0)],
    }


def test_what_was_added_can_be_read_after_a_flush(tmp_path: Path) -> None:
    events = EventFile(tmp_path)
    events.add({"train/loss": 0.5}, 3)
    events.flush()
    read = EventAccumulator(str(tmp_path))
    read.Reload()
    assert [event.value for event in read.Scalars("train/loss")] == [pytest.approx(0.5)]
    events.close()
