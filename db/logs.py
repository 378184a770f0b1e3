"""How every process of ours logs: to standard error, in one form, with secrets taken out.

`structlog` binds what a line is about (experiment, run, attempt) by context; lines of libraries come
through the standard `logging` and look the same.
"""

import logging
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, TypedDict

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from db.records import Attempt, Run
from db.redact import REDACTED, redact

LogFormat = Literal["console", "json"]
_SECRET_NAMES = ("password", "passwd", "secret", "token", "authorization", "api_key", "cookie")
_MOST_DEPTH = 8


def configure(form: LogFormat) -> None:
    """Set up this process's logs: `json` is one object a line, `console` reads easily on a terminal."""
    common = _common()
    finish: list[Processor] = [structlog.processors.format_exc_info, hide_secrets, _renderer(form)]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *common, *finish],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_logger_name,
                *common,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class Subject(TypedDict, total=False):
    """What lines are about: "E-42", "E-42/s1", the attempt's id in the ledger."""

    experiment: str
    run: str
    attempt: int


def subject(run: Run, attempt: Attempt | None = None) -> Subject:
    """Of a run, or of an attempt of it."""
    said = Subject(experiment=f"E-{run.experiment}", run=run.key)
    return said if attempt is None else {**said, "attempt": attempt.id}


def about(said: Subject) -> AbstractContextManager[None]:
    """Every line that is logged within says what it is about."""
    return structlog.contextvars.bound_contextvars(**said)


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A processor: what looks like a secret, or is called one, leaves no process."""
    return {name: _hidden(name, value, _MOST_DEPTH) for name, value in event.items()}


def _hidden(name: str, value: Any, depth: int) -> Any:
    if any(part in name.lower() for part in _SECRET_NAMES) and value is not None:
        return REDACTED
    if isinstance(value, str):
        return redact(value)
    if depth and isinstance(value, Mapping):
        return {key: _hidden(str(key), item, depth - 1) for key, item in value.items()}
    if depth and isinstance(value, list | tuple):
        return [_hidden("", item, depth - 1) for item in value]
    return value if isinstance(value, int | float | bool | None) else redact(str(value))


def _common() -> list[Processor]:
    return [structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)]


def _renderer(form: LogFormat) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(sort_keys=False, ensure_ascii=False)
    return structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
