"""What the listeners are given: the ledger's verbs, the reading side, and Slack's answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.approvers import Approvers
from bot.cards import Cards
from bot.channels import Channels
from bot.drafting import Drafting
from bot.messages.facts import Links
from bot.settings import BotSettings
from db.ledger import Ledger
from db.queries import Queries
from db.records import SearchAnswer
from trainer.catalogue import Catalogue

Search = Callable[[str, int], SearchAnswer]


@dataclass(frozen=True)
class House:
    """Built once per process by `bot.app`; everything in it may be used from several threads.

    `admins` are looked up as approvers are.
    """

    ledger: Ledger
    queries: Queries
    search: Search
    catalogue: Catalogue
    drafting: Drafting
    cards: Cards
    approvers: Approvers
    admins: Approvers
    channels: Channels
    links: Links
    settings: BotSettings
    clock: Callable[[], datetime]
