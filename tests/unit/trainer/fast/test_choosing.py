"""Best actions without torch are those of the policy, in all kinds of spaces."""

import numpy as np
import pytest
import torch

from tests.unit.trainer.fast.cases import CASES, make
from trainer.fast.ppo import FastPPO


@pytest.mark.filterwarnings("ignore:You have specified a mini-batch size:UserWarning")
@pytest.mark.parametrize("name", CASES)
def test_the_best_actions_are_the_policys(name: str) -> None:
    model = make(FastPPO, name)
    with torch.no_grad():
        for parameter in model.policy.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    space = model.observation_space
    seen = np.random.default_rng(0).normal(size=(60, *space.shape)).astype(space.dtype)
    asked, _ = model.policy.predict(seen, deterministic=True)
    answered, _ = model.predict(seen, deterministic=True)
    assert answered.shape == asked.shape
    assert answered.dtype == asked.dtype
    np.testing.assert_allclose(answered, asked, atol=1e-5)


def test_what_is_no_batch_is_left_to_the_policy() -> None:
    model = make(FastPPO, "two choices")
    one = np.zeros(model.observation_space.shape, np.float32)
    assert model.predict(one, deterministic=True)[0] == model.policy.predict(one, deterministic=True)[0]
