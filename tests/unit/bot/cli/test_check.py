import time

import pytest

from db.ledger.hosts import runtime_key
from db.records import Bundle
from tests.builders import RUNTIME, House
from tests.unit.bot.cli.conftest import Run
from trainer.contract import JsonObject

HOSTILE = {
    "deep nesting": "{" + '"a":{' * 5000,
    "duplicate keys": '{"learning_rate": 0.1, "learning_rate": 0.2}',
    "NaN": "learning_rate = NaN",
    "infinity": '{"learning_rate": Infinity}',
    "a huge integer": f"n_steps = {'9' * 5000}",
    "control characters": "learning_rate\x07\x1b[31m = 0.1",
    "a broadcast": "<!channel> = 1",
    "64 KB of keys": "\n".join(f"key_{n} = {n}" for n in range(5000))[: 64 * 1024],
    "64 KB of brackets": "[" * (64 * 1024),
    "another direction": "learning\u202e_rate = 0.1",
}


def test_changes_are_shown_as_the_form_would_take_them(signoff: Run) -> None:
    answer = signoff("check", "-", input="action_change_penalty = 0,5\n")
    assert answer.exit_code == 1
    answer = signoff("check", "-", input="Action_change_penalty = +0.5\n".replace("+", ""))
    assert answer.exit_code == 0
    assert answer.stdout.splitlines()[1:] == [
        "- reward.action_change_penalty = 0.0",
        "+ reward.action_change_penalty = 0.5",
    ]


def test_a_typo_is_answered_with_a_guess(signoff: Run) -> None:
    answer = signoff("check", "-", input="learning_rat = 0.1\n")
    assert answer.exit_code == 1
    assert "Did you mean `learning_rate`?" in answer.stderr
    assert answer.stderr.startswith("line 1: ")


def test_an_experiment_of_the_ledger_may_be_the_parent(signoff: Run, house: House, key: str) -> None:
    answer = signoff("check", "-", "--parent", key, input="action_change_penalty = 0.5\n")
    assert answer.exit_code == 1
    assert f"already 0.5, set by {key}" in answer.stderr


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_clearly_and_fast(signoff: Run, name: str) -> None:
    signoff("check", "-", input="gamma = 0.5")  # the catalogue is read once per process
    started = time.monotonic()
    answer = signoff("check", "-", input=HOSTILE[name])
    assert answer.exit_code == 1
    assert answer.stderr.strip()
    assert "Traceback" not in answer.output
    assert not set(answer.output) & {"\x07", "\x1b", "\u202e"}
    assert time.monotonic() - started < 2.0


def test_more_than_64_kb_and_other_than_utf_8_are_refused(signoff: Run) -> None:
    assert "longer than 65,536 bytes" in signoff("check", "-", input="#" * 70_000).stderr
    assert "not UTF-8" in signoff("check", "-", input=b"learning_rate = \xff").stderr


def test_a_missing_file_and_a_missing_parent_are_named(signoff: Run) -> None:
    assert "no-file.txt cannot be read" in signoff("check", "no-file.txt").stderr
    assert (
        "there is no preset 'nothing'" in signoff("check", "-", "--parent", "nothing", input="a = 1").stderr
    )


def test_a_code_bundle_that_is_not_there_is_told(signoff: Run, house: House) -> None:
    said = signoff("check", "-", input="code = latest\nreward.flips = 1\n")
    assert said.exit_code == 1
    assert "run `signoff push PATH`" in " ".join(said.output.split())


def test_the_terms_of_a_code_bundle_are_known(signoff: Run, house: House) -> None:
    sha256, at = "a1" * 32, house.clock()
    points = {"signoff.rewards": ("flips",)}
    house.ledger.code.push(Bundle(sha256, "toy-cars", "0.1", "c" * 40, "main", False, 9, {}, points, "A", at))
    text = "code = toy-cars\nflips = 1\n"
    said = signoff("check", "-", input=text)
    assert said.exit_code == 1
    assert "The trainer has not looked at toy-cars" in " ".join(said.output.split())
    term: JsonObject = {"path": "reward.flips", "types": ["float"], "default": 0.0}
    common: JsonObject = {"reward.flips": term}
    found: JsonObject = {"algorithms": {}, "environments": {}, "common": common, "versions": {}}
    house.ledger.code.describe(sha256, runtime_key(RUNTIME), found)
    said = signoff("check", "-", input=text)
    assert said.exit_code == 0, said.output
    assert "reward.flips" in said.output
