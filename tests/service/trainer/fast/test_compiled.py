"""Machine code is compiled once."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from numba import types

from trainer.backends import compile_ahead
from trainer.fast import rollout

pytestmark = pytest.mark.service


def _ready(**environment: str) -> tuple[Path, float]:
    """Where `python -m trainer.fast` keeps the code, and the seconds that it took."""
    ended = subprocess.run(
        [sys.executable, "-m", "trainer.fast"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.fullmatch(r"The fast path is ready in (.+) \(([\d.]+) s\)\.\n", ended.stdout)
    assert found is not None, ended.stdout
    return Path(found[1]), float(found[2])


def _entries(folder: Path) -> dict[str, float]:
    return {str(path.relative_to(folder)): path.stat().st_mtime for path in folder.rglob("*.nb*")}


@pytest.mark.timeout(600)
def test_what_one_process_compiled_the_next_one_finds(tmp_path: Path) -> None:
    baked = tmp_path / "baked"
    folder, _ = _ready(NUMBA_CACHE_DIR=str(baked))
    assert folder.is_relative_to(baked)
    compiled = _entries(folder)
    assert any("update" in name for name in compiled)
    assert _ready(NUMBA_CACHE_DIR=str(baked))[0] == folder
    assert _entries(folder) == compiled, "something was compiled again"


@pytest.mark.timeout(600)
def test_a_process_that_compiled_ahead_has_the_usual_kinds_in_memory() -> None:
    compile_ahead()
    kinds = {(kind.args[5].dtype, kind.args[8].dtype) for kind in rollout.act.nopython_signatures}  # type: ignore[attr-defined]  # compiled
    floats, doubles, whole = types.float32, types.float64, types.int64
    assert kinds >= {(observed, chosen) for observed in (floats, doubles) for chosen in (floats, whole)}
