"""The examples of docs/config.md are accepted as they stand, and its table of algorithms is whole."""

import re
from pathlib import Path

import pytest

from db.config.problems import OverrideProblems
from db.config.resolve import Step, resolve
from db.config.text import parse_overrides
from trainer.catalogue import load_catalogue, load_presets

PAGE = (Path(__file__).parents[3] / "docs" / "config.md").read_text("utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
LINES = [line for block in BLOCKS for line in block.splitlines()]


@pytest.mark.parametrize("line", LINES)
def test_an_example_is_accepted_by_some_baseline(line: str) -> None:
    catalogue, refusals = load_catalogue(), []
    for preset in load_presets():
        try:
            if parse_overrides(line, resolve([Step(preset.name, preset.config)]), catalogue):
                return
        except OverrideProblems as error:
            refusals.append(f"{preset.name}: {error}")
    pytest.fail("\n".join(refusals))


def test_there_are_examples_of_schedules_ranges_and_stages() -> None:
    assert len(LINES) >= 5
    assert {line.split(" = ")[0] for line in LINES} == {"learning_rate", "env.randomize", "curriculum"}


def test_the_table_names_every_algorithm() -> None:
    table = PAGE.split("| --- | --- | --- |")[1].split("\n\n")[0]
    assert set(re.findall(r"`([a-z0-9_]+)`", table)) == set(load_catalogue().algorithms)


def test_every_wrapper_that_is_named_exists() -> None:
    section = PAGE.split("## Wrappers, copies, time")[1].split("Wrappers, and arguments")[0]
    named = set(re.findall(r"`([a-z_]+)`", section)) - {"n_stack", "name"}
    assert {name for name in named if not name.startswith("env")} <= set(load_catalogue().wrappers)
