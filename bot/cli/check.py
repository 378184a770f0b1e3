"""check: read override text as the contract form would, without proposing anything."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.bundles import CodeReader
from bot.cli.console import err, print_line
from bot.cli.ledger import experiment_number, open_ledger
from bot.cli.showing import diff_lines
from bot.messages.escape import one_line
from db.config.diff import diff
from db.config.extend import allow, code_named
from db.config.problems import OverrideProblems
from db.config.recorded import with_dataset_hash
from db.config.resolve import Resolved, Step, merge, resolve
from db.config.text import parse_overrides
from db.errors import CodeRefused, NotFound, Refused
from db.settings import LedgerSettings
from trainer.catalogue import Catalogue, load_catalogue, load_presets
from trainer.contract import JsonObject

MAX_BYTES = 64 * 1024


def check(
    file: Annotated[
        str, typer.Argument(help="A file with one `key = value` a line, or - for standard input.")
    ],
    parent: Annotated[
        str, typer.Option(help="What to start from: E-n of the ledger, or the name of a preset.")
    ] = "ppo-cartpole",
) -> None:
    """Check changes against a parent: unknown keys, wrong types, no-ops and hostile text are refused."""
    resolved, text = _parent(parent), _read(file)
    try:
        delta = parse_overrides(text, resolved, _catalogue(text, resolved))
    except OverrideProblems as problems:
        for problem in problems.problems:
            err().print(one_line(str(problem)), style="red", markup=False)
        raise typer.Exit(1) from None
    if "dataset" in delta:
        delta = _with_dataset(delta, resolved)
    changes = diff(resolved.config, merge(resolved.config, delta))
    print_line(f"{len(changes)} change{'' if len(changes) == 1 else 's'} against {parent}", "bold")
    for sign, text in diff_lines(changes):
        print_line(text, {"-": "red", "+": "green"}[sign])


def _catalogue(text: str, resolved: Resolved) -> Catalogue:
    """What may be set; the ledger is asked only where the changes, or the parent, name a code bundle."""
    shipped = allow(load_catalogue(), LedgerSettings().allowed_environments)
    if code_named(text, resolved.config) is None:
        return shipped
    with open_ledger() as ledger:
        named = CodeReader(ledger.queries, shipped).named(text, resolved.config)
    if named.problem:
        raise CodeRefused(named.problem)
    if named.note:
        err().print(named.note, style="yellow", markup=False)
    return named.catalogue


def _with_dataset(delta: JsonObject, resolved: Resolved) -> JsonObject:
    """With the hash that the ledger knows, as a proposal would be signed with it."""
    with open_ledger() as ledger:
        known = {one.name: one.sha256 for one in ledger.queries.datasets()}
    return with_dataset_hash(delta, merge(resolved.config, delta), known)


def _parent(name: str) -> Resolved:
    for preset in load_presets():
        if preset.name == name:
            return resolve([Step(name, preset.config)])
    try:
        number = experiment_number(name)
    except typer.BadParameter:
        known = ", ".join(preset.name for preset in load_presets())
        raise NotFound(f"there is no preset {one_line(name)[:80]!r}; take one of {known}, or E-n") from None
    with open_ledger() as ledger:
        return ledger.queries.resolved(number)


def _read(file: str) -> str:
    """The text, one byte more than allowed at most: what is longer is refused, not read."""
    try:
        if file == "-":
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise Refused(f"the changes are longer than {MAX_BYTES:,} bytes; shorten them")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Refused(f"the changes are not UTF-8 text (byte {error.start:,}); save them as UTF-8") from None
