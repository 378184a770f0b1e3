import os
import threading
from pathlib import Path

from trainer.fast import matrix
from trainer.fast.compiled import choose_folder, one_at_a_time


def _seal(folder: Path) -> None:
    """Make it somebody else's where we are root, whom permissions do not stop; else read-only."""
    if os.geteuid() == 0:
        os.chown(folder, 12_345, 12_345)
    folder.chmod(0o500)


def test_the_wanted_folder_is_taken_where_it_can_be_written(tmp_path: Path) -> None:
    folder = choose_folder(tmp_path / "wanted", tmp_path / "temporary")
    assert folder.parent == tmp_path / "wanted"
    assert folder.stat().st_mode & 0o077 == 0
    assert not (tmp_path / "temporary").exists()


def test_a_folder_that_cannot_be_written_is_copied(tmp_path: Path) -> None:
    baked = choose_folder(tmp_path / "baked", tmp_path)
    (baked / "update.nbi").write_bytes(b"code")
    _seal(baked)
    folder = choose_folder(tmp_path / "baked", tmp_path / "temporary")
    assert folder.is_relative_to(tmp_path / "temporary")
    assert (folder / "update.nbi").read_bytes() == b"code"


def test_code_is_not_loaded_from_a_folder_of_somebody_else(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    trap = choose_folder(Path("/proc/none"), temporary)
    (trap / "update.nbi").write_bytes(b"trap")
    _seal(trap)
    folder = choose_folder(Path("/proc/none"), temporary)
    assert folder != trap
    assert not (folder / "update.nbi").exists()


def test_no_two_functions_share_the_name_that_their_machine_code_is_found_by() -> None:
    """Two processes that cached at once once gave a third one's call of the one the code of the other."""
    columns = [value for name, value in vars(matrix).items() if name.startswith("_column_of_")]
    assert len({column.py_func.__qualname__ for column in columns}) == len(columns) > 1


def test_one_compiles_at_a_time() -> None:
    order: list[str] = []

    def second() -> None:
        with one_at_a_time():
            order.append("second")

    with one_at_a_time():
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(0.2)
        order.append("first")
    waiting.join(20)
    assert order == ["first", "second"]
