"""What is wrong with an override or a config, in words with a remedy. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from db.errors import ConfigError

MAX_PROBLEMS = 20
MAX_QUOTED = 60
MAX_GUESSED = 44


@dataclass(frozen=True)
class Problem:
    """`line` counts from 1; None where the text as a whole, or a config, is meant.

    `text` is the offending text, shortened; `message` says what is wrong and what to write instead.
    """

    line: int | None
    text: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


class OverrideProblems(ConfigError):
    """An override text that cannot be used; `problems` holds each reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def shorten(text: str, limit: int = MAX_QUOTED) -> str:
    """`text` on one line, of at most `limit` characters, without control characters."""
    head = "".join(c if c.isprintable() else " " for c in text[: limit + 1])
    return head if len(text) <= limit else head[: limit - 1] + "…"


def few(names: Sequence[str], limit: int = 8) -> str:
    """The names with commas; of many the first ones, and how many more there are."""
    more = len(names) - limit
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:limit])} and {more} more"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """' Did you mean `learning_rate`?', or nothing where no known word is near."""
    if len(word) > MAX_GUESSED:
        return ""
    matches = get_close_matches(word, sorted(set(known)), n=1, cutoff=0.6)
    return f" Did you mean `{matches[0]}`?" if matches else ""
