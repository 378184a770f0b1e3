"""Reading what people type on a phone: one spelling of characters, numbers and metric names."""

import difflib
import re
import unicodedata
from collections.abc import Mapping

from db.errors import ExpectationError
from db.expectation.claims import FINAL_REWARD, MetricInfo

MAX_LENGTH = 1000
SHOWN_LENGTH = 60

NUMBER = r"(?:[0-9][0-9_]*(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?(?: ?[km](?![a-z]))?"
_SUFFIXES = {"k": 1e3, "m": 1e6}
_LARGEST = 1e15

_SPELLINGS = str.maketrans(
    {
        **dict.fromkeys("−–—‒‐‑﹣", "-"),  # noqa: RUF001 - the signs that phones put for a minus
        **dict.fromkeys('“”„‟«»"`*', " "),
        **dict.fromkeys("‘’‚‛′", "'"),  # noqa: RUF001 - the signs that phones put for an apostrophe
        "≥": " >= ",
        "⩾": " >= ",
        "≤": " <= ",
        "⩽": " <= ",
        "±": " within ",
    }
)
_ESCAPES = (("&gt;", ">"), ("&lt;", "<"), ("&amp;", "&"))
_OPERATOR = re.compile(r"\s*(>=|=>|<=|=<|==|=|>|<)\s*")
_QUOTE = re.compile(r"(?<![a-z])'|'(?![a-z])")
_COMMA_NUMBER = re.compile(r"[0-9]*,[0-9]+(?:,[0-9]+)*")

_ALIASES = {
    "reward": FINAL_REWARD,
    "return": FINAL_REWARD,
    "final return": FINAL_REWARD,
    "score": FINAL_REWARD,
    "success": "success_rate",
    "length": "episode_length",
}
_LEADING_WORDS = re.compile(r"^(?:the |its |our |median (?:run's |of )?)+")


def shown(text: str) -> str:
    """What was typed, printable and short enough for a message."""
    plain = "".join(c if c.isprintable() else " " for c in text).strip()
    return plain if len(plain) <= SHOWN_LENGTH else plain[: SHOWN_LENGTH - 1] + "…"


def normalise(text: str) -> str:
    """One spelling: lower case, plain quotes, minus and spaces, operators set off by spaces; newlines stay.

    Raises ExpectationError for a text that is too long, and for a comma inside a number.
    """
    if len(text) > MAX_LENGTH:
        raise ExpectationError(f"the expected outcome has {len(text)} characters: {MAX_LENGTH} at most")
    for escape, sign in _ESCAPES:
        text = text.replace(escape, sign)
    text = unicodedata.normalize("NFKC", text.translate(_SPELLINGS)).translate(_SPELLINGS)
    kept = (c for c in text if unicodedata.category(c) != "Cf")
    text = "".join("\n" if c in "\r\n" else c if c.isprintable() else " " for c in kept)
    text = _OPERATOR.sub(lambda found: f" {found[1].replace('=>', '>=').replace('=<', '<=')} ", text.lower())
    text = re.sub(r"[ \t]+", " ", _QUOTE.sub(" ", text))
    comma = _COMMA_NUMBER.search(text)
    if comma:
        raise ExpectationError(_comma_remedy(comma[0]))
    return text.strip(" .!\n")


def _comma_remedy(number: str) -> str:
    if re.fullmatch(r"[1-9][0-9]{0,2}(,[0-9]{3})+", number):
        plain = number.replace(",", "")
        return (
            f"`{number}` has a comma: write {plain}, or {number.replace(',', '.', 1)} if a decimal is meant"
        )
    return f"`{number}` has a comma: write {number.replace(',', '.', 1).replace(',', '')} with a point"


def read_number(text: str) -> float:
    """A number as typed: `50k`, `1.5e5`, `1_000`. Raises ExpectationError where it is not a usable one."""
    plain = text.replace(" ", "").replace("_", "")
    factor = _SUFFIXES.get(plain[-1:], 1.0)
    number = float(plain[:-1] if factor != 1 else plain) * factor
    if not abs(number) <= _LARGEST:
        raise ExpectationError(f"`{shown(text)}` is too large: {_LARGEST:.0e} at most")
    return number


def find_metric(name: str, metrics: Mapping[str, MetricInfo]) -> MetricInfo | None:
    """The metric that was typed, in any case, with spaces, underscores or hyphens; None if there is none."""
    words = _metric_words(name)
    by_words = {_metric_words(m.name): m for m in metrics.values()}
    return by_words.get(words) or metrics.get(_ALIASES.get(words, ""))


def read_metric(name: str, metrics: Mapping[str, MetricInfo]) -> MetricInfo:
    """As `find_metric`; raises ExpectationError with the nearest name where there is none."""
    found = find_metric(name, metrics)
    if found is None:
        raise unknown_metric(name, metrics)
    return found


def unknown_metric(name: str, metrics: Mapping[str, MetricInfo]) -> ExpectationError:
    """The refusal of a name that is no metric: with the nearest one, or with all there are."""
    known = [m.words for m in metrics.values()]
    candidates = [*known, *(alias for alias, target in _ALIASES.items() if target in metrics)]
    close = difflib.get_close_matches(_metric_words(name), candidates, n=1)
    nearest = find_metric(close[0], metrics) if close else None
    if nearest is not None:
        return ExpectationError(f"unknown metric `{shown(name)}`: did you mean `{nearest.words}`?")
    return ExpectationError(f"unknown metric `{shown(name)}`: this yardstick measures {', '.join(known)}")


def _metric_words(name: str) -> str:
    words = re.sub(r"[\s_\-]+", " ", name.lower()).strip()
    return _LEADING_WORDS.sub("", words)
