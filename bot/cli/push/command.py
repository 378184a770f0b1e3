"""push: a team's own environments, rewards, metrics and algorithms, as a bundle that runs can name."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import print_line
from bot.cli.ledger import open_ledger
from bot.cli.push.build import build_wheel
from bot.cli.push.source import Source, read_source
from db.code import store
from db.code.wheel import GROUPS, digest, read
from db.errors import CodeRefused
from db.ledger import Ledger
from db.records import Bundle
from trainer.contract import JsonObject


def push(
    path: Annotated[Path, typer.Argument(help="The folder of your package, with its pyproject.toml.")],
) -> None:
    """Build your package and store it, so that experiments can run it: `code = latest`."""
    with open_ledger() as ledger:
        source = read_source(path.absolute())
        content = build_wheel(source)
        bundle = describe(source, content, who(), datetime.now(UTC))
        store.keep(ledger.settings.artifacts_folder, content, manifest(bundle), source.dirty_patch)
        Ledger(ledger.database, lambda: datetime.now(UTC)).code.push(bundle)
    _tell(bundle)


def describe(source: Source, content: bytes, pushed_by: str, at: datetime) -> Bundle:
    """What the ledger keeps of a wheel. Raises CodeRefused where it offers nothing to a trainer."""
    wheel = read(content)
    if not wheel.entry_points:
        raise CodeRefused(
            f"{wheel.package} offers nothing to a trainer: declare at least one entry point in its "
            f"pyproject.toml, in one of the groups {', '.join(GROUPS)}"
        )
    return Bundle(
        sha256=digest(content),
        package=wheel.package,
        version=wheel.version,
        commit=source.commit,
        branch=source.branch,
        is_dirty=source.dirty_patch is not None,
        size=len(content),
        files={path: digest(data) for path, data in sorted(wheel.files.items())},
        entry_points=wheel.entry_points,
        pushed_by=pushed_by,
        pushed_at=at,
    )


def manifest(bundle: Bundle) -> JsonObject:
    """What lies beside the wheel, for whoever finds it without the ledger."""
    return {
        "sha256": bundle.sha256,
        "package": bundle.package,
        "version": bundle.version,
        "commit": bundle.commit,
        "branch": bundle.branch,
        "dirty": bundle.is_dirty,
        "pushed_by": bundle.pushed_by,
        "pushed_at": bundle.pushed_at.isoformat(),
        "entry_points": {group: list(names) for group, names in bundle.entry_points.items()},
        "files": dict(bundle.files),
    }


def who() -> str:
    """The name of whoever pushes, as this machine knows it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a user database
        return "somebody"


def _tell(bundle: Bundle) -> None:
    print_line(f"{bundle.package} {bundle.version} of {bundle.source} is pushed.", "green")
    if bundle.is_dirty:
        print_line("Not everything was committed; the patch is kept with it.", "yellow")
    for group, names in bundle.entry_points.items():
        print_line(f"  {group.removeprefix('signoff.')}: {', '.join(names)}")
    print_line(f"In Changes write `code = latest`, or code = {bundle.sha256[:12]}")
