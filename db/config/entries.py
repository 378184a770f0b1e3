"""Override text cut into entries: one `key = value` a line, or a JSON object. Pure."""

import re
from dataclasses import dataclass

from pydantic import JsonValue

from db.config.bounds import MAX_STRING_BYTES, MAX_TEXT_BYTES, check_string
from db.config.normalise import normalise
from db.config.problems import MAX_PROBLEMS, OverrideProblems, Problem, shorten
from db.config.strict_json import read_json
from db.errors import ConfigError

MAX_LINES = 500

_LINE = re.compile(r"""["'`]?([A-Za-z_][\w .\-]{0,200}?)["'`]? {0,8}[=:](.*)""", re.ASCII | re.DOTALL)
_SCALED = re.compile(r"([A-Za-z_][\w.\-]*)\s+([xX*]\s*[\d.].*|[+-]\s*[\d.].*%)", re.ASCII)
_REMEDY = "write one `key = value` a line, such as learning_rate = 5e-4"


@dataclass(frozen=True)
class Entry:
    """`typed` is the value as typed; None where `value` came from JSON."""

    line: int | None
    key: str
    typed: str | None
    value: JsonValue = None


def read_entries(text: str) -> tuple[Entry, ...]:
    """The entries in the order of the text.

    :raises OverrideProblems: on text that is empty, too large, or of another shape.
    """
    if len(text) > MAX_TEXT_BYTES or len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
        raise _whole("", f"more than {MAX_TEXT_BYTES // 1024} KB of changes; make them fewer")
    if not text.strip():
        raise _whole("", f"nothing is changed yet; {_REMEDY}")
    if text.lstrip().startswith("{"):
        return _from_json(text)
    return _from_lines(normalise(text))


def _from_json(text: str) -> tuple[Entry, ...]:
    try:
        try:
            document = read_json(text)
        except ConfigError:
            document = read_json(normalise(text))
    except ConfigError as error:
        raise _whole(shorten(text), str(error)) from error
    if not isinstance(document, dict):
        raise _whole(shorten(text), f"JSON changes are one object; or {_REMEDY}")
    if not document:
        raise _whole(shorten(text), f"nothing is changed yet; {_REMEDY}")
    if len(document) > MAX_LINES:
        raise _whole(shorten(text), f"more than {MAX_LINES} changes; make them fewer")
    return tuple(Entry(None, _key(key), None, value) for key, value in document.items())


def _from_lines(text: str) -> tuple[Entry, ...]:
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        raise _whole("", f"more than {MAX_LINES} lines of changes; make them fewer")
    entries: list[Entry] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        try:
            entries.append(_entry(number, content))
        except ConfigError as error:
            problems.append(Problem(number, shorten(content), str(error)))
        if len(problems) >= MAX_PROBLEMS:
            break
    if problems:
        raise OverrideProblems(problems)
    if not entries:
        raise _whole("", f"nothing is changed yet; {_REMEDY}")
    return tuple(entries)


def _entry(number: int, content: str) -> Entry:
    if len(content) > MAX_STRING_BYTES:
        raise ConfigError(f"a line of more than {MAX_STRING_BYTES:,} bytes; make it shorter")
    check_string(content)
    match = _SCALED.fullmatch(content) or _LINE.fullmatch(content)
    if match is None:
        raise ConfigError(f'"{shorten(content)}" is not a change; {_REMEDY}')
    typed = match[2].strip().strip("`").rstrip(",;").strip()
    if not typed:
        raise ConfigError(f"`{shorten(match[1])}` has no value; write one, or none to go back to the default")
    return Entry(number, _key(match[1]), typed)


def _key(typed: str) -> str:
    """`Learning rate` and `learning-rate` are learning_rate."""
    return re.sub(r"[ \-]+", "_", typed.strip().lower())


def _whole(text: str, message: str) -> OverrideProblems:
    return OverrideProblems([Problem(None, text, message)])
