"""Settings of what anybody may use (`db.limits`): the same on the bot and on every worker."""

import re

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.limits import Limits

_TEAM = re.compile(r"[A-Za-z0-9_-]+:\s*[UW][A-Z0-9]+(\s+[UW][A-Z0-9]+)*")


class LimitSettings(BaseSettings):
    """Read from `SIGNOFF_*` variables and `.env`. What is left out has no limit."""

    model_config = SettingsConfigDict(
        env_prefix="SIGNOFF_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    max_gpus: int | None = Field(default=None, ge=0, description="GPUs that one run may ask for")
    max_hours: float | None = Field(default=None, gt=0, description="Hours that one run may ask for")
    max_gpu_hours: float | None = Field(
        default=None, ge=0, description="GPU-hours that one experiment may ask for, over all of its runs"
    )
    person_gpus: float | None = Field(
        default=None, gt=0, description="GPUs that one author's runs may hold at once; a share counts as such"
    )
    person_cpu_slots: int | None = Field(
        default=None, gt=0, description="CPU slots that one author's runs may hold at once"
    )
    team_gpus: float | None = Field(
        default=None, gt=0, description="GPUs that the runs of one team may hold at once"
    )
    team_cpu_slots: int | None = Field(
        default=None, gt=0, description="CPU slots that the runs of one team may hold at once"
    )
    teams: str = Field(
        default="", description="Teams and their members' user ids, as in `vision: U01 U02; driving: U03`"
    )

    @field_validator("teams")
    @classmethod
    def _can_be_read(cls, text: str) -> str:
        team_of: dict[str, str] = {}
        for entry in _entries(text):
            if not _TEAM.fullmatch(entry):
                raise ValueError(f"{entry!r} is no team; write for example vision: U01 U02; driving: U03")
            name, _, members = entry.partition(":")
            for member in members.split():
                if team_of.setdefault(member, name) != name:
                    raise ValueError(f"{member} is in {team_of[member]} and in {name}; choose one team")
        return text

    @property
    def limits(self) -> Limits:
        """As the ledger takes them."""
        named = (entry.partition(":") for entry in _entries(self.teams))
        return Limits(
            run_gpus=self.max_gpus,
            run_hours=self.max_hours,
            experiment_gpu_hours=self.max_gpu_hours,
            person_gpus=self.person_gpus,
            person_cpu_slots=self.person_cpu_slots,
            team_gpus=self.team_gpus,
            team_cpu_slots=self.team_cpu_slots,
            teams={name: frozenset(members.split()) for name, _, members in named},
        )


def _entries(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]
