"""Deterministic names: a launch that is repeated after a crash finds what it began. Pure."""

import re
from pathlib import PurePosixPath

from db.records import Attempt, Run

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def safe_name(text: str) -> str:
    """A name that is one harmless part of a path: "E-42/s1" becomes "E-42-s1"."""
    return _UNSAFE.sub("-", text).lstrip(".-") or "unnamed"


def attempt_name(instance: str, run: str | None = None, attempt: int | None = None) -> str:
    """The name of an attempt's container: "signoff-<instance>-E-42-s1-a1"; without a run, the prefix."""
    prefix = f"signoff-{safe_name(instance)}-"
    return prefix if run is None else f"{prefix}{safe_name(run)}-a{attempt}"


def run_folder(run: str, attempt: int) -> PurePosixPath:
    """An attempt's folder within the artifacts: "E-42-s1/a1"."""
    return PurePosixPath(safe_name(run)) / f"a{attempt}"


def plot_path(experiment: int, n: int) -> PurePosixPath:
    """The n-th result's plot within the artifacts."""
    return PurePosixPath("experiments") / f"E-{experiment}" / f"result-{n}.png"


def sheet_path(experiment: int, n: int) -> PurePosixPath:
    """The n-th result's diagnostics sheet within the artifacts."""
    return PurePosixPath("experiments") / f"E-{experiment}" / f"result-{n}-diagnostics.png"


def attempt_token(attempt: Attempt, run: Run) -> str:
    """Names one attempt across ledgers: "7.<spec hash>"."""
    return f"{attempt.id}.{run.spec_hash}"


def attempt_id_of(token: str) -> int | None:
    """The id in a token; None where the token is none of ours."""
    number = token.partition(".")[0]
    return int(number) if number.isascii() and number.isdigit() else None
