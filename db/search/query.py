"""What a person typed into the search, understood: words, phrases, filters. Pure; it never raises."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from db.config.normalise import normalise

MAX_CHARACTERS = 1_000
MAX_WORDS = 40

# Words that say "find me experiments", or nothing.
_STOP = """
a about all an and any are as at be been by can contains did do does done experiment experiments find for
from get give had has have how i in into is it its list me my of on or our run runs search show tell than
that the their them there these they this those to tried try trying us was we were what when where which
who why will with you
"""
STOP_WORDS = frozenset(_STOP.split())
ALIASES = {
    "by": "author",
    "from": "author",
    "algorithm": "algo",
    "environment": "env",
    "env_id": "env",
    "lr": "learning_rate",
    "outcome": "verdict",
    "reward": "final_reward",
    "steps": "total_timesteps",
    "timesteps": "total_timesteps",
}
FILTERS = frozenset(
    {
        "after",
        "algo",
        "author",
        "before",
        "created",
        "env",
        "finding",
        "parent",
        "question",
        "status",
        "tag",
        "verdict",
    }
)
METRICS = frozenset({"episode_length", "final_reward", "oscillation", "success_rate"})

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_KEY = r"[A-Za-z_][A-Za-z0-9_.]*"
_TOKEN = re.compile(
    rf"""(?P<minus>-(?=[\w@"<]))?
    (?: "(?P<phrase>[^"]*)"
      | <@(?P<mention>[A-Z0-9]+)(?:\|[^>]*)?>
      | @(?P<user>[\w.\-]+)
      | (?P<name>(?:final|success|episode)[ _-](?:reward|rate|length)\b|{_KEY})
        \s*(?P<sign><=|>=|!=|<|>|=)\s*(?P<number>{_NUMBER})(?![\w.])
      | (?P<key>{_KEY}):(?P<op><=|>=|<|>)?(?P<value>"[^"]*"|[^\s"]+)
      | (?P<word>[^\s"]+|")
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Filter:
    """`op` is one of =, !=, <, <=, >, >= and "..", which has `upper`. `typed` is how it was written."""

    key: str
    op: str
    value: str
    typed: str
    upper: str = ""
    negated: bool = False

    def __str__(self) -> str:
        said = f"{self.key} {self.value} to {self.upper}" if self.op == ".." else self._said()
        return f"not {said}" if self.negated else said

    def _said(self) -> str:
        return f"{self.key} {self.value}" if self.op == "=" else f"{self.key} {self.op} {self.value}"


@dataclass(frozen=True)
class Query:
    """`phrases` must all be there, `excluded` must not; `words` rank what they are found in."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    numbers: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()


def parse_query(text: str) -> Query:
    """Cut `text` into words, phrases and filters. Every `key:value` is a filter at first."""
    # Databases take neither NUL nor half of a pair of surrogates.
    plain = "".join(c if c.isprintable() else " " for c in normalise(text[:MAX_CHARACTERS]))
    typed = " ".join(plain.split())
    query = Query()
    if len(text) > MAX_CHARACTERS:
        query = replace(query, warnings=(f"only the first {MAX_CHARACTERS:,} characters were read",))
    for match in _TOKEN.finditer(typed):
        query = _with(query, match)
    return replace(query, words=query.words[:MAX_WORDS], excluded=query.excluded[:MAX_WORDS])


def understood(query: Query, names: Collection[str]) -> Query:
    """The query with filters of unknown names turned back into words; `names` are the ledger's own."""
    known = tuple(f for f in query.filters if f.key in FILTERS | METRICS or f.key in names)
    words, warnings = list(query.words), list(query.warnings)
    for unknown in query.filters:
        if unknown not in known:
            words += _words(unknown.typed)
            warnings.append(f"{unknown.key} is no filter here; it was searched for as text")
    return replace(query, filters=known, words=tuple(words[:MAX_WORDS]), warnings=tuple(warnings))


def _with(query: Query, match: re.Match[str]) -> Query:
    if match["phrase"] is not None:
        return _with_phrase(query, match["phrase"].strip(), negated=bool(match["minus"]))
    if match["word"] is not None:
        return _with_word(query, match["word"], negated=bool(match["minus"]))
    return replace(query, filters=(*query.filters, _filter(match)))


def _with_phrase(query: Query, phrase: str, *, negated: bool) -> Query:
    if not _has_letters(phrase):
        return query
    if negated:
        return replace(query, excluded=(*query.excluded, phrase))
    return replace(query, phrases=(*query.phrases, phrase))


def _with_word(query: Query, word: str, *, negated: bool) -> Query:
    if number := re.fullmatch(r"[Ee]-([0-9]{1,9})", word.strip(",.;?!")):
        return replace(query, numbers=(*query.numbers, int(number[1])))
    words = _words(word)
    if negated:
        return replace(query, excluded=(*query.excluded, *words))
    return replace(query, words=(*query.words, *words))


def _filter(match: re.Match[str]) -> Filter:
    negated, typed = bool(match["minus"]), match[0].lstrip("-")
    if match["mention"] or match["user"]:
        return Filter("author", "=", match["mention"] or match["user"], typed, negated=negated)
    if match["name"]:
        return Filter(_key(match["name"]), match["sign"], match["number"], typed, negated=negated)
    value, op = match["value"].strip('"'), match["op"] or "="
    low, dots, high = value.partition("..")
    if dots and low and high and op == "=":
        return Filter(_key(match["key"]), "..", low, typed, upper=high, negated=negated)
    return Filter(_key(match["key"]), op, value, typed, negated=negated)


def _key(typed: str) -> str:
    key = re.sub(r"[ \-]", "_", typed.lower())
    return ALIASES.get(key, key)


def _words(text: str) -> list[str]:
    """The words of a piece of text that are worth searching for."""
    words = [word for word in re.split(r"[^\w.\-]+", text) if _has_letters(word)]
    return [word for word in words if word.lower().strip(".-") not in STOP_WORDS]


def _has_letters(text: str) -> bool:
    return any(character.isalnum() for character in text)
