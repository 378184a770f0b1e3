"""The ledger's verbs: the only writers. Bot and worker build one `Ledger` over their `Database`."""

from collections.abc import Callable
from datetime import datetime

from db.ledger.code import Code
from db.ledger.experiments import Experiments
from db.ledger.hosts import Hosts
from db.ledger.outbox import Outbox
from db.ledger.questions import Questions
from db.ledger.runs import Runs
from db.session import Database

__all__ = ["Ledger"]


class Ledger:
    """Groups of verbs. `clock` gives the time, with tzinfo UTC."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self.experiments = Experiments(database, clock)
        self.runs = Runs(database, clock)
        self.outbox = Outbox(database, clock)
        self.hosts = Hosts(database, clock)
        self.code = Code(database, clock)
        self.questions = Questions(database, clock)
