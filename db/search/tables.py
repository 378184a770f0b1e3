"""The index's own table of parameters and metrics. It lives beside the ledger's tables, not among them."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, String, Table

FINDING = "finding"
"""The name under which `facts` holds what detectors saw."""

metadata = MetaData()

facts = Table(
    "search_fact",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("name", String(100), nullable=False),
    Column("path", String(200), nullable=False),
    Column("value", Double),
    Column("words", String(200), nullable=False),
    Index("ix_search_fact_name", "name", "value"),
    Index("ix_search_fact_path", "path", "value"),
    Index("ix_search_fact_number", "number"),
)
