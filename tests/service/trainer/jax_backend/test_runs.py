"""Runs whose training is SBX's keep the run folder's contract. Where the extra `jax` is not installed
there is nothing to test: JAX, its libraries and SBX are 600 MB."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.unit.trainer.configs import config, spec
from trainer.backends import JAX_ALGORITHMS
from trainer.checkpoints import Manifest, verify
from trainer.contract import ExitCode, RunResult

pytestmark = [
    pytest.mark.service,
    pytest.mark.timeout(1800),  # JAX compiles in each of three runs
    pytest.mark.skipif(find_spec("sbx") is None, reason="needs the extra jax"),
]
POLICIES: dict[str, dict[str, Any]] = {
    "dqn": {"net_arch": [16, 16], "activation_fn": "tanh"},
    "tqc": {"net_arch": [16], "n_quantiles": 5},
}


def _document(algo: str, **changes: Any) -> dict[str, Any]:
    document = config(algo, backend="sbx", total_timesteps=120, **changes)
    document["hyperparams"]["policy_kwargs"] = POLICIES.get(algo, {"net_arch": [16]})
    return document


def _run(folder: Path, document: dict[str, Any], **changes: Any) -> RunResult:
    folder.mkdir(parents=True)
    (folder / "spec.json").write_text(spec(document, **changes).model_dump_json())
    subprocess.run(
        [sys.executable, "-m", "trainer", str(folder)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        check=False,
    )
    return RunResult.model_validate_json((folder / "result.json").read_text())


def _checkpoint(folder: Path, result: RunResult) -> Manifest:
    assert result.checkpoint is not None, result.message
    return verify(folder / result.checkpoint)


@pytest.mark.parametrize("algo", JAX_ALGORITHMS)
def test_a_run_is_kept_resumed_and_the_same_each_time(algo: str, tmp_path: Path) -> None:
    one = _run(tmp_path / "one", _document(algo))
    assert one.exit_code == ExitCode.FINISHED, one.message
    assert one.backend is not None
    assert (one.backend.name, one.backend.reason) == ("sbx", "asked for")
    assert one.metrics["final_reward"] != 0
    assert {"jax", "sbx-rl"} <= one.versions.keys()
    assert (tmp_path / "one" / "evaluations.csv").read_text().count("\n") > 2
    again = _run(tmp_path / "again", _document(algo))
    kept = _checkpoint(tmp_path / "one", one)
    assert _checkpoint(tmp_path / "again", again).weights == kept.weights
    longer = {**_document(algo), "total_timesteps": 160}
    source = str(tmp_path / "one" / str(one.checkpoint))
    resumed = _run(tmp_path / "resumed", longer, resume_from=source, attempt=2)
    assert resumed.exit_code == ExitCode.FINISHED, resumed.message
    after = _checkpoint(tmp_path / "resumed", resumed)
    assert after.counters["_n_updates"] > kept.counters["_n_updates"] > 0
    assert after.weights != kept.weights


def test_a_checkpoint_of_other_code_is_refused(tmp_path: Path) -> None:
    stock = _run(tmp_path / "stock", {**_document("sac"), "backend": "stock"})
    source = str(tmp_path / "stock" / str(stock.checkpoint))
    result = _run(tmp_path / "sbx", _document("sac"), resume_from=source, attempt=2)
    assert result.exit_code == ExitCode.RESUME_FAILED
    assert "is of another model" in result.message


@pytest.mark.parametrize(
    ("algo", "hyperparams", "words"),
    [
        ("dqn", {"max_grad_norm": 1.0}, "SBX's DQN has no hyperparameter 'max_grad_norm'"),
        ("dqn", {"policy_kwargs": {"net_arch": [16]}}, "SBX's DQN has two layers of one size"),
        (
            "td3",
            {"learning_rate": {"schedule": "linear", "start": 1e-3, "end": 0.0}},
            "SBX's TD3 holds its learning_rate",
        ),
        ("sac", {"policy_kwargs": {"log_std_init": -1.0}}, "SBX passes over policy_kwargs.log_std_init"),
        ("sac", {"policy_kwargs": {"optimizer_class": "rmsprop"}}, "not RMSprop; or use backend stock"),
    ],
)
def test_what_sbx_does_not_have_is_refused(
    algo: str, hyperparams: dict[str, Any], words: str, tmp_path: Path
) -> None:
    document = {**_document(algo), "hyperparams": {"buffer_size": 100, **hyperparams}}
    result = _run(tmp_path / "run", document)
    assert result.exit_code == ExitCode.BAD_SPEC
    assert words in result.message
    assert json.loads((tmp_path / "run" / "progress.json").read_text())["phase"] == "done"
