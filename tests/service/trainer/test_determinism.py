"""The same spec gives bitwise equal weights. Fast nets, hundreds of steps, as SB3's own tests do."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.trainer.configs import HYPERPARAMS, attempt, config
from trainer.catalogue import load_catalogue
from trainer.checkpoints import verify
from trainer.train import train

pytestmark = pytest.mark.service


def _weights(folder: Path, document: dict[str, Any], **changes: Any) -> str:
    one = attempt(folder, document, **changes)
    train(one)
    assert one.checkpoint is not None
    return verify(folder / one.checkpoint).weights


@pytest.mark.parametrize("algo", HYPERPARAMS)
def test_the_same_spec_gives_the_same_weights(algo: str, tmp_path: Path) -> None:
    document = config(algo)
    weights = _weights(tmp_path / "one", document)
    assert _weights(tmp_path / "two", document) == weights
    assert _weights(tmp_path / "three", document, seed=2) != weights


def test_no_algorithm_that_acts_is_left_out() -> None:
    acting = {name for name, known in load_catalogue().algorithms.items() if not known.needs_dataset}
    assert set(HYPERPARAMS) == acting


def test_looking_along_the_way_does_not_change_the_weights(tmp_path: Path) -> None:
    document = config("ppo", env={"id": "Pendulum-v1", "normalize": {}})
    document["hyperparams"] |= {"use_sde": True, "sde_sample_freq": 4}
    document["eval"]["env"]["id"] = "Pendulum-v1"
    weights = _weights(tmp_path / "often", document)
    document["eval"]["interim"] = {"points": 0}
    assert _weights(tmp_path / "never", document) == weights
