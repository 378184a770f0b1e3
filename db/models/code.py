"""Code bundles, and what each runtime found in them."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, short
from trainer.contract import JsonObject


class BundleRow(Base):
    """One wheel, by its SHA-256. The rest says where it was pushed from last."""

    __tablename__ = "bundle"

    sha256: Mapped[str] = mapped_column(short(64), primary_key=True)
    package: Mapped[str] = mapped_column(short(), index=True)
    version: Mapped[str] = mapped_column(short())
    commit: Mapped[str] = mapped_column(short(64))
    branch: Mapped[str]
    is_dirty: Mapped[bool]
    size: Mapped[int]
    files: Mapped[dict[str, str]]
    entry_points: Mapped[JsonObject]
    pushed_by: Mapped[str]
    pushed_at: Mapped[datetime] = mapped_column(index=True)


class DescriptionRow(Base):
    """What a runtime's trainer found in a bundle; `catalogue` is NULL where it could not be read."""

    __tablename__ = "description"

    bundle: Mapped[str] = mapped_column(short(64), ForeignKey("bundle.sha256"), primary_key=True)
    runtime: Mapped[str] = mapped_column(short(64), ForeignKey("runtime.key"), primary_key=True)
    catalogue: Mapped[JsonObject | None]
    message: Mapped[str]
    log_tail: Mapped[str]
    at: Mapped[datetime]
