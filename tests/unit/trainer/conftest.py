"""Packages that are installed for one test."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import gymnasium as gym
import pytest

Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Puts a package `team` with this source and these entry points on the path."""

    def put(source: str, entry_points: str) -> None:
        info = tmp_path / "team-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: team\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(entry_points)
        (tmp_path / "team.py").write_text(source)
        monkeypatch.syspath_prepend(str(tmp_path))

    known = set(gym.registry)
    yield put
    for name in [name for name in sys.modules if name.partition(".")[0] in {"team", "turning_vehicle"}]:
        del sys.modules[name]
    for env_id in set(gym.registry) - known:
        del gym.registry[env_id]
