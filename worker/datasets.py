"""Where the dataset that a run learns from lies on this host. The trainer checks its hash."""

from pathlib import Path

from db.config.resolve import value_at
from db.records import Run
from trainer.dataset_files import find_dataset
from worker.launchers.launcher import LaunchRefused
from worker.workplace import Workplace


def dataset_of(work: Workplace, run: Run) -> Path | None:
    """The file, or the Minari folder, that the config names; None where it names none.

    :raises LaunchRefused: where this host does not have it.
    """
    name = value_at(run.config, ("dataset", "id"))
    if not isinstance(name, str):
        return None
    found = find_dataset(work.datasets, name)
    if found is None:
        raise LaunchRefused(
            f"the dataset {name} is not in {work.datasets} on this host; put it there, or set "
            "SIGNOFF_DATASETS_DIR"
        )
    return found.resolve()
