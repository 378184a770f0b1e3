"""docs/commands.md lists every command of the shell and of Slack, and nothing else."""

import re
from pathlib import Path
from typing import cast

from bot.cli.app import COMMANDS
from bot.house import House
from bot.listeners.commands import Commands

PAGE = (Path(__file__).parents[3] / "docs" / "commands.md").read_text()


def test_every_shell_command_is_documented() -> None:
    commands = {name for name, _, _ in COMMANDS}
    assert commands == set(re.findall(r"^\| `signoff ([a-z-]+)", PAGE, re.MULTILINE))


def test_every_slack_command_is_documented() -> None:
    commands = Commands(cast(House, None))
    verbs = {"new", *commands._answers, *commands._acts}
    assert verbs == set(re.findall(r"^\| `/experiment ([a-z]+)", PAGE, re.MULTILINE))
