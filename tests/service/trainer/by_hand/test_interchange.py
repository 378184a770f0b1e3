"""A run that was trained by stock SB3 is resumed by what is written out, and the other way round."""

from pathlib import Path

import pytest

from tests.unit.trainer.configs import attempt, config
from trainer.checkpoints import verify
from trainer.train import train

pytestmark = pytest.mark.service


@pytest.mark.parametrize("algo", ["dqn", "sac", "td3", "ddpg"])
@pytest.mark.parametrize(("before", "after"), [("stock", "fast"), ("fast", "stock")])
def test_a_checkpoint_of_one_backend_is_resumed_by_the_other(
    algo: str, before: str, after: str, tmp_path: Path
) -> None:
    document = config(algo, total_timesteps=100)
    document["eval"]["interim"] = {"points": 0}
    one = attempt(tmp_path / before, {**document, "backend": before})
    train(one)
    longer = {**document, "total_timesteps": 140, "backend": after}
    two = attempt(tmp_path / after, longer, resume_from=str(one.folder / str(one.checkpoint)), attempt=2)
    train(two)
    assert (one.backend and one.backend.name, two.backend and two.backend.name) == (before, after)
    assert two.timesteps == 140
    updates = [verify(run.folder / str(run.checkpoint)).counters["_n_updates"] for run in (one, two)]
    assert 0 < updates[0] < updates[1]
