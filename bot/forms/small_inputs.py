"""Short inputs of the contract form: durations, counts, tags, titles, links. Pure.

Each reader returns the value or raises `Unreadable`, whose message stands at the field.
"""

import re
from urllib.parse import urlsplit

from bot.forms import fields
from bot.messages import budget
from bot.messages.escape import one_line
from trainer.contract import JsonObject

_UNITS_S = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "h": 3_600,
    "hr": 3_600,
    "hour": 3_600,
    "d": 86_400,
    "day": 86_400,
}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")
_LOAD = re.compile(r"(?:\s+with)?\s+(policy|optimizer|all)$", re.IGNORECASE)
_RUN = re.compile(r"(?:E-)?(\d{1,9})/(s\d{1,4}(?:\.\d{1,3})?)|E-(\d{1,9})", re.IGNORECASE)
_LEAST_S = 60
_MOST_S = 30 * 86_400
_MOST_STEPS = 10**12
_TITLE = 60
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")


class Unreadable(ValueError):
    """The message says what is wrong and what to write instead."""


def read_duration_s(text: str) -> int:
    """24 h, 90 min, 1 h 30 min, 2 days -> seconds."""
    wanted = one_line(text).lower()
    rest = _DURATION.sub("", wanted).strip(" ,+")
    parts = _DURATION.findall(wanted)
    units = [_UNITS_S.get(unit) or _UNITS_S.get(unit.rstrip("s")) for _, unit in parts]
    if rest or not parts or not all(units):
        raise Unreadable(f"“{budget.head(wanted, 40)}” is no time; write for example 90 min or 24 h.")
    total = sum(float(count) * (unit or 0) for (count, _), unit in zip(parts, units, strict=True))
    if not _LEAST_S <= total <= _MOST_S:
        raise Unreadable("A seed may run for 1 min at least and 30 days at most.")
    return round(total)


def duration_text(seconds: int) -> str:
    """The inverse for the form: 86400 -> 24 h."""
    for unit, size in (("h", 3_600), ("min", 60)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def read_seeds(text: str) -> int:
    count = _whole_number(text)
    if count is None or not 1 <= count <= fields.MOST_SEEDS:
        raise Unreadable(f"Give a whole number of seeds from 1 to {fields.MOST_SEEDS}; 5 allows a verdict.")
    return count


def read_steps(text: str) -> int:
    count = _whole_number(text)
    if count is None or not 1 <= count <= _MOST_STEPS:
        raise Unreadable("Give a whole number of environment steps, for example 100000.")
    return count


def read_start(text: str) -> JsonObject:
    """The config's `init` of "E-12/s1", of "E-12" (one of its seeds each), of several; a load may follow."""
    words = one_line(text).replace(",", " ")
    load = _LOAD.search(words)
    names = re.sub(r"\s*/\s*", "/", words[: load.start()] if load else words).split()
    runs = [_RUN.fullmatch(name) for name in names]
    if not runs or not all(runs):
        raise Unreadable(
            "Name a finished seed, for example E-12/s1, or E-12 for one of its seeds each; add optimizer or "
            "all to load more than the policy."
        )
    found = [_run_named(match) for match in runs if match]
    return {
        "from": found[0] if len(found) == 1 else list(found),
        "load": load[1].lower() if load else "policy",
    }


def _run_named(match: re.Match[str]) -> str:
    return f"E-{int(match[1])}/{match[2].lower()}" if match[1] else f"E-{int(match[3])}"


def read_tags(text: str) -> tuple[str, ...]:
    """Words between commas or spaces, in lower case, without #, each once."""
    words = [word.lstrip("#").lower() for word in re.split(r"[\s,;]+", one_line(text))]
    tags = tuple(dict.fromkeys(word for word in words if word))
    if len(tags) > fields.MOST_TAGS:
        raise Unreadable(f"At most {fields.MOST_TAGS} tags, please.")
    if any(len(tag) > fields.TAG for tag in tags):
        raise Unreadable(f"A tag has at most {fields.TAG} characters.")
    return tags


def read_link(text: str) -> str:
    if not text:
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise Unreadable("Give a whole web address that begins with https://")
    return text


def derive_title(objective: str) -> str:
    """The first sentence of the objective, cut between words: 'Reduce oscillation of the pole'."""
    first = _SENTENCE_END.split(one_line(objective), maxsplit=1)[0].rstrip(".!?;,: ")
    if len(first) <= _TITLE:
        return first
    cut = first[:_TITLE].rsplit(" ", 1)[0] if " " in first[:_TITLE] else first[: _TITLE - 1]
    return cut.rstrip(",;: ") + budget.ELLIPSIS


def _whole_number(text: str) -> int | None:
    digits = re.sub(r"[\s_\u00a0\u202f]", "", text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 15 else None  # noqa: PLR2004 - longer ones are no counts
