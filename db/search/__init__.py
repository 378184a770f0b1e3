"""Finding experiments again: the query, the index and its upkeep. All SQL of one database is in here."""

from db.search.index import create_index, drop_index, index_experiment, reindex
from db.search.run import search, similar
from db.search.summaries import summaries

__all__ = [
    "create_index",
    "drop_index",
    "index_experiment",
    "reindex",
    "search",
    "similar",
    "summaries",
]
