"""docs/settings.md lists every setting of the code, and nothing else."""

import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from bot.settings import BotSettings
from db.limit_settings import LimitSettings
from db.settings import LedgerSettings
from worker.settings import WorkerSettings

TABLE = Path(__file__).parents[3] / "docs" / "settings.md"
CLASSES: tuple[type[BaseSettings], ...] = (LedgerSettings, LimitSettings, BotSettings, WorkerSettings)
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$", re.MULTILINE)


def environment_names(settings: type[BaseSettings]) -> dict[str, str]:
    """Variable name -> description of every field of a settings class."""
    prefix = str(settings.model_config.get("env_prefix", ""))
    names = {}
    for name, field in settings.model_fields.items():
        variable = str(field.validation_alias or prefix + name).upper()
        names[variable] = field.description or ""
    return names


def documented() -> dict[str, tuple[str, str]]:
    return {name: (default, text) for name, default, text in ROW.findall(TABLE.read_text())}


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    in_code = {name for settings in CLASSES for name in environment_names(settings)}
    assert in_code == set(documented())


@pytest.mark.parametrize("settings", CLASSES, ids=lambda settings: settings.__name__)
def test_the_table_says_what_the_code_says(settings: type[BaseSettings]) -> None:
    table = documented()
    for name, description in environment_names(settings).items():
        assert description, f"{name} has no description in {settings.__name__}"
        assert table[name][1] == description, name
