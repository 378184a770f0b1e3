"""`signoff check-trainer` on our own trainer, which keeps every promise, and on programs that do not."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.app import make_app
from bot.cli.contract_check.checks import Checks
from db.checkup import Level

EXAMPLE = Path(__file__).parents[4] / "examples" / "turning-vehicle"
pytestmark = pytest.mark.service


@pytest.mark.timeout(300)
def test_our_trainer_keeps_every_promise(tmp_path: Path) -> None:
    findings = list(Checks(f"{sys.executable} -m trainer", tmp_path, 120).all())
    assert [finding for finding in findings if finding.level is not Level.OK] == []
    said = "\n".join(finding.what for finding in findings)
    for promise in ("progress.json", "exit code 10", "smoke run", "SIGTERM", "resumes", "goes on counting"):
        assert promise in said


@pytest.mark.timeout(300)
def test_the_training_program_of_the_example_keeps_them_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(EXAMPLE))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    findings = list(Checks(f"{sys.executable} -m turning_vehicle.climb", tmp_path, 120).all())
    assert [finding for finding in findings if finding.level is not Level.OK] == []
    assert len(findings) > 12


def test_a_program_that_does_nothing_is_told_line_by_line(tmp_path: Path) -> None:
    program = tmp_path / "lazy.py"
    program.write_text("print('nothing to do')\n")
    said = CliRunner().invoke(make_app(pretty=False), ["check-trainer", f"{sys.executable} {program}"])
    assert said.exit_code == 1
    flat = " ".join(said.output.split())
    assert "writes progress.json while it trains: no" in flat
    assert "result.json is missing" in flat
    assert "its exit code was 0, not 10" in flat
    assert "nothing to do" in flat


def test_one_that_never_ends_is_not_waited_for(tmp_path: Path) -> None:
    program = tmp_path / "deaf.py"
    program.write_text("import time\nwhile True:\n    time.sleep(0.01)\n")
    said = CliRunner().invoke(
        make_app(pretty=False), ["check-trainer", "--within", "1", f"{sys.executable} {program}"]
    )
    assert said.exit_code == 1
    assert "it did not end in time" in said.output


def test_a_command_that_does_not_exist_is_refused() -> None:
    said = CliRunner().invoke(make_app(pretty=False), ["check-trainer", "/no/such/program"])
    assert said.exit_code == 1
    assert "cannot be started" in said.output
