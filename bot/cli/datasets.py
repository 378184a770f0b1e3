"""datasets: register recorded steps under their hashes, so that experiments can learn from them."""

from datetime import UTC, datetime
from pathlib import Path

from bot.cli.console import print_line
from bot.cli.ledger import open_ledger
from bot.cli.push.command import who
from db.errors import DatasetRefused
from db.ledger import Ledger
from db.records import Dataset
from db.records.code import SHORT
from trainer.dataset_files import dataset_names, dataset_sha256, files_of, find_dataset


def datasets() -> None:
    """Register the HDF5 files and Minari datasets of SIGNOFF_DATASETS_DIR: `dataset.id = NAME`."""
    with open_ledger() as ledger:
        folder = ledger.settings.datasets_folder
        verbs = Ledger(ledger.database, lambda: datetime.now(UTC)).datasets
        before = {one.name: one.sha256 for one in ledger.queries.datasets()}
        found = names_in(folder)
        for name in found:
            dataset = measured(folder, name)
            verbs.register(dataset)
            _tell(dataset, before.get(name))
        for name in sorted(before.keys() - set(found)):
            print_line(f"{name}: not in {folder} any more; runs that name it are refused", "yellow")


def names_in(folder: Path) -> list[str]:
    """The names of the datasets in a folder. Raises DatasetRefused where there is none."""
    found = list(dataset_names(folder)) if folder.is_dir() else []
    if not found:
        raise DatasetRefused(
            f"there is no dataset in {folder}; put HDF5 files or Minari datasets there, or set "
            "SIGNOFF_DATASETS_DIR"
        )
    return found


def measured(folder: Path, name: str) -> Dataset:
    """What the ledger keeps of a dataset. Raises DatasetRefused where it cannot be read."""
    path = find_dataset(folder, name)
    assert path is not None, name
    try:
        size = sum(part.stat().st_size for part in files_of(path))
        return Dataset(name, dataset_sha256(path), size, who(), datetime.now(UTC))
    except OSError as error:
        raise DatasetRefused(f"{name} cannot be read: {error.strerror}") from error


def _tell(dataset: Dataset, before: str | None) -> None:
    said = "new" if before is None else "as before" if before == dataset.sha256 else "changed"
    style = {"new": "green", "changed": "yellow"}.get(said, "")
    print_line(f"{dataset.name}  {dataset.size / 1e6:,.1f} MB  {dataset.sha256[:SHORT]}  {said}", style)
