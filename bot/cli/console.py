"""Print for people on a terminal, and plainly into a pipe."""

import json
import sys
from collections.abc import Iterable, Sequence

from pydantic import JsonValue
from rich.console import Console
from rich.table import Table
from rich.text import Text


def out() -> Console:
    """Standard output; in a pipe without colour, wrapping or cropping."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, no_color=True, width=10_000, soft_wrap=True)


def err() -> Console:
    """Standard error."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: JsonValue) -> None:
    """Indented JSON, for other programs; the same on a terminal and in a pipe."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def print_line(text: str = "", style: str = "") -> None:
    """One line; what people wrote is printed as it is, never read as markup."""
    out().print(Text(text, style=style) if style else Text(text))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table: drawn on a terminal, one tab-separated line each in a pipe."""
    if not sys.stdout.isatty():
        for row in ([name.lower() for name in columns], *rows):
            sys.stdout.write("\t".join(_flat(cell) for cell in row) + "\n")
        return
    table = Table(*columns, header_style="bold", border_style="dim")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    out().print(table)


def _flat(cell: str) -> str:
    return " ".join(cell.split())
