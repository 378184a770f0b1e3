"""What is written out learns what stock SB3 learns."""

import io
from importlib import import_module
from typing import Any

import numpy as np
import pytest
import torch

from tests.unit.trainer.by_hand.cases import CASES, PLACES, STOCK, make
from tests.unit.trainer.by_hand.equality import differences

STEPS = 6


def direct(algo: str) -> type[Any]:
    module, name = PLACES[algo]
    kind: type[Any] = getattr(import_module(f"trainer.by_hand.{module}"), name)
    return kind


@pytest.mark.parametrize("case", CASES)
def test_each_gradient_is_that_of_stock_sb3(case: str) -> None:
    algo = CASES[case]["algo"]
    assert differences(make(direct(algo), case), STOCK[algo], STEPS) == []


@pytest.mark.parametrize("algo", STOCK)
def test_it_acts_as_stock_sb3_does(algo: str) -> None:
    ours = make(direct(algo), algo)
    file = io.BytesIO()
    ours.save(file)
    file.seek(0)
    stock = STOCK[algo].load(file, device="cpu")
    observations = np.random.default_rng(1).normal(size=(40, 5)).astype(np.float32)
    for deterministic in (True, False):
        chosen = []
        for model in (ours, stock):
            np.random.seed(3)  # noqa: NPY002  # SB3's own generator
            torch.manual_seed(3)
            model.action_space.seed(3)
            chosen.append(model.predict(observations, deterministic=deterministic)[0])
        assert chosen[0].shape == chosen[1].shape
        np.testing.assert_allclose(chosen[0], chosen[1], rtol=0, atol=2e-6)


@pytest.mark.parametrize("algo", STOCK)
def test_a_whole_training_ends_where_stock_sb3_ends(algo: str) -> None:
    """Rounding grows with each step: the bound holds for some dozens."""
    ours, stock = make(direct(algo), algo, seen=80), make(STOCK[algo], algo, seen=80)
    assert ours._n_updates == stock._n_updates > 5
    for mine, other in zip(ours.policy.parameters(), stock.policy.parameters(), strict=True):
        np.testing.assert_allclose(mine.detach(), other.detach(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("algo", STOCK)
def test_a_saved_model_goes_on_under_either(algo: str) -> None:
    """Adam's averages and its count of steps cross over, in both directions."""
    case, kinds = algo, (direct(algo), STOCK[algo])
    for source, target in (kinds, kinds[::-1]):
        first = make(source, case)
        file = io.BytesIO()
        first.save(file)
        results = []
        for kind in (source, target):
            file.seek(0)
            model = kind.load(file, device="cpu")
            model.replay_buffer = first.replay_buffer
            np.random.seed(9)  # noqa: NPY002  # SB3's own generator
            torch.manual_seed(9)
            model.set_logger(first.logger)
            model.train(gradient_steps=5, batch_size=24)
            results.append([values.detach().clone() for values in model.policy.parameters()])
        for mine, other in zip(*results, strict=True):
            np.testing.assert_allclose(mine, other, rtol=0, atol=1e-5)


@pytest.mark.parametrize("algo", STOCK)
def test_it_ends_bitwise_where_it_ended_before(algo: str) -> None:
    one, two = make(direct(algo), algo), make(direct(algo), algo)
    for first, second in zip(one.policy.parameters(), two.policy.parameters(), strict=True):
        assert torch.equal(first, second)


def test_weights_that_are_put_in_from_outside_are_learned_from() -> None:
    """Loading parameters keeps their places; new memory for one is noticed."""
    model = make(direct("sac"), "sac")
    fresh = make(direct("sac"), "sac", seen=60)
    model.set_parameters(fresh.get_parameters())
    model.log_ent_coef.data = torch.zeros(1)
    assert differences(model, STOCK["sac"], STEPS) == []
