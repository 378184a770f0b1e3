"""What `doctor` finds on this host, and how it says so."""

import json
from pathlib import Path

import pytest

from bot.cli.doctor_broker import judge_redis
from bot.cli.doctor_ledger import clock_skew
from db.artifacts_mark import MARK, Place, claim, place_of
from db.checkup import Level, from_json, problem, to_json, warning, well
from tests.builders import House
from tests.unit.bot.cli.conftest import Run


def test_it_names_what_is_missing(signoff: Run) -> None:
    answer = signoff("doctor", "--only", "bot")
    assert answer.exit_code == 1
    assert "✘ there is no ledger" in answer.stdout
    assert "→ run `signoff migrate`" in answer.stdout


def test_it_is_content_with_a_ledger(signoff: Run, house: House, tmp_path: Path) -> None:
    (tmp_path / "runs" / house.queries.newest_folders(1)[0]).mkdir(parents=True)
    answer = signoff("doctor")
    assert answer.exit_code == 0, answer.stdout
    assert "✔ the ledger is at this program's revision" in answer.stdout
    assert "✔ this host can train: torch" in answer.stdout


def test_other_programs_read_json(signoff: Run, house: House) -> None:
    told = json.loads(signoff("doctor", "--json", "--only", "bot").stdout)
    assert {"level": "ok", "what": "the ledger is at this program's revision", "remedy": ""} in told
    assert all(entry["remedy"] for entry in told if entry["level"] != "ok")


def test_a_wrong_setting_of_the_worker_is_named(
    signoff: Run, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNOFF_CPU_SLOTS", "none")
    answer = signoff("doctor", "--only", "worker")
    assert answer.exit_code == 1
    assert "the worker cannot start: a setting cannot be used; SIGNOFF_CPU_SLOTS=none" in answer.stdout


def test_findings_travel_between_processes() -> None:
    findings = (well("a"), warning("b", "do c"), problem("“d”", "do e"))
    assert from_json(to_json(findings)) == findings
    for text in ('{"a": 1}', "[1]", '[{"level": "grave", "what": "", "remedy": ""}]', "none"):
        with pytest.raises(ValueError, match=r"no findings|Expecting value"):
            from_json(text)


def test_a_folder_is_marked_once_and_then_known(house: House, tmp_path: Path) -> None:
    queries, new = house.queries, tmp_path / "artifacts"
    folder = queries.newest_folders(1)[0]
    assert place_of(queries, new) is Place.MISSING, "the ledger's runs are elsewhere"
    assert claim(queries, new) is Place.MISSING
    assert not (new / MARK).exists()
    (new / folder).mkdir(parents=True)
    assert place_of(queries, new) is Place.NEW, "a folder of before there were marks"
    assert not (new / MARK).exists()
    assert claim(queries, new) is Place.OURS
    assert place_of(queries, new) is Place.OURS
    assert [path.name for path in new.iterdir() if path.name.startswith(".")] == [MARK]


def test_a_foreign_and_an_unmounted_volume_are_problems(
    signoff: Run, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "nas"
    other.mkdir()
    monkeypatch.setenv("SIGNOFF_ARTIFACTS_DIR", str(other))
    answer = signoff("doctor", "--only", "bot")
    assert answer.exit_code == 1
    assert f"✘ the runs of this ledger are not in {other}: a volume is not mounted" in answer.stdout
    (other / MARK).write_text("0123456789abcdef\n")
    answer = signoff("doctor", "--only", "bot")
    assert answer.exit_code == 1
    assert f"✘ {other} belongs to another ledger" in answer.stdout
    assert "→ mount the shared volume there" in answer.stdout


@pytest.mark.parametrize(
    ("skew_s", "levels"),
    [
        (0.5, []),
        (-4.0, []),
        (6.0, [Level.WARNING]),
        (-59.0, [Level.WARNING]),
        (61.0, [Level.PROBLEM]),
        (-3600.0, [Level.PROBLEM]),
    ],
)
def test_clocks_that_disagree(skew_s: float, levels: list[Level]) -> None:
    findings = list(clock_skew(skew_s, "Slack's"))
    assert [finding.level for finding in findings] == levels
    if findings:
        way = "behind" if skew_s > 0 else "ahead of"
        assert findings[0].what == f"this host's clock is {abs(skew_s):.0f} s {way} Slack's"


def test_an_old_redis_is_a_problem() -> None:
    levels = [finding.level for finding in judge_redis({"redis_version": "5.0.14"})]
    assert levels == [Level.PROBLEM]
    assert [finding.level for finding in judge_redis({"redis_version": "6.2.0"})] == [Level.OK]
