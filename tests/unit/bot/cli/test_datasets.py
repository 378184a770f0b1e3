"""`signoff datasets` registers what lies in the folder, and says what has changed."""

from pathlib import Path

import pytest

from tests.builders import House
from tests.unit.bot.cli.conftest import Run as Signoff
from trainer.dataset_files import dataset_sha256


def _file(folder: Path, name: str, content: bytes = b"steps") -> Path:
    path = folder / "datasets" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_datasets_are_registered_under_their_hashes(signoff: Signoff, house: House, tmp_path: Path) -> None:
    path = _file(tmp_path, "old/a.h5")
    _file(tmp_path, "pendulum/random-v0/data/main_data.hdf5")
    _file(tmp_path, "pendulum/random-v0/data/metadata.json", b"{}")
    said = signoff("datasets")
    assert said.exit_code == 0, said.output
    assert "old/a.h5" in said.output
    assert dataset_sha256(path)[:12] in said.output
    assert said.output.count("new") == 2
    known = {one.name: one.sha256 for one in house.queries.datasets()}
    assert known == {
        "old/a.h5": dataset_sha256(path),
        "pendulum/random-v0": dataset_sha256(tmp_path / "datasets" / "pendulum" / "random-v0"),
    }


def test_it_says_what_has_changed_and_what_is_gone(signoff: Signoff, house: House, tmp_path: Path) -> None:
    for name in ("a.h5", "b.h5", "c.h5"):
        _file(tmp_path, name)
    signoff("datasets")
    _file(tmp_path, "b.h5", b"other steps")
    (tmp_path / "datasets" / "c.h5").unlink()
    lines = signoff("datasets").output.splitlines()
    assert [line.rsplit("  ", maxsplit=1)[-1] for line in lines[:2]] == ["as before", "changed"]
    assert "c.h5: not in" in " ".join(lines[2:])


def test_the_folder_is_a_setting(
    signoff: Signoff, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _file(tmp_path / "store", "a.h5")
    monkeypatch.setenv("SIGNOFF_DATASETS_DIR", str(tmp_path / "store" / "datasets"))
    assert "a.h5" in signoff("datasets").output


def test_an_empty_folder_is_told(signoff: Signoff, house: House, tmp_path: Path) -> None:
    said = signoff("datasets")
    assert said.exit_code == 1
    assert "there is no dataset in" in said.output


def test_a_check_shows_the_hash_that_would_be_signed(signoff: Signoff, house: House, tmp_path: Path) -> None:
    changes = "algo = cql\ndataset.id = a.h5"
    refused = signoff("check", "-", input=changes)
    assert refused.exit_code == 1
    assert 'the dataset "a.h5" is not registered' in " ".join(refused.stderr.split())
    path = _file(tmp_path, "a.h5")
    signoff("datasets")
    said = signoff("check", "-", input=changes)
    assert said.exit_code == 0, said.output
    assert f"+ dataset.sha256 = {dataset_sha256(path)}" in said.stdout
