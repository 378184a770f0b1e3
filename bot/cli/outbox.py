"""outbox: the messages that have not reached Slack, and asking for them again."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from bot.cli.console import out, print_line
from bot.cli.ledger import open_ledger
from bot.messages.numbers import counted
from db.ledger import Ledger
from db.records import OutboxHealth


class What(StrEnum):
    """What to do about them."""

    SHOW = "show"
    RETRY = "retry"


def outbox(
    what: Annotated[What, typer.Argument(help="Show them, or send them again.")] = What.SHOW,
    keys: Annotated[
        list[str] | None, typer.Argument(help="Messages, as `show` names them; default all.")
    ] = None,
) -> None:
    """Show which messages to Slack are held up and why; `retry` sends them again at once."""
    now = datetime.now(UTC)
    with open_ledger() as ledger:
        if what is What.RETRY:
            again = Ledger(ledger.database, lambda: now).outbox.revive(tuple(keys or ()))
            print_line(f"{counted(len(again), 'message')} will be sent again.")
            return
        _show(ledger.queries.outbox_health(now), now)


def _show(health: OutboxHealth, now: datetime) -> None:
    for held in health.undelivered:
        state = "given up" if held.is_dead else "waits"
        out().print(Text.assemble((f"{held.key}  ", "bold"), f"{state}: {held.words}"))
    if not health.undelivered:
        print_line("No message to Slack is held up.", "green")
    oldest = health.oldest_due_at
    since = f", the oldest for {(now - oldest).total_seconds():.0f} s" if oldest else ""
    print_line(f"{counted(health.waiting, 'message')} due{since}.")
    if health.sender is None or health.lease_until is None or health.lease_until < now:
        print_line("No bot sends at the moment; start one with `signoff bot`.", "yellow")
