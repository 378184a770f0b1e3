"""Why a run ends before its time. Each error knows its exit code; its message is one sentence for people."""

import errno

from trainer.contract import ExitCode

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class TrainerError(Exception):
    """Base of all errors that the trainer raises on purpose."""

    exit_code = ExitCode.CODE_ERROR


class BadSpec(TrainerError):
    """The spec asks for something that cannot be trained; the message says what may stand there."""

    exit_code = ExitCode.BAD_SPEC


class SpaceMismatch(BadSpec):
    """The algorithm, or the policy, does not fit the environment's observations or actions."""

    exit_code = ExitCode.SPACE_MISMATCH


class MissingPackage(BadSpec):
    """The environment, or the algorithm, needs a package that is not installed here."""

    exit_code = ExitCode.MISSING_PACKAGE


class CodeFailed(TrainerError):
    """A team's own package cannot be imported, or offers something that cannot be used."""


class NotFinite(TrainerError):
    """A loss, weight or action became NaN or infinite: the learning diverged."""

    exit_code = ExitCode.NAN


class EnvironmentNotFinite(NotFinite):
    """The environment gave an observation or a reward that is NaN or infinite."""

    exit_code = ExitCode.ENVIRONMENT_NAN


class EnvironmentFailed(TrainerError):
    """The environment raised an error."""

    exit_code = ExitCode.ENVIRONMENT_ERROR


class Stalled(TrainerError):
    """Nothing moved for too long: a step of the environment, or an update, does not return."""

    exit_code = ExitCode.STALLED


class Stopped(TrainerError):
    """Somebody asked the run to stop."""

    exit_code = ExitCode.STOPPED


class TimeUp(TrainerError):
    """The time limit of the run was reached."""

    exit_code = ExitCode.TIME_LIMIT


class ResumeFailed(TrainerError):
    """The checkpoint to resume from is missing, damaged, or of another model."""

    exit_code = ExitCode.RESUME_FAILED


def is_disk_full(error: BaseException) -> bool:
    """Whether `error`, or an error that it was raised from, says that no space is left."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        if isinstance(current, OSError) and current.errno in _FULL:
            return True
        seen.add(id(current))
        current = current.__cause__ or current.__context__
    return False


def sentence(error: BaseException, limit: int = 300) -> str:
    """The first line of an error with its type, cut to `limit` characters."""
    lines = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {lines[0].strip()}" if lines else type(error).__name__
    return text if len(text) <= limit else text[: limit - 1] + "…"
