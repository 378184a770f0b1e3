"""A recording replays what the policy did; what cannot be drawn is told."""

import sys
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from PIL import Image

from trainer import video
from trainer.config import EnvConfig, EvalConfig
from trainer.evaluate import Yardstick

CARTPOLE = EnvConfig(id="CartPole-v1")


@pytest.fixture
def gif_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra `video` is not installed."""
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)


def alternate(observations: Any) -> Any:
    return (observations[:, 2] > 0).astype(int)


def played() -> list[Any]:
    yardstick = Yardstick(EvalConfig(env=CARTPOLE))
    try:
        return video.play(yardstick, alternate, 7, lambda: None)
    finally:
        yardstick.close()


def test_what_was_played_is_one_episode() -> None:
    actions = played()
    env = gym.make("CartPole-v1")
    env.reset(seed=7)
    ends = [env.step(int(action))[2] for action in actions]
    env.close()
    assert ends[-1]
    assert not any(ends[:-1])


def test_an_episode_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "MAX_STEPS", 5)
    assert len(played()) == 5


@pytest.mark.usefixtures("gif_only")
def test_without_an_encoder_it_is_a_gif_of_bounded_size(tmp_path: Path) -> None:
    video.film(CARTPOLE, 7, played(), tmp_path)
    with Image.open(tmp_path / "policy.gif") as image:
        assert max(image.size) <= video.MAX_WIDTH
        assert getattr(image, "n_frames", 1) > 5
        assert image.info["duration"] >= 20
    assert [path.name for path in tmp_path.iterdir()] == ["policy.gif"]
    assert (tmp_path / "policy.gif").stat().st_size <= video.MAX_BYTES


def test_with_an_encoder_it_is_an_mp4(tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    video.film(CARTPOLE, 7, played(), tmp_path)
    assert (tmp_path / "policy.mp4").read_bytes()[4:8] == b"ftyp"
    assert [path.name for path in tmp_path.iterdir()] == ["policy.mp4"]


@pytest.mark.usefixtures("gif_only")
def test_long_episodes_show_fewer_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "MAX_FRAMES", 10)
    video.film(CARTPOLE, 7, played(), tmp_path)
    with Image.open(tmp_path / "policy.gif") as image:
        assert getattr(image, "n_frames", 1) <= 11


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(video.CannotRecord, match="NoneType"):
        video._picture(None)


@pytest.mark.parametrize("shape", [(7, 5, 3), (400, 600, 3), (2000, 10, 4)])
def test_pictures_have_even_sides_and_a_bounded_size(shape: tuple[int, ...]) -> None:
    frame = video._picture(np.zeros(shape, np.uint8))
    assert frame.shape[0] % 2 == frame.shape[1] % 2 == 0
    assert max(frame.shape) <= video.MAX_WIDTH
    assert frame.shape[2] == 3


def test_the_smallest_step_is_tried_first() -> None:
    assert list(video._steps(9)) == [1, 2, 4, 8]
    assert list(video._steps(1)) == [1]
