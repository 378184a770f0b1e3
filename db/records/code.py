"""Code bundles: a team's own environments, rewards, metrics and algorithms. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from trainer.contract import JsonObject

SHORT = 12


@dataclass(frozen=True)
class Bundle:
    """A wheel named by its SHA-256, and where it was pushed from last.

    `is_dirty`: the files were not all in that commit; a patch lies beside the wheel. `entry_points`
    are names by group. `files` are the SHA-256 hashes of the wheel's files by path, `size` is in bytes.
    """

    sha256: str
    package: str
    version: str
    commit: str
    branch: str
    is_dirty: bool
    size: int
    files: Mapping[str, str]
    entry_points: Mapping[str, tuple[str, ...]]
    pushed_by: str
    pushed_at: datetime

    @property
    def source(self) -> str:
        """Where it came from, in few words: "main@1a2b3c4 with changes"."""
        place = f"{self.branch}@{self.commit[:7]}" if self.branch else self.commit[:7]
        return f"{place} with changes" if self.is_dirty else place


@dataclass(frozen=True)
class Description:
    """What a trainer found in a bundle; `catalogue` is None where it failed, and `message` says why."""

    sha256: str
    runtime: str
    catalogue: JsonObject | None
    message: str
    log_tail: str
    at: datetime
