"""Datasets that were registered, by name."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, short


class DatasetRow(Base):
    """A dataset as it was when it was registered last. `size` is in bytes."""

    __tablename__ = "dataset"

    name: Mapped[str] = mapped_column(short(), primary_key=True)
    sha256: Mapped[str] = mapped_column(short(64))
    size: Mapped[int] = mapped_column(BigInteger)
    registered_by: Mapped[str]
    registered_at: Mapped[datetime]
