"""kill -9 at any moment of a save leaves only whole checkpoints."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.trainer.runs import wait_for
from trainer.checkpoints import Checkpoints, verify

pytestmark = pytest.mark.service

SAVE_FOREVER = """
import sys
from pathlib import Path
from tests.unit.trainer.configs import config
from tests.unit.trainer.test_checkpoints import _manifest, _model
from trainer.checkpoints import Checkpoints

model, _ = _model("ppo")
checkpoints = Checkpoints(Path(sys.argv[1]))
for timesteps in range(1, 1_000_000):
    checkpoints.save(model, _manifest(model, timesteps), normalization=None, replay=True)
"""


def test_a_kill_in_the_middle_of_saving_leaves_whole_checkpoints(tmp_path: Path) -> None:
    moments = random.Random(7)
    for number in range(4):
        folder = tmp_path / str(number)
        with subprocess.Popen([sys.executable, "-c", SAVE_FOREVER, str(folder)]) as process:
            enough = moments.randint(3, 40)
            wait_for(lambda: _newest(folder) >= enough, f"checkpoint {enough}")  # noqa: B023  # called at once
            os.kill(process.pid, signal.SIGKILL)
        whole = [path for path in folder.iterdir() if path.name.isdigit()]
        assert whole
        for path in whole:
            verify(path)
        Checkpoints(folder)
        assert all(path.name.isdigit() for path in folder.iterdir())


def _newest(folder: Path) -> int:
    if not folder.is_dir():
        return 0
    return max((int(path.name) for path in folder.iterdir() if path.name.isdigit()), default=0)
