"""What a finished run leaves to look at and to take along, and a bundle of it in an empty folder."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.service.trainer.runs import finish, log_of, prepare, rows, with_test_environments
from tests.unit.trainer.configs import config
from trainer.bundle import make_bundle

pytestmark = pytest.mark.service

DEADLINE_S = 100.0


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with normalised observations."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    env = {"id": "Pendulum-v1", "normalize": {}}
    code, _ = finish(prepare(folder, config("ppo", env=env, eval={"env": {"id": "Pendulum-v1"}})))
    assert code == 0, log_of(folder)
    return folder


@pytest.fixture(scope="module")
def unpacked(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    name = make_bundle(run, {"title": "Packaged"}, folder / "b.zip")
    with zipfile.ZipFile(folder / "b.zip") as archive:
        archive.extractall(folder)
    return folder / name


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def plain_environment() -> dict[str, str]:
    return {**{k: v for k, v in os.environ.items() if k != "PYTHONPATH"}, "OMP_NUM_THREADS": "1"}


def test_a_recording_and_the_policy_as_onnx_are_left(run: Path) -> None:
    kept = {each["kind"]: each for each in json.loads((run / "result.json").read_text())["keepsakes"]}
    assert kept["video"]["file"] in {"policy.mp4", "policy.gif"}
    assert (run / kept["video"]["file"]).stat().st_size > 1000
    if kept["onnx"]["file"] is None:
        assert "extra `export`" in kept["onnx"]["note"]
    else:
        assert (run / "policy.onnx").stat().st_size > 1000


def test_what_cannot_be_drawn_is_told_and_changes_nothing_else(tmp_path: Path) -> None:
    document = config(
        "ppo", env={"id": "SignoffTest/Counter-v0"}, eval={"env": {"id": "SignoffTest/Counter-v0"}}
    )
    code, result = with_test_environments(prepare(tmp_path / "run", document))
    assert code == 0, log_of(tmp_path / "run")
    video = next(kept for kept in result.keepsakes if kept.kind == "video")
    assert video.file is None
    assert video.note
    assert result.metrics
    assert not list((tmp_path / "run").glob(".policy*"))


def test_the_bundle_evaluates_itself_to_the_recorded_values(run: Path, unpacked: Path) -> None:
    done = subprocess.run(
        command(unpacked, "evaluate.py"),
        cwd=unpacked,
        env=plain_environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["reproduced"] is True
    assert said["same_environment"] is True
    assert said["episodes"] == len(rows(run / "episodes.csv"))
    assert said["metrics"]["final_reward"] == pytest.approx(said["recorded"]["final_reward"])


def test_a_bundle_that_was_changed_is_not_loaded(run: Path, tmp_path: Path) -> None:
    name = make_bundle(run, {}, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        archive.extractall(tmp_path)
    (tmp_path / name / "checkpoint" / "model.zip").write_bytes(b"other")
    done = subprocess.run(
        command(tmp_path, "evaluate.py"),
        cwd=tmp_path / name,
        env=plain_environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode != 0
    assert "model.zip" in done.stderr
    assert "damaged" in done.stderr


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The bundle's own server; its address."""
    with subprocess.Popen(
        command(folder, "serve.py", "--port", "0"),
        cwd=folder,
        env=plain_environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
            process.wait(DEADLINE_S)


def test_the_bundle_serves_the_same_actions_as_its_onnx(unpacked: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    observations = np.random.default_rng(0).uniform(-1, 1, (5, 3)).astype(np.float32)
    session = onnxruntime.InferenceSession(str(unpacked / "policy.onnx"), providers=["CPUExecutionProvider"])
    (expected,) = session.run(None, {"observations": observations})
    with serving(unpacked) as address, httpx.Client(base_url=address, trust_env=False) as client:
        answer = client.post("/act", json={"observations": observations.tolist()}, timeout=30)
        assert answer.status_code == 200, answer.text
        np.testing.assert_allclose(answer.json()["actions"], expected, atol=1e-3)
        assert client.get("/").json()["title"] == "Packaged"
