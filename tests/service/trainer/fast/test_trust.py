"""Machine code that computes something wrong trains nobody: a mistake stands for that of a compiler."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import trainer

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

PROGRAM = """
import json, sys
import trainer
from stable_baselines3 import PPO
from trainer.backends import backend_of, compile_ahead, make
from trainer.errors import BadSpec

assert trainer.__file__.startswith(sys.argv[1]), trainer.__file__
arguments = {"n_steps": 8, "batch_size": 8, "seed": 1, "device": "cpu"}
model = make(PPO, "auto", "MlpPolicy", "CartPole-v1", **arguments)
model.learn(8)
try:
    make(PPO, "fast", "MlpPolicy", "CartPole-v1", **arguments)
except BadSpec as refused:
    said = str(refused)
compile_ahead()
backend = backend_of(model, "auto")
answer = {"kind": type(model).__name__, "name": backend.name, "reason": backend.reason, "said": said}
print(json.dumps(answer))
"""


@pytest.fixture
def mistaken(tmp_path: Path) -> Path:
    """A folder with a copy of the trainer whose compiled code takes the slope of tanh for another."""
    source = Path(trainer.__file__).parent
    shutil.copytree(source, tmp_path / "trainer", ignore=shutil.ignore_patterns("__pycache__"))
    network = tmp_path / "trainer" / "fast" / "network.py"
    right = "_ONE - outputs[i] * outputs[i]"
    assert network.read_text().count(right) == 1
    network.write_text(network.read_text().replace(right, "_ONE - outputs[i]"))
    return tmp_path


def test_wrong_code_is_found_and_said_and_stock_sb3_trains(mistaken: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(mistaken)],
        env={**os.environ, "PYTHONPATH": str(mistaken), "NUMBA_CACHE_DIR": str(mistaken / "code")},
        cwd=mistaken,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    answer: dict[str, Any] = json.loads(ended.stdout)
    assert (answer["kind"], answer["name"]) == ("PPO", "stock")
    differs = "the compiled code differs from stock SB3 on this machine (gradient of "
    assert differs in answer["reason"]
    assert differs in answer["said"]
    assert answer["said"].endswith("has it compiled anew. Use auto or stock.")
    assert differs in ended.stderr
    assert not list((mistaken / "code").rglob("equals-stock-*"))
