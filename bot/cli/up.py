"""up: playground, bot and worker together, until Ctrl-C."""

import time
from typing import Annotated

import typer

from bot.cli.console import print_line
from bot.cli.processes import Interrupted, household
from bot.cli.stage import Addresses, Plan, is_free, start_all
from bot.cli.training import trainers
from db.errors import Refused
from db.migrations.run import migrate
from db.settings import LedgerSettings

WATCH_EVERY_S = 0.5


def up(
    port: Annotated[int, typer.Option(help="Port of the playground; 0 takes a free one.")] = 8780,
    pages_port: Annotated[int, typer.Option(help="Port of the ledger's pages; 0 takes a free one.")] = 8790,
) -> None:
    """Start a local workspace, the bot and a worker; Ctrl-C ends them and leaves training running."""
    settings = LedgerSettings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.ledger_url)
    for option, wanted in (("--port", port), ("--pages-port", pages_port)):
        if not is_free(wanted):
            raise Refused(f"port {wanted} is taken by another program; choose another with {option}")
    plan = Plan(settings.data_dir.absolute(), port, pages_port)
    try:
        with household(plan.logs) as family:
            _welcome(start_all(family, plan), plan)
            while True:
                family.check()
                time.sleep(WATCH_EVERY_S)
    except (KeyboardInterrupt, Interrupted):
        print_line()
    finally:
        _farewell(settings)


def _welcome(addresses: Addresses, plan: Plan) -> None:
    print_line(f"Signoff is up. Open {addresses.playground} in a browser.", "bold green")
    print_line("  It is a local Slack workspace: type /experiment there, and act as Ana, Kai or Zoe.")
    print_line(f"  Ledger      {addresses.pages}   read-only pages of every experiment")
    print_line(f"  Data, logs  {plan.data_dir}")
    print_line("Ctrl-C ends them; training goes on.", "dim")


def _farewell(settings: LedgerSettings) -> None:
    """Say what goes on, and how to end it."""
    running = trainers(settings.data_dir)
    if not running:
        print_line("Stopped. No run is training.", "green")
        return
    count = f"{len(running)} run{'' if len(running) == 1 else 's'}"
    runs = ", ".join(trainer.run for trainer in running)
    ids = " ".join(str(trainer.group_id) for trainer in running)
    print_line(f"Stopped. {count} still training: {runs}.", "yellow")
    print_line("`signoff up` takes them up again; Stop on their card there ends them with a checkpoint.")
    print_line(f"To end them now, with a checkpoint: kill {ids}")
