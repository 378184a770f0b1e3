import errno
from pathlib import Path

import pytest

from trainer.errors import is_disk_full, sentence
from trainer.files import Reserve, write_atomic


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_replaced_whole_and_nothing_stays_beside_it(tmp_path: Path, durable: bool) -> None:
    write_atomic(tmp_path / "result.json", "old", durable=durable)
    write_atomic(tmp_path / "result.json", "new", durable=durable)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"result.json": "new"}


def test_the_reserve_is_given_back(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) > 100_000
    reserve.release()
    reserve.release()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_found_behind_other_errors() -> None:
    def write() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def fail() -> None:
        try:
            write()
        except OSError as error:
            raise RuntimeError("writer failed") from error

    with pytest.raises(RuntimeError) as failed:
        fail()
    assert is_disk_full(failed.value)
    assert not is_disk_full(OSError(errno.EACCES, "no"))


def test_an_error_is_one_short_line() -> None:
    assert sentence(ValueError("first\nsecond")) == "ValueError: first"
    assert sentence(KeyError()) == "KeyError"
    assert len(sentence(ValueError("x" * 1_000))) == 300
