"""What pages and the command line read from the ledger, gathered for one experiment at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.pages.experiment import Sources
from db import audit
from db.config.diff import diff
from db.queries import Queries
from db.records import Experiment, SearchAnswer, Summary
from db.search import search
from db.session import Database


@dataclass(frozen=True)
class LedgerReader:
    """Reads for people. Raises `db.errors.NotFound` and `db.errors.Busy`."""

    database: Database
    queries: Queries

    def recent(self, limit: int) -> Sequence[Summary]:
        """The newest experiments first."""
        return self.queries.recent(limit)

    def baselines(self) -> Sequence[Summary]:
        """What every ledger begins with: nobody proposed them in a channel."""
        return [one for one in self.queries.parents_like("") if one.channel_id is None]

    def search(self, text: str, limit: int) -> SearchAnswer:
        """Experiments for a query in people's words."""
        return search(self.database, text, limit)

    def experiment(self, number: int) -> Experiment:
        """One experiment with its runs, decisions and results."""
        return self.queries.experiment(number)

    def sources(self, number: int) -> Sources:
        """Everything about one experiment."""
        experiment = self.queries.experiment(number)
        resolved = self.queries.resolved(number)
        history = self.queries.history(number)
        parent = self.queries.resolved(experiment.parent) if experiment.parent is not None else None
        provenance = parent.provenance if parent else {}
        return Sources(
            experiment=experiment,
            lineage=self.queries.lineage(number),
            children=self.queries.children(number),
            resolved=resolved,
            origins={".".join(path): key for path, key in provenance.items()},
            changes=diff(parent.config, resolved.config) if parent else (),
            events=history.events,
            audit_problems=audit.verify_history(history),
        )
