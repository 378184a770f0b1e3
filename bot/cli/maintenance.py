"""migrate, export, import, bot, worker: keep the ledger and its parts running."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot.cli.console import err, print_line
from bot.cli.ledger import open_ledger
from db import archive
from db.errors import NotFound, Refused
from db.migrations.run import migrate as migrate_ledger
from db.settings import LedgerSettings


def migrate() -> None:
    """Create the ledger, or bring it to this program's revision, and add the shipped baselines."""
    settings = LedgerSettings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate_ledger(settings.ledger_url)
    print_line(f"The ledger {_without_password(settings.ledger_url)} is up to date.", "green")


def export(
    file: Annotated[str, typer.Argument(help="Where to write, or - for standard output.")] = "-",
) -> None:
    """Write the whole ledger as JSON lines, without loss; `import` reads them again."""
    with open_ledger() as ledger:
        lines = archive.export_lines(ledger.database)
        if file == "-":
            for line in lines:
                sys.stdout.write(line.rstrip("\n") + "\n")
            return
        count = _write(Path(file), lines)
    err().print(f"{count:,} lines written to {file}", markup=False)


def import_(
    file: Annotated[str, typer.Argument(help="A file that `export` wrote, or - for standard input.")],
) -> None:
    """Read an exported ledger into a new one."""
    with open_ledger() as ledger:
        if file == "-":
            archive.import_lines(ledger.database, sys.stdin)
        else:
            try:
                with Path(file).open(encoding="utf-8") as opened:
                    archive.import_lines(ledger.database, opened)
            except OSError as error:
                raise NotFound(f"{file} cannot be read: {error.strerror}") from None
            except UnicodeDecodeError:
                raise Refused(f"{file} is not a file that `signoff export` wrote") from None
    err().print("The ledger was imported.", style="green")


def bot() -> None:
    """Run the bot: Slack, pages, sender. Stop it with Ctrl-C."""
    _become("bot")


def worker() -> None:
    """Run this host's worker: it takes approved runs from the ledger. Training outlives it."""
    _become("worker")


def _become(room: str) -> NoReturn:
    os.execv(sys.executable, [sys.executable, "-m", room])  # noqa: S606 - this very program, no shell


def _write(path: Path, lines: Iterable[str]) -> int:
    """Write to a neighbour first, so that a broken export never looks like a whole one."""
    part = path.with_name(f".{path.name}.part")
    count = 0
    try:
        with part.open("w", encoding="utf-8") as opened:
            for line in lines:
                opened.write(line.rstrip("\n") + "\n")
                count += 1
        part.replace(path)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    return count


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    before, at, after = rest.rpartition("@")
    return f"{scheme}{separator}{before.partition(':')[0]}{at}{after}" if at else url
