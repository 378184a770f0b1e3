"""Training programs that a package brings: what they declare, and that this trainer is none of them."""

import pytest

from db.config.extend import extend
from db.config.problems import OverrideProblems
from db.config.resolve import Step, merge, resolve
from db.config.text import parse_overrides
from db.config.validate import validate_config
from tests.unit.trainer.conftest import Install
from trainer.catalogue import load_catalogue, load_presets
from trainer.config import read_config
from trainer.describe import describe
from trainer.errors import BadSpec, CodeFailed
from trainer.programs import program_entries

PROGRAM = """
from typing import Annotated
from annotated_types import Gt

def train(folder, *, spread: Annotated[float, Gt(0), "How far it looks."] = 0.5, greedy: bool = True):
    raise AssertionError("it is read, never called")
"""
POINTS = "[signoff.trainers]\nclimb = team:train\nplain = team\n"


def test_a_program_declares_its_parameters(install: Install) -> None:
    install(PROGRAM, POINTS)
    entries = program_entries()
    assert entries["program.climb.spread"] == {
        "path": "program.climb.spread",
        "types": ["float"],
        "default": 0.5,
        "minimum": 0,
        "exclusive_minimum": True,
        "doc": "How far it looks.",
    }
    assert entries["program.name"]["choices"] == ["climb", "plain"]
    assert set(entries) == {"program.name", "program.climb.spread", "program.climb.greedy"}
    assert describe()["versions"] == {"team": "1.0"}


def test_without_programs_there_is_nothing_to_choose() -> None:
    assert program_entries() == {}


@pytest.mark.parametrize(
    ("source", "points", "said"),
    [
        ("def train(folder, *, how): ...", "climb = team:train", "how must be a float"),
        ("train = 3", "climb = team:train", "neither a module nor a function"),
        ("x = 1", "two-words = team", "needs another name"),
        ("x = 1", "name = team", "needs another name"),
        ("import nowhere.at.all.team", "climb = team", "nowhere"),
    ],
)
def test_what_cannot_be_used_is_told(install: Install, source: str, points: str, said: str) -> None:
    install(source, f"[signoff.trainers]\n{points}\n")
    with pytest.raises(Exception, match=said):
        program_entries()


def test_its_parameters_are_checked_and_shown_like_any_other(install: Install) -> None:
    install(PROGRAM, POINTS)
    catalogue = extend(load_catalogue(), describe())
    preset = next(preset for preset in load_presets() if preset.name == "ppo-cartpole")
    parent = resolve([Step("E-1", preset.config)])
    delta = parse_overrides("program = climb\nspread = 0.25", parent, catalogue)
    assert delta == {"program": {"name": "climb", "climb": {"spread": 0.25}}}
    with pytest.raises(OverrideProblems, match="a number above 0; got 0"):
        parse_overrides("program = climb\nspread = 0", parent, catalogue)
    with pytest.raises(OverrideProblems, match="one of climb, plain"):
        parse_overrides("program = clamber", parent, catalogue)

    config = merge(preset.config, delta)
    assert "program" in validate_config(config, load_catalogue())[0].message
    child = resolve([Step("E-1", preset.config), Step("E-2", delta)])
    assert parse_overrides("program = none", child, catalogue) == {"program": None}
    assert parse_overrides("spread = x2", child, catalogue) == {"program": {"climb": {"spread": 0.5}}}


def test_this_trainer_does_not_train_for_another_program() -> None:
    preset = load_presets()[0]
    with pytest.raises(BadSpec, match=r"program: climb trains and measures this, not Signoff's trainer"):
        read_config({**preset.config, "program": {"name": "climb"}})
    assert read_config({**preset.config, "program": {"climb": {"spread": 1.0}}}).algo


def test_a_failure_names_the_program(install: Install) -> None:
    install("train = 3", "[signoff.trainers]\nclimb = team:train\n")
    with pytest.raises(CodeFailed, match="team: the training program climb is neither"):
        describe()
