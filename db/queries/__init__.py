"""The read side of the ledger: records for cards, forms, pages and the worker."""

from db.queries.reader import Queries

__all__ = ["Queries"]
