"""demo: the whole main job, for real, in a temporary folder."""

import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import err, print_line
from bot.cli.demo.people import NAMES, ZOE
from bot.cli.demo.play import Play, StepFailed
from bot.cli.demo.printer import ThreadPrinter
from bot.cli.playground_client import PlaygroundClient
from bot.cli.processes import ChildFailed, Household, Interrupted, household
from bot.cli.stage import Plan, start_all
from bot.cli.training import stop_training
from db.migrations.run import migrate
from db.records import Person
from db.settings import LedgerSettings

INTERRUPTED = 130


def demo(
    data: Annotated[
        Path | None, typer.Option(help="Folder for everything it makes; default a new temporary one.")
    ] = None,
) -> None:
    """Propose, refuse, approve, train five seeds, judge, fail, find again: all of it for real."""
    folder = (data or Path(tempfile.mkdtemp(prefix="signoff-demo-"))).absolute()
    settings = LedgerSettings(data_dir=folder, database_url=None, broker_url=None, artifacts_dir=None)
    plan = Plan(folder, settings=_settings(settings))
    started = time.monotonic()
    print_line(f"Everything is kept in {folder}", "dim")
    try:
        with household(plan.logs) as family:
            try:
                _perform(family, plan, settings)
            finally:
                stop_training(settings, Person(ZOE, NAMES[ZOE]))
    except (KeyboardInterrupt, Interrupted):
        err().print(f"Interrupted. Everything was stopped; what was made is kept in {folder}")
        raise typer.Exit(INTERRUPTED) from None
    except (StepFailed, ChildFailed) as error:
        err().print(f"signoff demo: {error}", style="red", markup=False)
        _print_logs(plan)
        raise typer.Exit(1) from None
    print_line(f"The demo took {time.monotonic() - started:.0f} s. Everything was stopped.", "bold green")


def _perform(family: Household, plan: Plan, settings: LedgerSettings) -> None:
    migrate(settings.ledger_url)
    addresses = start_all(family, plan)
    print_line(f"Playground {addresses.playground} · ledger {addresses.pages}", "dim")
    with PlaygroundClient(addresses.playground) as client:
        client.wait_for_app()
        play = Play(client, family, ThreadPrinter(client, NAMES), plan.data_dir / "plots")
        play.run()
    for path in play.saved:
        print_line(f"Plot as it stands in the thread: {path}", "bold")
    print_line(f"All plots and run folders: {settings.artifacts_folder}")


def _settings(settings: LedgerSettings) -> dict[str, str]:
    """The demo's own ledger, whatever the environment or a `.env` says about another one."""
    return {
        "SIGNOFF_DATA_DIR": str(settings.data_dir),
        "SIGNOFF_DATABASE_URL": settings.ledger_url,
        "SIGNOFF_BROKER_URL": "",
        "SIGNOFF_ARTIFACTS_DIR": str(settings.artifacts_folder),
        "SIGNOFF_LAUNCHER": "process",
        "SIGNOFF_APPROVERS": "",
        "SIGNOFF_SETTLE_S": "1",
        "SIGNOFF_PASS_S": "0.5",
    }


def _print_logs(plan: Plan) -> None:
    for path in sorted(plan.logs.glob("*.log")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-25:]
        err().print(f"--- the last lines of {path}", style="bold", markup=False)
        err().print("\n".join(lines), markup=False)
