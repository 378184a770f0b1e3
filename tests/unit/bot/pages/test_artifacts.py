import os
from pathlib import Path

import pytest

from bot.artifacts import ArtifactError, read_artifact, read_tail


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    (folder / "E-1" / "s1" / "a1").mkdir(parents=True)
    (folder / "E-1" / "s1" / "a1" / "train.log").write_text("0123456789")
    return folder


def test_a_plain_file_is_read_by_relative_and_absolute_path(root: Path) -> None:
    assert read_artifact(root, "E-1/s1/a1/train.log", max_bytes=100) == b"0123456789"
    assert read_artifact(root, str(root / "E-1/s1/a1/train.log"), max_bytes=100) == b"0123456789"


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "E-1/../../secret",
        "/etc/passwd",
        "",
        ".",
        "E-1",
        "E-1/s1/a1/.hidden",
        "E-1/nothing",
        "a\x00b",
    ],
)
def test_other_paths_are_refused(root: Path, path: str) -> None:
    (root.parent / "secret").write_text("secret")
    (root / "E-1/s1/a1/.hidden").write_text("hidden")
    with pytest.raises(ArtifactError):
        read_artifact(root, path, max_bytes=100)


def test_no_link_is_followed_at_any_place_of_the_path(root: Path) -> None:
    (root / "E-2").symlink_to(root / "E-1")
    (root / "E-1/s1/a1/link.log").symlink_to(root / "E-1/s1/a1/train.log")
    for path in ("E-2/s1/a1/train.log", "E-1/s1/a1/link.log"):
        with pytest.raises(ArtifactError):
            read_artifact(root, path, max_bytes=100)


def test_a_pipe_does_not_hang_the_bot(root: Path) -> None:
    os.mkfifo(root / "pipe")
    with pytest.raises(ArtifactError, match="not a plain file"):
        read_artifact(root, "pipe", max_bytes=100)


def test_a_giant_is_refused_or_read_from_its_end(root: Path) -> None:
    with pytest.raises(ArtifactError, match="at most 5 are read"):
        read_artifact(root, "E-1/s1/a1/train.log", max_bytes=5)
    assert read_tail(root, "E-1/s1/a1/train.log", max_bytes=4) == (b"6789", 6)
    assert read_tail(root, "E-1/s1/a1/train.log", max_bytes=40) == (b"0123456789", 0)


def test_no_descriptor_is_left_open(root: Path) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(50):
        read_artifact(root, "E-1/s1/a1/train.log", max_bytes=100)
        with pytest.raises(ArtifactError):
            read_artifact(root, "E-1/s1/nothing", max_bytes=100)
    assert len(list(Path("/dev/fd").iterdir())) <= before + 1
