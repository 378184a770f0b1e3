import hashlib
import json
import os
from pathlib import Path

import pytest

from tests.unit.worker.builders import result
from worker.checkpoints import newest_valid
from worker.files import UnsafeFile, read_capped, read_tail
from worker.run_folder import RESULT_BYTES, read_log, read_progress, read_result


def why(folder: Path) -> str:
    found, problem = read_result(folder, run="E-42/s1", attempt=1)
    assert found is None
    return problem


def test_a_result_is_read(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(result().model_dump_json())
    assert read_result(tmp_path, run="E-42/s1", attempt=1) == (result(), "")


def test_a_missing_result_is_said(tmp_path: Path) -> None:
    assert why(tmp_path) == "it left no result.json"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        (result(attempt=2).model_dump_json(), "attempt 2"),
        (result(run="E-41/s1").model_dump_json(), "E-41/s1"),
        (result().model_dump_json().replace("1000", "NaN"), "damaged"),
        (result().model_dump_json().replace('"exit_code":0', '"exit_code":"zero"'), "exit_code"),
        (json.dumps({"message": "x" * RESULT_BYTES}), "larger than"),
    ],
)
def test_a_result_that_cannot_be_trusted_is_refused_in_words(
    tmp_path: Path, content: str, words: str
) -> None:
    (tmp_path / "result.json").write_text(content)
    assert words in why(tmp_path)


def test_links_pipes_and_folders_are_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(result().model_dump_json())
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "result.json").symlink_to(secret)
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / "result.json")
    (tmp_path / "folder" / "result.json").mkdir(parents=True)
    for name in ("link", "pipe", "folder"):
        assert "cannot be read" in why(tmp_path / name)


def test_a_log_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "train.log").symlink_to("/etc/passwd")
    assert read_log(tmp_path) == ""
    assert read_progress(tmp_path) is None


def test_tails_and_caps(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\xff" + b"a" * 10)
    assert read_tail(path, 4) == "aaaa"
    assert read_tail(path, 100).startswith("\ufffd")
    assert len(read_capped(path, 11)) == 11
    with pytest.raises(UnsafeFile, match="larger than 10"):
        read_capped(path, 10)


def save(folder: Path, steps: int) -> Path:
    checkpoint = folder / "checkpoints" / str(steps)
    checkpoint.mkdir(parents=True)
    content = f"weights after {steps}".encode()
    (checkpoint / "model.zip").write_bytes(content)
    stored = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest = {"timesteps": steps, "files": {"model.zip": stored}, "more": "is allowed"}
    (checkpoint / "manifest.json").write_text(json.dumps(manifest))
    return checkpoint


def test_the_newest_checkpoint_is_the_one_with_the_most_steps(tmp_path: Path) -> None:
    assert newest_valid(tmp_path) is None
    save(tmp_path, 900)
    save(tmp_path, 10_000)
    assert newest_valid(tmp_path) == "checkpoints/10000"


def test_a_half_written_checkpoint_is_passed_over(tmp_path: Path) -> None:
    save(tmp_path, 1)
    (save(tmp_path, 2) / "model.zip").write_bytes(b"weights after 3")
    (save(tmp_path, 3) / "model.zip").write_bytes(b"weig")
    (save(tmp_path, 4) / "model.zip").unlink()
    (save(tmp_path, 5) / "manifest.json").write_text("{")
    (tmp_path / "checkpoints" / ".6.1234").mkdir()
    assert newest_valid(tmp_path) == "checkpoints/1"


def test_a_checkpoint_that_is_too_large_to_read_is_passed_over(tmp_path: Path) -> None:
    save(tmp_path, 1)
    checkpoint = save(tmp_path, 2)
    with (checkpoint / "model.zip").open("r+b") as file:
        file.truncate(1 << 40)
    manifest = json.loads((checkpoint / "manifest.json").read_text())
    manifest["files"]["model.zip"]["bytes"] = 1 << 40
    (checkpoint / "manifest.json").write_text(json.dumps(manifest))
    assert newest_valid(tmp_path) == "checkpoints/1"
    assert newest_valid(tmp_path, most_bytes=4) is None


def test_a_manifest_that_points_outside_is_refused(tmp_path: Path) -> None:
    checkpoint = save(tmp_path, 7)
    manifest = json.loads((checkpoint / "manifest.json").read_text())
    manifest["files"]["../7/model.zip"] = manifest["files"].pop("model.zip")
    (checkpoint / "manifest.json").write_text(json.dumps(manifest))
    assert newest_valid(tmp_path) is None


def test_a_linked_checkpoint_is_refused(tmp_path: Path) -> None:
    elsewhere = save(tmp_path / "elsewhere", 8)
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "8").symlink_to(elsewhere)
    assert newest_valid(tmp_path) is None
