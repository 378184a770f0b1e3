"""What people want to look at or take along when a run has ended: a recording, and the policy as ONNX.

None of it decides anything: it is bounded in time and size, made aside, and where it fails the result
says why.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecNormalize

from trainer.acting import Act
from trainer.aside import aside
from trainer.attempt import Attempt
from trainer.contract import ONNX_FILE, VIDEO_FILES, Keepsake
from trainer.evaluate import Yardstick
from trainer.seeds import Purpose, evaluation_seeds

log = logging.getLogger(__name__)

WITHIN_S = 30.0


def keep(
    attempt: Attempt,
    yardstick: Yardstick,
    model: BaseAlgorithm,
    normalization: VecNormalize | None,
    act: Act,
) -> None:
    """Leave the keepsakes in the run folder and note them in `attempt`. Never raises for one that failed."""
    attempt.keepsakes = (
        _tried(attempt, "video", lambda: _film(attempt, yardstick, act), VIDEO_FILES),
        _tried(attempt, "onnx", lambda: _export(attempt, model, normalization, act), (ONNX_FILE,)),
    )


def _tried(attempt: Attempt, kind: str, make: Callable[[], str], names: tuple[str, ...]) -> Keepsake:
    began = time.monotonic()
    if began >= attempt.deadline or attempt.stop.reason is not None:
        return Keepsake(kind=kind, note="there was no time left")
    try:
        note = make()
    except Exception as error:
        log.exception("no %s", kind)
        note = str(error) or type(error).__name__
    found = next((name for name in names if (attempt.folder / name).is_file()), None)
    if note or found is None:
        log.info("no %s: %s", kind, note)
        return Keepsake(kind=kind, note=note or "nothing was written")
    log.info("%s took %.1f s", found, time.monotonic() - began)
    return Keepsake(kind=kind, file=found)


def _film(attempt: Attempt, yardstick: Yardstick, act: Act) -> str:
    from trainer.video import film, play  # noqa: PLC0415 - needed once, at the end: no start waits for it

    (seed,) = evaluation_seeds(Purpose.FINAL, attempt.spec.seed_index, 1)
    actions = play(yardstick, act, seed, attempt.beat)
    env = attempt.config.eval.env
    return _aside(attempt, lambda: film(env, seed, actions, attempt.folder))


def _export(attempt: Attempt, model: BaseAlgorithm, normalization: VecNormalize | None, act: Act) -> str:
    from trainer.onnx_export import export  # noqa: PLC0415 - as above

    model.policy.to("cpu")  # the last use of it; a copy of this process could not ask the GPU
    path: Path = attempt.folder / ONNX_FILE
    return _aside(attempt, lambda: export(model, normalization, act, path))


def _aside(attempt: Attempt, task: Callable[[], None]) -> str:
    def goes_on() -> bool:
        attempt.beat()
        return attempt.stop.reason is None

    left_s = min(WITHIN_S, attempt.deadline - time.monotonic())
    return aside(lambda: on_one_thread(task), within_s=left_s, meanwhile=goes_on)


def on_one_thread(task: Callable[[], None]) -> None:
    """In a forked copy: torch's other threads were not copied, and would be waited for in vain."""
    torch.set_num_threads(1)
    task()
