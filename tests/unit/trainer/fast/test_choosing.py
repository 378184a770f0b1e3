"""Best actions without torch are those of the policy, in all kinds of spaces."""

from typing import Any

import numpy as np
import pytest
import torch

from tests.unit.trainer.fast.cases import CASES, make
from trainer.fast.ppo import FastPPO


def _changed(model: FastPPO) -> FastPPO:
    with torch.no_grad():
        for parameter in model.policy.parameters():
            parameter.add_(0.3 / parameter.shape[-1] ** 0.5 * torch.randn_like(parameter))
    return model


def _seen(model: FastPPO, count: int) -> Any:
    space = model.observation_space
    assert space.shape is not None
    return np.random.default_rng(0).normal(size=(count, *space.shape)).astype(space.dtype)


@pytest.mark.filterwarnings("ignore:You have specified a mini-batch size:UserWarning")
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("count", [1, 64, 150])
def test_the_best_actions_are_the_policys(name: str, count: int) -> None:
    model = _changed(make(FastPPO, name))
    seen = _seen(model, count)
    asked, _ = model.predict(seen, deterministic=True)
    answered = model.best_actions()(seen)
    assert answered.shape == asked.shape
    assert answered.dtype == asked.dtype
    np.testing.assert_allclose(answered, asked, atol=1e-5)


def test_what_is_learned_later_does_not_change_them() -> None:
    model = make(FastPPO, "one number")
    seen = _seen(model, 5)
    best = model.best_actions()
    before = best(seen)
    _changed(model)
    assert np.array_equal(best(seen), before)
    assert not np.allclose(model.best_actions()(seen), before)
