import json
from pathlib import Path

import pytest

from bot.cli.app import COMMANDS
from bot.pages import server
from tests.builders import House
from tests.unit.bot.cli.conftest import Run


@pytest.mark.parametrize("name", [name for name, _, _ in COMMANDS])
def test_every_command_has_help_with_an_example(signoff: Run, name: str) -> None:
    answer = signoff(name, "--help")
    assert answer.exit_code == 0
    assert "Example: " in answer.output
    assert f"signoff {name}" in answer.output


def test_search_finds_by_the_stem_of_a_word(signoff: Run, key: str) -> None:
    answer = signoff("search", "experiments", "fixing", "oscillation")
    assert answer.exit_code == 0
    assert [line.split("\t")[0] for line in answer.stdout.splitlines()[1:]] == [key]


def test_search_prints_json_for_programs(signoff: Run, key: str) -> None:
    found = json.loads(signoff("search", "oscillation", "--json").stdout)
    assert [result["title"] for result in found["results"]] == ["Smoother turns"]


def test_search_says_when_nothing_matches(signoff: Run, house: House) -> None:
    assert "Nothing matches" in signoff("search", "zeppelin").stdout


def test_show_tells_the_whole_story(signoff: Run, key: str) -> None:
    said = signoff("show", key).stdout
    for words in ("Smoother turns", "Reduce oscillation", "final reward > 450", "supported", "fixes it"):
        assert words in said
    assert "+ reward.action_change_penalty = 0.5" in said


def test_show_prints_json_for_programs(signoff: Run, key: str) -> None:
    shown = json.loads(signoff("show", key, "--json").stdout)
    assert shown["number"] == int(key[2:])
    assert len([run for run in shown["runs"] if run["kind"] == "seed"]) == 5


def test_diff_shows_both_sides_with_signs(signoff: Run, house: House, key: str) -> None:
    lines = signoff("diff", f"E-{house.baseline()}", key).stdout.splitlines()
    assert lines[1:] == ["- reward.action_change_penalty = 0.0", "+ reward.action_change_penalty = 0.5"]


def test_diff_prints_json_for_programs(signoff: Run, house: House, key: str) -> None:
    (change,) = json.loads(signoff("diff", f"E-{house.baseline()}", key, "--json").stdout)
    assert (change["before"], change["after"]) == (0.0, 0.5)


def test_lineage_begins_at_the_root(signoff: Run, house: House, key: str) -> None:
    lines = signoff("lineage", key).stdout.splitlines()
    assert lines[0].startswith(f"E-{house.baseline()} ")
    assert key in lines[1]


def test_presets_name_their_published_rewards(signoff: Run) -> None:
    assert "ppo-cartpole\tPPO on CartPole-v1" in signoff("presets").stdout
    assert len(json.loads(signoff("presets", "--json").stdout)) >= 14


@pytest.mark.parametrize("command", ["show", "lineage"])
def test_an_unknown_experiment_is_one_sentence_and_exit_code_1(
    signoff: Run, house: House, command: str
) -> None:
    answer = signoff(command, "E-999")
    assert answer.exit_code == 1
    assert answer.stderr.strip() == "signoff: E-999 is not in the ledger"
    assert "Traceback" not in answer.output


def test_a_wrong_argument_is_a_usage_error(signoff: Run) -> None:
    answer = signoff("show", "forty-two")
    assert answer.exit_code == 2
    assert "write it like E-42" in answer.stderr


def test_without_a_ledger_the_remedy_is_named(signoff: Run) -> None:
    answer = signoff("search", "oscillation")
    assert answer.exit_code == 1
    assert "run `signoff migrate`" in answer.stderr


def test_a_wrong_setting_is_named(signoff: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOFF_INSTANCE", "Not A Name!")
    answer = signoff("search", "oscillation")
    assert answer.exit_code == 1
    assert "SIGNOFF_INSTANCE" in answer.stderr


def test_export_and_import_lose_nothing(
    signoff: Run, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = tmp_path / "ledger.jsonl"
    assert signoff("export", str(exported)).exit_code == 0
    monkeypatch.setenv("SIGNOFF_DATA_DIR", str(tmp_path / "other"))
    assert signoff("migrate").exit_code == 0
    assert signoff("import", str(exported)).exit_code == 0
    assert signoff("export").stdout.splitlines() == exported.read_text().splitlines()


def test_an_import_over_work_is_refused(signoff: Run, house: House, tmp_path: Path) -> None:
    exported = tmp_path / "ledger.jsonl"
    signoff("export", str(exported))
    answer = signoff("import", str(exported))
    assert answer.exit_code == 1
    assert "import into a new one" in answer.stderr


@pytest.mark.parametrize("option", ["--port", "--pages-port"])
def test_a_taken_port_is_named_with_its_option(signoff: Run, option: str) -> None:
    with server.bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        answer = signoff("up", "--port", "0", "--pages-port", "0", option, str(port))
    assert answer.exit_code == 1
    assert f"port {port} is taken by another program; choose another with {option}" in answer.stderr
