"""What `doctor` finds, in any room: how bad it is, what was seen, and what to do about it. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from pydantic import JsonValue


class Level(IntEnum):
    OK = 0
    WARNING = 1
    PROBLEM = 2


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` says what to do where it is not well."""

    level: Level
    what: str
    remedy: str = ""

    def as_json(self) -> dict[str, JsonValue]:
        return {"level": self.level.name.lower(), "what": self.what, "remedy": self.remedy}


def well(what: str) -> Finding:
    return Finding(Level.OK, what)


def warning(what: str, remedy: str) -> Finding:
    return Finding(Level.WARNING, what, remedy)


def problem(what: str, remedy: str) -> Finding:
    return Finding(Level.PROBLEM, what, remedy)


def to_json(findings: Iterable[Finding]) -> str:
    """One line of JSON, which `from_json` reads in another process."""
    return json.dumps([finding.as_json() for finding in findings])


def from_json(text: str) -> tuple[Finding, ...]:
    """:raises ValueError: where the text is nothing that `to_json` wrote."""
    try:
        return tuple(
            Finding(Level[each["level"].upper()], each["what"], each["remedy"]) for each in json.loads(text)
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no findings: {text[:80]!r}") from error
