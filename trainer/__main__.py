"""`python -m trainer RUN_DIR`: reads `spec.json`, trains, and always tries to leave `result.json`.

Exit codes: see `trainer.contract.ExitCode`. Everything the process prints, warnings, tracebacks and
crashes of native code included, goes to `train.log` in the run folder; the last sentence also goes
to the standard error it was started with.
"""

import contextlib
import faulthandler
import json
import logging
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from trainer.attempt import Attempt, StopRequest
from trainer.config import read_config, read_spec
from trainer.contract import LOG_FILE, RESULT_FILE, SPEC_FILE, ExitCode, Phase, RunResult
from trainer.errors import BadSpec, TrainerError, is_disk_full, sentence
from trainer.files import Reserve, no_space_left, write_atomic
from trainer.offline.library import without_gym
from trainer.pulse import Pulse

log = logging.getLogger("trainer")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m trainer RUN_DIR\n")
        return ExitCode.BAD_SPEC
    folder = Path(arguments[0]).absolute()
    if not folder.is_dir():
        sys.stderr.write(f"{folder} is not a folder.\n")
        return ExitCode.BAD_SPEC
    stop = StopRequest()
    _listen(stop)
    told = _redirect_output(folder)
    result = run(folder, stop, time.monotonic())
    log.info("exit %d: %s", result.exit_code, result.message)
    with contextlib.suppress(OSError):  # whoever started the run may be gone
        os.write(told, f"{result.message}\n".encode())
    return result.exit_code


def run(folder: Path, stop: StopRequest, started: float) -> RunResult:
    """Run the folder's spec and write its result, whatever happens.

    `started` is `time.monotonic()` when the run began; its time limit counts from there.
    """
    (folder / RESULT_FILE).unlink(missing_ok=True)
    reserve = _reserve(folder)
    if reserve is None:
        result = _unstarted(folder, ExitCode.DISK_FULL, f"No space was left in {folder} to start.")
        _write_result(folder, result)
        return result
    try:
        spec = read_spec(folder)
        attempt = Attempt(spec, read_config(spec.config), folder, started, stop)
    except BadSpec as error:
        result = _unstarted(folder, error.exit_code, str(error))
    else:
        with Pulse(attempt, lambda code, said: _finish_at_once(attempt, reserve, code, said)):
            code, message = _attempt(attempt)
        result = attempt.result(code, message)
        attempt.end()
    reserve.release()
    _write_result(folder, result)
    return result


def _finish_at_once(attempt: Attempt, reserve: Reserve, code: ExitCode, message: str) -> None:
    """End the process from another thread, because the one that trains does not come back."""
    reserve.release()
    _write_result(attempt.folder, attempt.result(code, message))
    os._exit(code)


def _attempt(attempt: Attempt) -> tuple[ExitCode, str]:
    threads = str(attempt.spec.torch_threads)
    for name, value in (("OMP_NUM_THREADS", threads), ("PYGAME_HIDE_SUPPORT_PROMPT", "1")):
        os.environ.setdefault(name, value)
    try:
        attempt.enter(Phase.STARTING)
        # Importing torch takes a second: the heartbeat, the log and the signal handler come first.
        with without_gym():
            from trainer.train import train  # noqa: PLC0415

        return ExitCode.FINISHED, train(attempt)
    except TrainerError as error:
        if error.__cause__ is not None:  # such as what an environment raised
            log.exception("at step %d", attempt.timesteps)
        return error.exit_code, str(error)
    except (Exception, SystemExit) as error:
        log.exception("the run failed at step %d", attempt.timesteps)
        return _classify(attempt, error)


def _classify(attempt: Attempt, error: BaseException) -> tuple[ExitCode, str]:
    at = f"at step {attempt.timesteps:,} of {attempt.total_timesteps:,}"
    if is_disk_full(error) or no_space_left(attempt.folder):
        return ExitCode.DISK_FULL, f"No space was left for the run's files {at}."
    if isinstance(error, MemoryError):
        return ExitCode.CODE_ERROR, f"Memory ran out {at}: {sentence(error)}"
    return ExitCode.CODE_ERROR, f"The code failed {at}: {sentence(error)}"


def _reserve(folder: Path) -> Reserve | None:
    """Space for the result; None where the disk is full already."""
    try:
        return Reserve(folder)
    except OSError as error:
        if not is_disk_full(error):
            raise
        return None


def _write_result(folder: Path, result: RunResult) -> None:
    try:
        write_atomic(folder / RESULT_FILE, result.model_dump_json(indent=1), durable=True)
    except OSError:
        log.exception("the result cannot be written: %s", result.model_dump_json())


def _unstarted(folder: Path, code: ExitCode, message: str) -> RunResult:
    """The result where there is no usable spec to take names from, or no space to begin."""
    try:
        document = json.loads((folder / SPEC_FILE).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        document = None
    known = document if isinstance(document, dict) else {}
    run_name, attempt = known.get("run"), known.get("attempt")
    return RunResult(
        run=run_name if isinstance(run_name, str) else folder.name,
        attempt=attempt if isinstance(attempt, int) else 1,
        exit_code=code,
        message=message,
        timesteps=0,
        total_timesteps=0,
        duration_s=0.0,
    )


def _listen(stop: StopRequest) -> None:
    """Turn SIGTERM and SIGINT into a request that is read between steps."""

    def ask(number: int, _frame: FrameType | None) -> None:
        stop.reason = signal.Signals(number).name

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)


def _redirect_output(folder: Path) -> int:
    """Send both output streams, of native code too, to the log; answers the old standard error."""
    told = os.dup(2)
    try:
        descriptor = os.open(folder / LOG_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError as error:
        sys.stderr.write(f"{folder / LOG_FILE} cannot be written: {error}\n")
    else:
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.close(descriptor)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # both are text files here
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.captureWarnings(capture=True)
    faulthandler.enable()
    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
