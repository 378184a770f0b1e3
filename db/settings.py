"""Settings that every room shares: where the ledger, the broker and the artifacts are."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_PATTERN = re.compile(r"(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:)?[\w/.?*-]*[A-Za-z0-9][\w/.?*-]*", re.ASCII)


class LedgerSettings(BaseSettings):
    """Read from `SIGNOFF_*` variables and `.env`. Paths and URLs left out lie in the data folder."""

    model_config = SettingsConfigDict(
        env_prefix="SIGNOFF_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data_dir: Path = Field(
        default=Path(".signoff"), description="Folder of everything that Signoff writes by itself"
    )
    database_url: str | None = Field(
        default=None, description="The ledger; default SQLite in the data folder, else postgresql://..."
    )
    broker_url: str | None = Field(
        default=None, description="The doorbell; default folders in the data folder, else redis://..."
    )
    artifacts_dir: Path | None = Field(
        default=None, description="Run folders and plots; default `runs` in the data folder"
    )
    datasets_dir: Path | None = Field(
        default=None, description="Datasets that runs may learn from; default `datasets` in the data folder"
    )
    instance: str = Field(
        default="signoff",
        pattern=r"^[a-z0-9][a-z0-9-]{0,30}$",
        description="Name of this installation, in container names, labels and broker keys",
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="How bot and worker log: `console` for eyes, `json` for collectors"
    )
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65_535,
        description="Port of the Prometheus metrics of this process, at /metrics; 0 serves none",
    )
    metrics_host: str = Field(
        default="127.0.0.1", description="Address that the metrics are served on; they name people"
    )
    environments: str = Field(
        default="",
        description="Installed environments beside the known ones: id patterns such as lab_envs:Arm-*",
    )

    @field_validator("environments")
    @classmethod
    def _are_patterns(cls, value: str) -> str:
        for pattern in _entries(value):
            if not _PATTERN.fullmatch(pattern):
                raise ValueError(
                    f"{pattern!r} is no pattern of environment ids; write Arm-* or lab_envs:Arm-* (* stands "
                    "for no module, and not alone)"
                )
        return value

    @property
    def allowed_environments(self) -> tuple[str, ...]:
        """Patterns of environment ids that may be proposed and run beside those of the catalogue."""
        return _entries(self.environments)

    @property
    def ledger_url(self) -> str:
        """The URL of the ledger's database."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'ledger.db'}"

    @property
    def artifacts_folder(self) -> Path:
        """Where run folders and plots lie; attempts name theirs relative to it."""
        return (self.artifacts_dir or self.data_dir / "runs").absolute()

    @property
    def datasets_folder(self) -> Path:
        """Where datasets lie; each host has its own, with the same names."""
        return (self.datasets_dir or self.data_dir / "datasets").absolute()

    @property
    def broker_folder(self) -> Path:
        """Where the filesystem broker keeps its messages."""
        return (self.data_dir / "broker").absolute()


def _entries(text: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in text.split(",") if entry.strip())
