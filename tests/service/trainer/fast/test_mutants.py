"""The check finds mistakes inside the compiled code: each is written into a copy of the package."""

import importlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from numba.core import config

import trainer.fast
from tests.unit.trainer.fast.cases import make
from trainer.fast.equality import differences

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(600)]

SOURCE = Path(trainer.fast.__file__).parent

# The file, what stands there, the mistake in its place, and the case that must show it.
MUTANTS: dict[str, tuple[str, str, str, str]] = {
    "deviation of all, not of a sample": ("update.py", "(count - 1)", "count", "two choices"),
    "slope of tanh": ("network.py", "_ONE - outputs[i] * outputs[i]", "_ONE - outputs[i]", "one number"),
    "slope of relu at what is off": (
        "network.py",
        "slopes[i] if outputs[i] > _ZERO else _ZERO",
        "slopes[i]",
        "many choices, relu",
    ),
    "no entropy in the slope of log_std": (
        "heads.py",
        "(distance * distance - _ONE) - bonus",
        "(distance * distance - _ONE)",
        "one number",
    ),
    "no entropy in the slope of choices": (
        "heads.py",
        "work[first + i] + entropies[choice]",
        "work[first + i]",
        "several choices at once",
    ),
    "clipped even where that lets the loss fall": (
        "heads.py",
        "inside or free < held",
        "inside",
        "two choices",
    ),
    "slope of clipped values": (
        "heads.py",
        "_ZERO if outside else factor * error",
        "factor * error",
        "clipped values, plain advantages",
    ),
    "advantages flow over the ends of episodes": (
        "rollout.py",
        "goes_on = one - starts[step, env]",
        "goes_on = one",
        "two choices",
    ),
    "bias of the first sample alone": (
        "network.py",
        "slope_at + rows * out_row], rows)",
        "slope_at + out_row], 1)",
        "one number",
    ),
    "weights before the last step": (
        "update.py",
        "    transpose_weights(table, parameters, copies)",
        "    if result[MINIBATCHES] == 0.0:\n        transpose_weights(table, parameters, copies)",
        "wide, normalised",
    ),
}


@pytest.fixture
def package(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A copy of the package with one mistake, under a name of its own."""
    file, right, wrong, _ = MUTANTS[request.param]
    name = f"mutant_{sorted(MUTANTS).index(request.param)}"
    shutil.copytree(SOURCE, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tmp_path / name).glob("*.py"):
        path.write_text(path.read_text().replace("trainer.fast", name))
    text = (tmp_path / name / file).read_text()
    assert text.count(right) == 1, f"{file} says {right!r} {text.count(right)} times"
    (tmp_path / name / file).write_text(text.replace(right, wrong))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "code"))
    return importlib.import_module(f"{name}.ppo")


@pytest.mark.parametrize(("package", "mutant"), [(name, name) for name in MUTANTS], indirect=["package"])
def test_the_check_finds_each_mistake_in_the_code(package: Any, mutant: str) -> None:
    assert differences(make(package.FastPPO, MUTANTS[mutant][3])) != []
