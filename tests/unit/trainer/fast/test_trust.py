"""The compiled code is held against stock SB3 before it is trusted, once on each machine."""

import random
from pathlib import Path

import numpy as np
import torch

from tests.unit.trainer.fast.cases import make
from trainer.fast import trust
from trainer.fast.compiled import cache_folder
from trainer.fast.ppo import FastPPO


def _note(kind: str) -> Path | None:
    """What this machine has noted of a kind. Other processes may check other kinds meanwhile."""
    notes = cache_folder().glob("equals-stock-*")
    return next((note for note in notes if note.read_text() == f"{kind}\n"), None)


def test_the_code_is_checked_once_and_draws_none_of_the_trainings_random_numbers() -> None:
    model = make(FastPPO, "several choices at once")
    if (old := _note("float32 to MultiDiscrete")) is not None:
        old.unlink()
    before = random.getstate(), np.random.get_state(legacy=False), torch.get_rng_state()  # noqa: NPY002  # SB3's
    trust.confirm(model)
    assert random.getstate() == before[0]
    np.testing.assert_equal(np.random.get_state(legacy=False), before[1])  # noqa: NPY002  # likewise
    assert torch.equal(torch.get_rng_state(), before[2])
    note = _note("float32 to MultiDiscrete")
    assert note is not None
    written = note.stat().st_mtime_ns
    trust.confirm(model)
    assert note.stat().st_mtime_ns == written
