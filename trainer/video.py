"""A recording of the final policy: an episode is played without pictures, then its actions are replayed
in an environment that draws.

Drawing may abort the process where there is no display, so it happens in a copy (`trainer.aside`).
"""

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.acting import Act, Masks, Observations, SituatedAct, Starts
from trainer.config import EnvConfig
from trainer.envs import make_env
from trainer.evaluate import Yardstick

Actions = NDArray[Any]
Frame = NDArray[np.uint8]

MAX_STEPS = 2_000
MAX_FRAMES = 240
MAX_WIDTH = 320
DRAW_S = 8.0
MAX_BYTES = 4 * 1024 * 1024
USUAL_FPS = 30
SLOWEST_FPS = 5
_COLORS = 64
_CRF = "28"


class CannotRecord(Exception):
    """There are no pictures; the message says why."""


def play(yardstick: Yardstick, act: Act, seed: int, check: Callable[[], None]) -> list[Actions]:
    """The actions of one episode, at most `MAX_STEPS` of them."""
    played = _Watched(act)
    yardstick.play(played, [seed], check=check, may_go_on=lambda: len(played.actions) < MAX_STEPS)
    return played.actions


class _Watched:
    """A policy that keeps the first row of what it answers."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self.uses_masks = isinstance(act, SituatedAct) and act.uses_masks
        self.actions: list[Actions] = []

    def act(self, observations: Observations, starts: Starts, masks: Masks | None) -> Actions:
        if isinstance(self._act, SituatedAct):
            return self._kept(self._act.act(observations, starts, masks))
        return self._kept(self._act(observations))

    def __call__(self, observations: Observations) -> Actions:
        return self._kept(self._act(observations))

    def _kept(self, actions: Actions) -> Actions:
        self.actions.append(np.array(actions[0]))
        return actions


def film(config: EnvConfig, seed: int, actions: Sequence[Actions], folder: Path) -> None:
    """Replay the actions and leave `policy.mp4`, or `policy.gif` where no encoder is installed.

    :raises CannotRecord: where the environment draws nothing.
    """
    headless()
    frames, fps = _frames(config, seed, actions)
    try:
        import imageio_ffmpeg  # noqa: PLC0415 - an optional extra
    except ImportError:
        _write_gif(frames, fps, folder / "policy.gif")
    else:
        _write_mp4(imageio_ffmpeg, frames, fps, folder / "policy.mp4")


def headless() -> None:
    """Let MuJoCo and SDL draw without a display, unless somebody has chosen otherwise."""
    for name, value in (("MUJOCO_GL", "egl"), ("SDL_VIDEODRIVER", "dummy"), ("SDL_AUDIODRIVER", "dummy")):
        os.environ.setdefault(name, value)


def _frames(config: EnvConfig, seed: int, actions: Sequence[Actions]) -> tuple[list[Frame], float]:
    """Pictures of the episode, within `MAX_FRAMES` and `DRAW_S`, and how many to show in a second."""
    drawing = config.model_copy(update={"kwargs": {**config.kwargs, "render_mode": "rgb_array"}})
    env = make_env(drawing)
    try:
        own_fps = float(env.metadata.get("render_fps") or USUAL_FPS)
        every = max(1, math.ceil(len(actions) / MAX_FRAMES), round(own_fps / USUAL_FPS))
        enough = time.monotonic() + DRAW_S
        env.reset(seed=seed)
        frames = [_picture(env.render())]
        for i, action in enumerate(actions, start=1):
            _, _, terminated, truncated, _ = env.step(action)
            if i % every == 0:
                frames.append(_picture(env.render()))
            if terminated or truncated or time.monotonic() >= enough:
                break
    finally:
        env.close()
    return frames, max(SLOWEST_FPS, own_fps / every)


def _picture(drawn: object) -> Frame:
    """A frame of at most `MAX_WIDTH` pixels, both sides even, as encoders want it."""
    if not isinstance(drawn, np.ndarray) or drawn.ndim != 3 or drawn.dtype != np.uint8:  # noqa: PLR2004 - height, width, colours
        raise CannotRecord(f"the environment draws no picture, but {type(drawn).__name__}")
    image = Image.fromarray(drawn[:, :, :3])
    scale = min(1.0, MAX_WIDTH / image.width, MAX_WIDTH / image.height)
    size = (max(2, int(image.width * scale) // 2 * 2), max(2, int(image.height * scale) // 2 * 2))
    return np.asarray(image.resize(size, Image.Resampling.BOX) if size != image.size else image)


def _write_mp4(encoder: Any, frames: Sequence[Frame], fps: float, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.tmp.mp4")
    height, width, _ = frames[0].shape
    writer = encoder.write_frames(
        str(temporary),
        (width, height),
        fps=fps,
        codec="libx264",
        macro_block_size=2,
        quality=None,
        output_params=["-crf", _CRF, "-movflags", "+faststart", "-preset", "veryfast", "-threads", "1"],
        ffmpeg_log_level="error",
    )
    writer.send(None)
    for frame in frames:
        writer.send(np.ascontiguousarray(frame))
    writer.close()
    _keep(temporary, path)


def _write_gif(frames: Sequence[Frame], fps: float, path: Path) -> None:
    """Fewer and fewer pictures until the file is small enough."""
    temporary = path.with_name(f".{path.name}.tmp")
    for step in _steps(len(frames)):
        images = [
            Image.fromarray(frame).quantize(_COLORS, dither=Image.Dither.NONE) for frame in frames[::step]
        ]
        duration_ms = round(1000 * step / fps)
        images[0].save(
            temporary,
            "GIF",
            save_all=True,
            append_images=images[1:],
            duration=duration_ms,
            loop=0,
            optimize=True,
        )
        if temporary.stat().st_size <= MAX_BYTES:
            break
    _keep(temporary, path)


def _steps(count: int) -> Iterator[int]:
    step = 1
    while step == 1 or step < count:
        yield step
        step *= 2


def _keep(temporary: Path, path: Path) -> None:
    size = temporary.stat().st_size
    if size > MAX_BYTES:
        temporary.unlink()
        raise CannotRecord(f"the recording has {size:,} bytes, more than {MAX_BYTES:,}")
    temporary.replace(path)
