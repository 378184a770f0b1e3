import os
from pathlib import Path

import pytest

from worker.locks import hold
from worker.machine import (
    TrainerMissing,
    boot_id,
    trainer_digest,
    trainer_root,
    trainer_versions,
    usable_cores,
)


def test_this_machine_has_cores_and_was_booted() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
    assert boot_id() == boot_id() != ""


def test_the_digest_covers_the_trainers_programs_and_pins(tmp_path: Path) -> None:
    (tmp_path / "trainer").mkdir()
    (tmp_path / "trainer" / "train.py").write_text("a = 1")
    bare = trainer_digest(tmp_path)
    (tmp_path / "trainer" / "notes.txt").write_text("not a program")
    assert trainer_digest(tmp_path) == bare
    (tmp_path / "constraints.txt").write_text("torch==2.7")
    pinned = trainer_digest(tmp_path)
    (tmp_path / "trainer" / "train.py").write_text("a = 2")
    assert len({bare, pinned, trainer_digest(tmp_path)}) == 3


def test_our_own_trainer_is_found() -> None:
    assert trainer_digest(trainer_root()).startswith("sha256:")


def test_an_interpreter_without_a_trainer_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(TrainerMissing, match="SIGNOFF_TRAINER_PYTHON"):
        trainer_versions(tmp_path / "python")


def test_a_lock_is_held_by_one_and_ends_with_its_block(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "one"
    with hold(path) as first, hold(path) as second:
        assert (first, second) == (True, False)
    with hold(path) as again:
        assert again
