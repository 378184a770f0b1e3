"""Recorded steps to learn from. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Dataset:
    """A dataset by its name in the datasets folder, with its hash (see `trainer.dataset_files`).

    `size` is in bytes.
    """

    name: str
    sha256: str
    size: int
    registered_by: str
    registered_at: datetime
