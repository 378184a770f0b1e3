"""kill -9 at any moment of a save leaves only whole checkpoints, and loses at most the one being written."""

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
    print(timesteps, flush=True)
"""


@pytest.mark.timeout(400)  # four processes import torch
def test_a_kill_in_the_middle_of_saving_loses_at_most_the_one_being_written(tmp_path: Path) -> None:
    moments = random.Random(7)
    for number in range(4):
        folder = tmp_path / str(number)
        saved = tmp_path / f"saved-{number}"
        with (
            saved.open("w") as said,
            subprocess.Popen([sys.executable, "-c", SAVE_FOREVER, str(folder)], stdout=said) as process,
        ):
            enough = moments.randint(3, 20)
            wait_for(lambda: _newest(folder) >= enough, f"checkpoint {enough}")  # noqa: B023  # called at once
            os.kill(process.pid, signal.SIGKILL)
        whole = [path for path in folder.iterdir() if path.name.isdigit()]
        for path in whole:
            verify(path)
        promised = int(saved.read_text().splitlines()[-1])
        assert max(int(path.name) for path in whole) in {promised, promised + 1}
        Checkpoints(folder)
        assert all(path.name.isdigit() for path in folder.iterdir())


def _newest(folder: Path) -> int:
    if not folder.is_dir():
        return 0
    return max((int(path.name) for path in folder.iterdir() if path.name.isdigit()), default=0)
