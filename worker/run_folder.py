"""What a run has left in its folder, read without trust."""

from pathlib import Path

from pydantic import ValidationError

from trainer.contract import LOG_FILE, PROGRESS_FILE, RESULT_FILE, Progress, RunResult
from worker.files import UnsafeFile, read_capped, read_tail

RESULT_BYTES = 1024 * 1024
PROGRESS_BYTES = 64 * 1024
LOG_BYTES = 64 * 1024


def read_progress(folder: Path) -> Progress | None:
    """The trainer's newest heartbeat; None where there is none that can be read."""
    try:
        return Progress.model_validate_json(read_capped(folder / PROGRESS_FILE, PROGRESS_BYTES))
    except (OSError, UnsafeFile, ValidationError):
        return None


def read_result(folder: Path, *, run: str, attempt: int) -> tuple[RunResult | None, str]:
    """The attempt's result, or None and why there is none."""
    try:
        result = RunResult.model_validate_json(read_capped(folder / RESULT_FILE, RESULT_BYTES))
    except FileNotFoundError:
        return None, f"it left no {RESULT_FILE}"
    except (OSError, UnsafeFile) as error:
        return None, f"its {RESULT_FILE} cannot be read ({error})"
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        return None, f"its {RESULT_FILE} is damaged ({place}: {first['msg']})"
    if (result.run, result.attempt) != (run, attempt):
        return None, f"its {RESULT_FILE} belongs to attempt {result.attempt} of {result.run}"
    return result, ""


def read_log(folder: Path) -> str:
    """The end of the trainer's own log; "" where there is none."""
    try:
        return read_tail(folder / LOG_FILE, LOG_BYTES)
    except (OSError, UnsafeFile):
        return ""
