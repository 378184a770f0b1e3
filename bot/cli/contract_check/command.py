"""check-trainer: does a training program keep the run-folder contract?"""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.contract_check.checks import Checks
from bot.cli.doctor import show
from db.checkup import Level


def check_trainer(
    command: Annotated[str, typer.Argument(help="The program, quoted; the run folder is put behind it.")],
    within_s: Annotated[
        float, typer.Option("--within", min=1, help="How many seconds each of its runs may take.")
    ] = 120.0,
) -> None:
    """Run a training program on tiny specs and say line by line which promises it keeps."""
    kept = True
    with tempfile.TemporaryDirectory(prefix="signoff-check-") as root:
        for finding in Checks(command, Path(root), within_s).all():
            show(finding)
            kept = kept and finding.level is Level.OK
    if not kept:
        raise typer.Exit(1)
