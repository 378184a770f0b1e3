"""`signoff host`: what an operator says about a host. Who can open the ledger may say it."""

import getpass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from bot.cli.console import print_line
from bot.cli.ledger import open_ledger
from bot.messages import lists
from db.ledger import Ledger
from db.records import Person


class Verb(StrEnum):
    DEAD = "dead"
    CLEAN = "clean"


def host(
    verb: Annotated[Verb, typer.Argument(help="dead: it will not come back. clean: offer dirty GPUs again.")],
    name: Annotated[str, typer.Argument(help="The host, as `signoff doctor` lists it.", metavar="HOST")],
    gpu: Annotated[str | None, typer.Argument(help="For clean: one GPU's UUID; all, where left out.")] = None,
    reason: Annotated[str, typer.Option(help="For dead: why, for the history of what ran there.")] = "",
) -> None:
    """Declare a host dead, so that its runs resume elsewhere, or offer its dirty GPUs again."""
    with open_ledger() as opened:
        hosts = Ledger(opened.database, partial(datetime.now, UTC)).hosts
        if verb is Verb.CLEAN:
            print_line(lists.cleaned(name, hosts.clean(name, gpu)), "green")
            return
        lost = hosts.declare_dead(name, Person("operator", getpass.getuser()), reason)
    print_line(lists.declared_dead(name, lost), "green")
