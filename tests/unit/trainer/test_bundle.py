"""A bundle from a run folder: whole, checked, the same bytes for the same run."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.unit.trainer.configs import config, spec
from trainer.bundle import main, make_bundle
from trainer.bundle_code import CannotBundle
from trainer.contract import RunResult

ABOUT = {"title": "Smoother turns", "outcome": "supported"}


def prepared(
    folder: Path, *, code: str | None = None, program: dict[str, Any] | None = None, **changes: Any
) -> Path:
    """A finished run folder with a checkpoint of two files, one of which only training needs."""
    folder.mkdir()
    changed: dict[str, Any] = {"code": code, "program": program}
    document = config(**{name: value for name, value in changed.items() if value is not None})
    (folder / "spec.json").write_text(spec(document, run="E-7/s2").model_dump_json())
    checkpoint = folder / "checkpoints" / "100"
    checkpoint.mkdir(parents=True)
    files = {}
    for name in ("model.zip", "replay.npz"):
        (checkpoint / name).write_bytes(name.encode())
        files[name] = {"bytes": len(name), "sha256": hashlib.sha256(name.encode()).hexdigest()}
    (checkpoint / "manifest.json").write_text(json.dumps({"timesteps": 100, "files": files}))
    result: dict[str, Any] = {
        "run": "E-7/s2",
        "attempt": 1,
        "exit_code": 0,
        "message": "",
        "timesteps": 100,
        "total_timesteps": 100,
        "duration_s": 1.0,
        "metrics": {"final_reward": 12.5},
        "n_eval_episodes": 5,
        "checkpoint": "checkpoints/100",
        "versions": {"python": "3.11.7", "torch": "2.13.0+cpu", "machine": "x86_64"},
        "fingerprint": {"packages": {"mujoco": "4.0.0"}},
    }
    (folder / "result.json").write_text(RunResult(**{**result, **changes}).model_dump_json())
    (folder / "episodes.csv").write_text("episode,seed,final_reward\n")
    return folder


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_holds_what_is_needed_and_says_what_it_is(tmp_path: Path) -> None:
    assert make_bundle(prepared(tmp_path / "run"), dict(ABOUT), tmp_path / "b.zip") == "E-7-s2"
    inside = contents(tmp_path / "b.zip")
    names = {name.removeprefix("E-7-s2/") for name in inside}
    assert {
        *("README.md", "Dockerfile", "Dockerfile.trainer", "evaluate.py", "serve.py", "bundle.json"),
        *("config.json", "SHA256SUMS"),
        *("requirements.txt", "episodes.csv", "checkpoint/model.zip", "checkpoint/manifest.json"),
        *("trainer/bundled.py", "trainer/serve.py", "trainer/catalogue.json"),
    } <= names
    assert not {name for name in names if "replay" in Path(name).name and name.startswith("checkpoint")}
    said = json.loads(inside["E-7-s2/bundle.json"])
    assert (said["title"], said["run"], said["metrics"]) == (
        "Smoother turns",
        "E-7/s2",
        {"final_reward": 12.5},
    )
    assert said["bundle_version"] == 1
    manifest = json.loads(inside["E-7-s2/checkpoint/manifest.json"])
    assert list(manifest["files"]) == ["model.zip"]
    readme = inside["E-7-s2/README.md"].decode()
    assert "# E-7/s2: Smoother turns" in readme
    assert "| final_reward | 12.5 |" in readme
    assert "$" not in readme.replace("localhost", "")
    requirements = inside["E-7-s2/requirements.txt"].decode().split()
    assert {"torch==2.13.0", "mujoco==4.0.0", "pydantic"} <= set(requirements)
    assert not [line for line in requirements if line.startswith(("python", "machine"))]
    assert "FROM python:3.11-slim" in inside["E-7-s2/Dockerfile"].decode()


def test_the_checksums_cover_everything_else(tmp_path: Path) -> None:
    make_bundle(prepared(tmp_path / "run"), {}, tmp_path / "b.zip")
    inside = contents(tmp_path / "b.zip")
    sums = inside.pop("E-7-s2/SHA256SUMS").decode().splitlines()
    assert {f"E-7-s2/{line[66:]}": line[:64] for line in sums} == {
        name: hashlib.sha256(data).hexdigest() for name, data in inside.items()
    }


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "run")
    make_bundle(folder, dict(ABOUT), tmp_path / "a.zip")
    make_bundle(folder, dict(ABOUT), tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_damaged_checkpoint_is_not_packaged(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "run")
    (folder / "checkpoints" / "100" / "model.zip").write_bytes(b"other")
    with pytest.raises(CannotBundle, match=r"model\.zip is damaged"):
        make_bundle(folder, {}, tmp_path / "b.zip")
    assert not list(tmp_path.glob("*.zip*"))


def test_what_only_training_needs_may_be_missing(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "run")
    (folder / "checkpoints" / "100" / "replay.npz").unlink()
    make_bundle(folder, {}, tmp_path / "b.zip")


def test_no_link_is_followed(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "run")
    (tmp_path / "secret").write_text("secret")
    (folder / "policy.onnx").symlink_to(tmp_path / "secret")
    make_bundle(folder, {}, tmp_path / "b.zip")
    assert not [name for name in contents(tmp_path / "b.zip") if name.endswith(".onnx")]


@pytest.mark.parametrize("name", ["../../secret", "/etc/hostname", "a/b"])
def test_a_manifest_cannot_name_files_elsewhere(tmp_path: Path, name: str) -> None:
    folder = prepared(tmp_path / "run")
    manifest = {"files": {name: {"bytes": 1, "sha256": "0"}}}
    (folder / "checkpoints" / "100" / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CannotBundle, match="outside of it"):
        make_bundle(folder, {}, tmp_path / "b.zip")


def test_a_checkpoint_lies_in_the_runs_own_folder(tmp_path: Path) -> None:
    prepared(tmp_path / "other")
    folder = prepared(tmp_path / "run", checkpoint="../other/checkpoints/100")
    with pytest.raises(CannotBundle, match="outside of its folder"):
        make_bundle(folder, {}, tmp_path / "b.zip")


def test_the_command_says_why_there_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    about = tmp_path / "about.json"
    about.write_text("{}")
    folder = prepared(tmp_path / "run", checkpoint=None)
    assert main([str(folder), str(about), str(tmp_path / "b.zip")]) == 1
    assert "has left no checkpoint" in capsys.readouterr().err
    assert main([str(tmp_path / "none"), str(about), str(tmp_path / "b.zip")]) == 1
    assert "only a run that has ended" in capsys.readouterr().err
    assert main([]) == 2


METADATA = """Metadata-Version: 2.1
Name: Toy_Cars
Version: 0.1
Requires-Dist: annotated-types>=0.6
Requires-Dist: Torch>=2
Requires-Dist: pytest; extra == 'test'
"""


def wheel(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("toy/__init__.py", "x = 1\n")
        archive.writestr("toy_cars-0.1.dist-info/METADATA", METADATA)
    return path


def test_the_code_that_was_signed_goes_along(tmp_path: Path) -> None:
    code = wheel(tmp_path / "code.whl")
    signed = hashlib.sha256(code.read_bytes()).hexdigest()
    packages = {"packages": {"toy-cars": "0.1", "mujoco": "4.0.0"}}
    folder = prepared(tmp_path / "run", code=signed, fingerprint=packages)
    make_bundle(folder, {}, tmp_path / "b.zip", code)
    inside = contents(tmp_path / "b.zip")
    assert inside["E-7-s2/code/toy/__init__.py"] == b"x = 1\n"
    assert "E-7-s2/code/toy_cars-0.1.dist-info/METADATA" in inside
    assert b'"code"' in inside["E-7-s2/serve.py"]
    needed = inside["E-7-s2/requirements.txt"].decode().split("\n")
    assert {"annotated-types>=0.6", "torch==2.13.0", "mujoco==4.0.0"} <= set(needed)
    assert not [line for line in needed if "toy" in line.lower() or "pytest" in line or "Torch" in line]


def test_other_code_than_the_signed_is_not_packaged(tmp_path: Path) -> None:
    code = wheel(tmp_path / "code.whl")
    folder = prepared(tmp_path / "run", code="ab" * 32)
    with pytest.raises(CannotBundle, match="is not the code bundle abababababab"):
        make_bundle(folder, {}, tmp_path / "b.zip", code)
    with pytest.raises(CannotBundle, match="give its wheel"):
        make_bundle(folder, {}, tmp_path / "b.zip")


def test_what_another_program_has_trained_is_not_packaged(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "run", program={"name": "climb"})
    with pytest.raises(CannotBundle, match="trained by the program climb, whose checkpoint only it can load"):
        make_bundle(folder, {}, tmp_path / "b.zip")
