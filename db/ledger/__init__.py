"""The ledger's verbs: the only writers. Bot and worker build one `Ledger` over their `Database`."""

from collections.abc import Callable
from datetime import datetime

from db.ledger.code import Code
from db.ledger.datasets import Datasets
from db.ledger.experiments import Experiments
from db.ledger.hosts import Hosts
from db.ledger.outbox import Outbox
from db.ledger.questions import Questions
from db.ledger.runs import Runs
from db.limits import UNLIMITED, Limits
from db.session import Database

__all__ = ["Ledger"]


class Ledger:
    """Groups of verbs. `clock` gives the time, with tzinfo UTC; `limits` are what anybody may use."""

    def __init__(self, database: Database, clock: Callable[[], datetime], limits: Limits = UNLIMITED) -> None:
        self.experiments = Experiments(database, clock, limits)
        self.runs = Runs(database, clock, limits)
        self.outbox = Outbox(database, clock)
        self.hosts = Hosts(database, clock)
        self.code = Code(database, clock)
        self.datasets = Datasets(database)
        self.questions = Questions(database, clock)
