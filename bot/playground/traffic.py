"""A record of all that passed between the app and the playground, with secrets hidden."""

import re
from collections import deque
from collections.abc import Callable
from itertools import takewhile

from bot.playground.records import Json

_KEPT = 3_000
"""Some 20 kB of memory each; the file has more of them."""
_HIDDEN = "(hidden)"
_SECRETS = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|(?<=[?&]ticket=)[^&\s]+|(?<=/response/)[^\s\"'<>]+")
"""Tokens, tickets of sockets, and what a response URL is known by; a trigger id is spent in 3 s."""


class Traffic:
    """The last 3,000 exchanges, oldest first. Durations are in seconds. `keep` gets each of them."""

    def __init__(
        self, clock: Callable[[], float], *, keep: Callable[[Json], None] = lambda _entry: None
    ) -> None:
        self._clock = clock
        self._keep = keep
        self._entries: deque[Json] = deque(maxlen=_KEPT)
        self._n = 0
        self.on_note: Callable[[], None] = lambda: None

    @property
    def last(self) -> int:
        """The number of the newest exchange."""
        return self._n

    def note(self, kind: str, name: str, arguments: object, answer: object, **facts: object) -> Json:
        """Write down one exchange; `kind` is `web_api`, `envelope`, `event`, `upload` or `response_url`."""
        self._n += 1
        entry: Json = {
            "n": self._n,
            "at": self._clock(),
            "kind": kind,
            "name": name,
            "arguments": hidden(arguments),
            "answer": hidden(answer),
            **facts,
        }
        self._entries.append(entry)
        self._keep(entry)
        self.on_note()
        return entry

    def after(self, number: int, name: str | None = None) -> list[Json]:
        """The exchanges after `number`, oldest first; with `name` those of one method or envelope type."""
        newest_first = takewhile(lambda entry: entry["n"] > number, reversed(self._entries))
        return [entry for entry in newest_first if name in (None, entry["name"])][::-1]


def hidden(value: object) -> object:
    """A copy without secrets."""
    if isinstance(value, dict):
        return {name: _HIDDEN if name == "token" else hidden(item) for name, item in value.items()}
    if isinstance(value, list):
        return [hidden(item) for item in value]
    return _SECRETS.sub(_HIDDEN, value) if isinstance(value, str) else value
