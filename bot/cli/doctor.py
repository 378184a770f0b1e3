"""doctor: look at everything that Signoff needs, and say what to do about what is missing."""

import os
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.text import Text

from bot.cli.console import out, print_json
from bot.cli.doctor_broker import look_at_broker
from bot.cli.doctor_ledger import look_at_ledger
from bot.cli.doctor_places import look_at_data_folder
from bot.cli.doctor_slack import look_at_slack
from bot.cli.doctor_worker import look_at_worker
from bot.settings import BotSettings, missing
from db.checkup import Finding, Level, problem, warning
from db.settings import LedgerSettings

_SIGNS = {Level.OK: ("✔", "green"), Level.WARNING: ("!", "yellow"), Level.PROBLEM: ("✘", "red")}


class Room(StrEnum):
    BOT = "bot"
    WORKER = "worker"


def doctor(
    *,
    only: Annotated[
        Room | None,
        typer.Option(help="Look at what this one needs; without it, at what both need on this host."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
) -> None:
    """Look at ledger, broker, hosts, Docker, trainer, Slack, approvers; exit 1 when something is broken."""
    worst, found = Level.OK, []
    for finding in _findings(LedgerSettings(), only):
        worst = max(worst, finding.level)
        if as_json:
            found.append(finding.as_json())
        else:
            show(finding)
    if as_json:
        print_json(list(found))
    if worst is Level.PROBLEM:
        raise typer.Exit(1)


def _findings(settings: LedgerSettings, only: Room | None) -> Iterator[Finding]:
    yield from look_at_data_folder(settings)
    yield from look_at_ledger(settings)
    yield from look_at_broker(settings)
    if only is not Room.BOT:
        yield from look_at_worker()
    if only is Room.WORKER:
        return
    try:
        bot_settings = BotSettings()
    except ValidationError as error:
        yield _settings(error)
    else:
        yield from look_at_slack(bot_settings)


def _settings(error: ValidationError) -> Finding:
    if any(name in os.environ for name in ("SLACK_BOT_TOKEN", "SIGNOFF_SLACK_TRANSPORT")):
        return problem(f"the bot cannot start: {missing(error)}", "see docs/slack-setup.md")
    return warning(
        "no Slack tokens are set, so only `up` and `demo` can run a bot here",
        "for a real workspace set SLACK_BOT_TOKEN and SLACK_APP_TOKEN: docs/slack-setup.md",
    )


def show(finding: Finding) -> None:
    """One line, and below it the remedy where it is not well."""
    sign, style = _SIGNS[finding.level]
    out().print(Text.assemble((f"{sign} ", style), finding.what))
    if finding.remedy:
        out().print(Text(f"  → {finding.remedy}", style))
