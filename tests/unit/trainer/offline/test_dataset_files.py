import hashlib
from pathlib import Path

import pytest

from trainer.dataset_files import dataset_names, dataset_sha256, find_dataset, is_name


def _minari(folder: Path) -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "main_data.hdf5").write_bytes(b"steps")
    (folder / "data" / "metadata.json").write_bytes(b"{}")
    return folder


def _file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"steps")
    return path


def test_a_file_has_the_hash_that_sha256sum_says(tmp_path: Path) -> None:
    assert dataset_sha256(_file(tmp_path / "a.hdf5")) == hashlib.sha256(b"steps").hexdigest()


def test_the_hash_of_a_minari_dataset_is_that_of_the_list_of_its_files(tmp_path: Path) -> None:
    main, about = (hashlib.sha256(content).hexdigest() for content in (b"steps", b"{}"))
    listed = f"{main}  main_data.hdf5\n{about}  metadata.json\n"
    folder = _minari(tmp_path / "pendulum" / "random-v0")
    assert dataset_sha256(folder) == hashlib.sha256(listed.encode()).hexdigest()
    (folder / "data" / "metadata.json").write_bytes(b'{"env": 1}')
    assert dataset_sha256(folder) != hashlib.sha256(listed.encode()).hexdigest()


def test_datasets_are_found_by_their_paths_in_the_folder(tmp_path: Path) -> None:
    folder, file = _minari(tmp_path / "pendulum" / "random-v0"), _file(tmp_path / "old" / "a.h5")
    _file(tmp_path / "notes.txt")
    assert list(dataset_names(tmp_path)) == ["old/a.h5", "pendulum/random-v0"]
    assert find_dataset(tmp_path, "pendulum/random-v0") == folder
    assert find_dataset(tmp_path, "old/a.h5") == file
    assert find_dataset(tmp_path, "old") is None
    assert find_dataset(tmp_path, "old/b.h5") is None


@pytest.mark.parametrize(
    "name", ["../a.h5", "/etc/a.h5", "a/../../b.h5", "", "a//b.h5", ".hidden.h5", "a b.h5"]
)
def test_a_name_never_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    assert not is_name(name)
    assert find_dataset(tmp_path, name) is None
