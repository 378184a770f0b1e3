"""Prints a channel as it fills: new messages at once, living cards now and then."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.panel import Panel
from rich.text import Text

from bot.cli.console import out, print_line
from bot.cli.demo import cards
from bot.cli.playground_client import PlaygroundClient
from bot.cli.playground_seen import SeenMessage

LIVING_EVERY_S = 10.0
LONG = 12


@dataclass
class _Printed:
    text: str
    at_s: float


@dataclass
class ThreadPrinter:
    """Prints what people in the channel see. `names` maps user ids to names."""

    client: PlaygroundClient
    names: Mapping[str, str]
    _printed: dict[str, _Printed] = field(default_factory=dict)
    _whispers: set[tuple[str, str]] = field(default_factory=set)

    def catch_up(self, *, everything: bool = False) -> None:
        """Print what is new. Edits of a living card wait for their time, unless `everything` is asked."""
        for message in self.client.messages():
            self._show(message, everything=everything)
            if message.raw.get("reply_count") or message.raw.get("thread_ts"):
                for reply in self.client.messages(thread_ts=message.ts)[1:]:
                    self._show(reply, everything=everything)

    def whispers(self, user: str) -> None:
        """Print what only this person sees."""
        for message in self.client.ephemerals(user):
            if (user, message.ts) not in self._whispers:
                self._whispers.add((user, message.ts))
                note = f" · only {self.names.get(user, user)} sees this"
                self._print(message, note)

    def _show(self, message: SeenMessage, *, everything: bool) -> None:
        text = cards.plain(message.raw, self.names)
        before = self._printed.get(message.ts)
        if before is not None and before.text == text:
            return
        now = time.monotonic()
        if before is not None and not everything and now - before.at_s < LIVING_EVERY_S:
            return
        self._printed[message.ts] = _Printed(text, now)
        if before is not None and _is_long(text):
            self._print_changes(message, before.text, text)
        else:
            self._print(message, " (edited)" if before else "")

    def _print_changes(self, message: SeenMessage, before: str, after: str) -> None:
        """Of a long card that was edited, its first line and what is new in it."""
        old = set(before.splitlines())
        first, *rest = after.splitlines()
        self._print_lines(message, [first, *(line for line in rest if line not in old)], " (edited)")

    def _print(self, message: SeenMessage, note: str) -> None:
        console = out()
        if console.is_terminal:
            console.print(cards.card(message.raw, self.names, note))
        else:
            self._print_lines(message, cards.plain(message.raw, self.names).splitlines(), note)

    def _print_lines(self, message: SeenMessage, lines: Sequence[str], note: str) -> None:
        """A panel on a terminal, indented lines in a pipe."""
        who = cards.speaker(message.raw, self.names)
        console = out()
        if console.is_terminal:
            text = Text("\n".join(lines))
            console.print(Panel(text, title=f"{who}{note}", title_align="left", border_style="dim"))
            return
        print_line(f"  {who}{note}:")
        for line in lines:
            print_line(f"  | {line}")


def _is_long(text: str) -> bool:
    return len(text.splitlines()) > LONG
