"""Where a dataset lies, and the hash that names it. Standard library alone, so that every room can use it.

A dataset is one HDF5 file, or a Minari dataset: a folder with `data/main_data.hdf5` and
`data/metadata.json`. Its name is its path in the datasets folder, which for Minari is its id.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = (".hdf5", ".h5")
MINARI_DATA = "data"
MINARI_MAIN = "main_data.hdf5"
# Parts of a name, and so folders that are looked into.
DEEPEST = 6
_PART = r"[A-Za-z0-9_][\w.\-]{0,99}"
_NAME = re.compile(rf"{_PART}(?:/{_PART}){{0,{DEEPEST - 1}}}", re.ASCII)


def is_name(text: str) -> bool:
    """Whether `text` can name a dataset: a relative path that stays in its folder."""
    return _NAME.fullmatch(text) is not None


def find_dataset(folder: Path, name: str) -> Path | None:
    """The HDF5 file, or the folder of the Minari dataset, that has this name; None where there is none."""
    path = folder / name
    if not is_name(name):
        return None
    if path.suffix in SUFFIXES:
        return path if path.is_file() else None
    return path if is_minari(path) else None


def is_minari(path: Path) -> bool:
    """Whether a folder holds a Minari dataset (in HDF5, which is what it writes)."""
    return (path / MINARI_DATA / MINARI_MAIN).is_file()


def dataset_names(folder: Path) -> Iterator[str]:
    """Every dataset under a folder, in order of names."""
    names = (path.relative_to(folder).as_posix() for path in _below(folder, DEEPEST))
    return iter(sorted(name for name in names if is_name(name)))


def _below(folder: Path, depth: int) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_file():
            if path.suffix in SUFFIXES:
                yield path
        elif path.is_dir() and is_minari(path):
            yield path
        elif path.is_dir() and depth > 1:
            yield from _below(path, depth - 1)


def files_of(path: Path) -> list[Path]:
    """The files that a dataset consists of, in order."""
    if path.is_file():
        return [path]
    return sorted(part for part in (path / MINARI_DATA).rglob("*") if part.is_file())


def dataset_sha256(path: Path) -> str:
    """The hash of a dataset: a file's own, as `sha256sum` says it; of a Minari dataset that of the list
    which `sha256sum` prints of its files, sorted by their paths in its folder `data`.

    :raises OSError: where a file cannot be read.
    """
    if not is_minari(path):
        return _sha256(path)
    root = path / MINARI_DATA
    lines = (f"{_sha256(part)}  {part.relative_to(root).as_posix()}\n" for part in files_of(path))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
