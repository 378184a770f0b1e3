"""The dataset that a config names is found on the host, or the run is not started."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.lifecycle import ExitCause
from db.records import Dataset, Experiment
from tests.unit.worker.builders import run as a_run
from tests.unit.worker.house import House
from trainer.contract import JsonObject
from worker.datasets import dataset_of
from worker.launchers.launcher import LaunchRefused


def _config(name: str) -> JsonObject:
    return {"dataset": {"id": name, "sha256": "0" * 64}}


def _file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"steps")
    return path


def test_a_run_reads_the_dataset_where_it_lies(house: House, tmp_path: Path) -> None:
    real = _file(tmp_path / "elsewhere" / "a.h5")
    folder = tmp_path / "datasets"
    folder.mkdir()
    (folder / "a.h5").symlink_to(real)
    work = replace(house.work, datasets=folder)
    assert dataset_of(work, a_run(config=_config("a.h5"))) == real.resolve()
    assert dataset_of(work, a_run(config={})) is None


@pytest.mark.parametrize("name", ["b.h5", "../elsewhere/a.h5"])
def test_a_dataset_that_is_not_in_the_folder_starts_nothing(name: str, house: House, tmp_path: Path) -> None:
    _file(tmp_path / "elsewhere" / "a.h5")
    work = replace(house.work, datasets=tmp_path / "datasets")
    with pytest.raises(LaunchRefused, match=r"is not in .*datasets on this host"):
        dataset_of(work, a_run(config=_config(name)))


def _approved(house: House) -> Experiment:
    """A proposal that learns from the registered dataset a.h5."""
    house.ledger.datasets.register(Dataset("a.h5", "0" * 64, 5, "ada", datetime(2026, 1, 1, tzinfo=UTC)))
    return house.approve(seeds=1, delta={"algo": "cql", "dataset": {"id": "a.h5"}})


def test_the_trainer_is_told_the_place_and_the_launcher_what_is_read(house: House) -> None:
    path = _file(house.work.datasets / "a.h5")
    experiment = _approved(house)
    house.turns_until(lambda: house.running(experiment, "smoke"))
    run = house.run(experiment, "smoke")
    spec = json.loads((house.folder(run) / "spec.json").read_text())
    assert spec["dataset_from"] == str(path)
    assert spec["config"]["dataset"] == {"id": "a.h5", "sha256": "0" * 64}
    (launched,) = house.launcher.specs.values()
    assert launched.reads == (path,)


def test_without_the_dataset_the_run_says_what_to_do(house: House) -> None:
    experiment = _approved(house)
    house.turns_until(lambda: house.ended(experiment, "smoke"))
    run = house.run(experiment, "smoke")
    assert run.cause is ExitCause.START_FAILURE
    assert "put it there, or set SIGNOFF_DATASETS_DIR" in run.message
