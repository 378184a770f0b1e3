"""The checkpoint that a config begins with comes into the run folder, or the run is not started."""

import hashlib
import json
from pathlib import Path

import pytest
from pydantic import JsonValue

from db.lifecycle import ExitCause
from db.records import Experiment, Run
from tests.unit.worker.builders import run as a_run
from tests.unit.worker.house import House
from tests.unit.worker.test_run_folder import save
from trainer.contract import JsonObject
from worker.start_weights import beginning


@pytest.fixture
def source(house: House) -> Run:
    """A finished seed whose final checkpoint lies in its folder."""
    experiment = house.approve(seeds=1)
    house.pass_smoke(experiment)
    house.turns_until(lambda: house.running(experiment, "s1"))
    run = house.run(experiment, "s1")
    checkpoint = save(house.folder(run), 1000)
    named = {"checkpoint": "checkpoints/1000", "checkpoint_sha256": _hash(checkpoint)}
    house.finishes(run, result={**named})
    house.turns_until(lambda: house.ended(experiment, "s1"))
    return house.run(experiment, "s1")


def _hash(checkpoint: Path) -> str:
    return hashlib.sha256((checkpoint / "manifest.json").read_bytes()).hexdigest()


def _child(house: House, source: Run) -> Experiment:
    return house.approve(seeds=1, delta={"init": {"from": source.key}})


def test_the_smoke_run_finds_the_weights_in_its_own_folder(house: House, source: Run) -> None:
    experiment = _child(house, source)
    house.turns_until(lambda: house.running(experiment, "smoke"))
    folder = house.folder(house.run(experiment, "smoke"))
    spec = json.loads((folder / "spec.json").read_text())
    assert spec["init_from"] == "init"
    assert spec["config"]["init"]["sha256"] == _hash(folder / "init")
    assert (folder / "init" / "model.zip").read_bytes() == b"weights after 1000"
    copied, original = (path / "model.zip" for path in (folder / "init", _checkpoint(house, source)))
    assert copied.stat().st_ino != original.stat().st_ino


def test_each_seed_is_told_of_one_checkpoint_in_turn() -> None:
    sources: list[JsonValue] = [{"from": f"E-1/s{n}", "sha256": f"{n}", "timesteps": n} for n in (1, 3)]
    init: JsonObject = {"from": "E-1", "load": "all", "sources": sources}
    told = [beginning(a_run(seed_index=n, config={"init": init})) for n in (1, 2, 3)]
    first = {"from": "E-1/s1", "load": "all", "sha256": "1", "timesteps": 1}
    assert told == [first, {"from": "E-1/s3", "load": "all", "sha256": "3", "timesteps": 3}, first]
    alone: JsonObject = {"from": "E-1/s1", "sha256": "1", "timesteps": 1}
    assert beginning(a_run(seed_index=2, config={"init": alone})) == alone
    assert beginning(a_run(seed_index=2, config={})) is None


def test_the_smoke_run_of_a_whole_experiments_child_begins_with_its_first_seed(
    house: House, source: Run
) -> None:
    experiment = house.approve(seeds=1, delta={"init": {"from": f"E-{source.experiment}"}})
    house.turns_until(lambda: house.running(experiment, "smoke"))
    folder = house.folder(house.run(experiment, "smoke"))
    told = json.loads((folder / "spec.json").read_text())["config"]["init"]
    assert told == {"from": source.key, "sha256": _hash(folder / "init"), "timesteps": told["timesteps"]}


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("changed", "is not the one that was approved"),
        ("gone", "cannot be read on this host"),
        ("longer", "model.zip is not of the size that was approved"),
        ("elsewhere", "it is a link to elsewhere"),
    ],
)
def test_without_the_approved_checkpoint_nothing_is_started(
    house: House, source: Run, damage: str, words: str
) -> None:
    manifest = _checkpoint(house, source) / "manifest.json"
    experiment = _child(house, source)
    match damage:
        case "gone":
            manifest.unlink()
        case "changed":
            manifest.write_text(manifest.read_text() + " ")
        case "longer":
            with (manifest.parent / "model.zip").open("ab") as file:
                file.write(b"more")
        case "elsewhere":
            manifest.parent.rename(manifest.parent.with_name("real"))
            manifest.parent.symlink_to("real")
    house.turns_until(lambda: house.ended(experiment, "smoke"))
    run = house.run(experiment, "smoke")
    assert run.cause is ExitCause.START_FAILURE
    assert words in run.message


def _checkpoint(house: House, source: Run) -> Path:
    return house.folder(source) / "checkpoints" / "1000"
