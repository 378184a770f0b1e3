import io
import zipfile

import pytest

from db.code import wheel
from db.code.wheel import Extent
from db.errors import CodeRefused
from tests.unit.db.code.wheels import made


def test_equal_files_are_equal_bytes_whoever_built_them() -> None:
    one = made({"toy/__init__.py": "", "toy/rewards.py": "x = 1\n"}, when=2020)
    other = made({"toy/rewards.py": "x = 1\n", "toy/__init__.py": ""}, when=2024)
    assert one != other
    assert wheel.digest(wheel.canonical(one)) == wheel.digest(wheel.canonical(other))
    assert wheel.canonical(wheel.canonical(one)) == wheel.canonical(one)


def test_another_line_is_another_bundle() -> None:
    one, other = (wheel.canonical(made({"toy/rewards.py": text})) for text in ("x = 1\n", "x = 2\n"))
    assert wheel.digest(one) != wheel.digest(other)


def test_package_and_our_entry_points_are_read() -> None:
    read = wheel.read(made({"toy/__init__.py": ""}))
    assert (read.package, read.version) == ("toy-cars", "0.1")
    assert read.entry_points == {"signoff.rewards": ("Action_penalty",)}


def test_a_training_program_is_a_module_of_the_wheel_itself() -> None:
    points = "[signoff.trainers]\nclimb = toy.climb:train\nwhole = toy\nother = os.path\nours = trainer.x\n"
    read = wheel.read(
        made({"toy/climb.py": "", "toy/__main__.py": "", "trainer/x.py": ""}, entry_points=points)
    )
    assert read.entry_points["signoff.trainers"] == ("climb", "other", "ours", "whole")
    assert (wheel.program(read, "climb"), wheel.program(read, "whole")) == ("toy.climb", "toy")
    for name in ("other", "ours"):
        with pytest.raises(CodeRefused, match="does not hold; name one of its own"):
            wheel.program(read, name)
    with pytest.raises(CodeRefused, match="has no training program 'nothing'; it has climb, other"):
        wheel.program(read, "nothing")


@pytest.mark.parametrize("name", ["../evil.py", "/etc/passwd", "toy/../../x", "toy/a\nb.py"])
def test_a_file_that_would_land_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(CodeRefused, match="would land elsewhere"):
        wheel.read(made({name: "x"}))


def test_what_is_no_wheel_is_refused() -> None:
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    for content in (b"PK nothing", empty.getvalue()):
        with pytest.raises(CodeRefused, match="no wheel"):
            wheel.read(content)


def test_a_bundle_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = made({"toy/zeros.bin": bytes(100_000)})
    monkeypatch.setattr(wheel, "MAX_UNPACKED_BYTES", 50_000)
    with pytest.raises(CodeRefused, match="leave data and weights out"):
        wheel.read(content)


def test_entry_points_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(CodeRefused, match="entry points cannot be read"):
        wheel.read(made({}, entry_points="no section = 1\n"))


def test_the_patch_has_what_was_written_and_nothing_else() -> None:
    before = wheel.read(made({"toy/a.py": "x = 1\ny = 2\n", "toy/b.py": "b\n", "toy/c.bin": b"\0\1"}))
    after = wheel.read(made({"toy/a.py": "x = 1\ny = 3", "toy/c.bin": b"\0\2", "toy/d.py": "d\n"}))
    text = wheel.patch(before, after)
    assert "-y = 2\n+y = 3\n\\ No newline at end of file\n" in text
    assert "--- a/toy/b.py\n+++ /dev/null" in text
    assert "--- /dev/null\n+++ b/toy/d.py" in text
    assert "+binary, 2 bytes" in text
    assert "RECORD" not in text
    assert wheel.extent(text) == Extent(files=4, added=3, removed=3)
    assert wheel.patch(after, after) == ""


def test_without_a_bundle_before_everything_is_new() -> None:
    text = wheel.patch(None, wheel.read(made({"toy/a.py": "x\n"})))
    assert "+x\n" in text
    assert wheel.extent(text).removed == 0
