"""Which run `signoff package` takes, and what it says where there is none."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cli.package import about, chosen
from db.errors import NotFound, Refused
from db.lifecycle import ExitCause, RunStatus
from db.records import Run
from tests.builders import House
from tests.unit.bot import factory
from tests.unit.bot.cli.conftest import Run as Signoff
from tests.unit.trainer.test_bundle import prepared
from trainer.contract import RunKind


def done(seed: int, reward: float) -> Run:
    return factory.run(seed, RunStatus.SUCCEEDED, result=factory.result(seed, final_reward=reward))


FAILED = factory.run(4, RunStatus.FAILED, cause=ExitCause.NAN)
EXPERIMENT = factory.experiment(runs=(done(1, 500), done(2, 100), done(3, 300), FAILED))


def test_a_typical_seed_is_taken_not_the_best() -> None:
    assert chosen(EXPERIMENT, None).label == "s3"
    two = replace(EXPERIMENT, runs=EXPERIMENT.runs[:2])
    assert chosen(two, None).label == "s2"


def test_a_seed_can_be_named() -> None:
    assert chosen(EXPERIMENT, "s1").label == "s1"


def test_a_run_of_the_comparator_can_be_named_and_is_never_taken_by_itself() -> None:
    other = replace(done(9, 1000), label="c1", kind=RunKind.COMPARATOR)
    beside = replace(EXPERIMENT, runs=(*EXPERIMENT.runs, other))
    assert chosen(beside, "c1") is other
    assert chosen(beside, None).label == "s3"


def test_what_cannot_be_packaged_is_refused() -> None:
    with pytest.raises(NotFound, match="no run s9; it has s1, s2, s3, s4"):
        chosen(EXPERIMENT, "s9")
    with pytest.raises(Refused, match="only a run that succeeded"):
        chosen(EXPERIMENT, "s4")
    with pytest.raises(Refused, match="nothing to package yet"):
        chosen(factory.experiment(), None)


def test_the_bundle_says_who_approved_what() -> None:
    said = about(EXPERIMENT, EXPERIMENT.runs[0])
    assert said["title"] == "Smoother turns"
    assert said["approval_hash"] == EXPERIMENT.revision.approval_hash
    assert said["outcome"] is None


def test_the_command_tells_what_the_trainer_said(signoff: Signoff, house: House, key: str) -> None:
    answer = signoff("package", key)
    assert answer.exit_code == 1
    assert "only a run that has ended can be packaged" in answer.output
    assert "is not a folder" in signoff("package", key, "--out", "nowhere/b.zip").output


def test_the_package_of_a_typical_seed_is_written(
    signoff: Signoff, house: House, key: str, tmp_path: Path
) -> None:
    run = chosen(house.queries.experiment(int(key[2:])), None)
    assert run.attempt is not None
    folder = tmp_path / "runs" / run.attempt.folder
    folder.parent.mkdir(parents=True)
    prepared(folder)
    answer = signoff("package", key, "--out", "policy.zip")
    assert answer.exit_code == 0, answer.output
    assert f"{run.key} is packaged in policy.zip" in answer.output
    assert "neither the best nor the worst" in answer.output
    with zipfile.ZipFile(tmp_path / "policy.zip") as archive:
        said = json.loads(archive.read("E-7-s2/bundle.json"))
    assert (said["title"], said["outcome"], said["approved_by"]) == ("Smoother turns", "supported", ["Ana"])


def test_an_image_needs_docker_and_the_trainers_image(
    signoff: Signoff, house: House, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = chosen(house.queries.experiment(int(key[2:])), None)
    assert run.attempt is not None
    folder = tmp_path / "runs" / run.attempt.folder
    folder.parent.mkdir(parents=True)
    prepared(folder)
    commands = tmp_path / "commands"
    commands.mkdir()
    monkeypatch.setenv("PATH", str(commands))
    answer = signoff("package", key, "--out", "policy.zip", "--image", "policy")
    assert answer.exit_code == 1
    assert "docker is not installed here" in answer.output
    (commands / "docker").write_text("#!/bin/sh\nexit 1\n")
    (commands / "docker").chmod(0o755)
    answer = signoff("package", key, "--out", "policy.zip", "--image", "policy", "--base", "ours:1")
    assert "Docker has no image ours:1: build it with `make image`" in " ".join(answer.output.split())
    assert (tmp_path / "policy.zip").exists()
