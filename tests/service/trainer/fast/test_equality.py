"""The compiled path computes what stock SB3 computes, and the check that says so finds mistakes."""

import pytest

from tests.service.trainer.fast.faults import FAULTS
from tests.unit.trainer.fast.cases import CASES, make
from trainer.fast.equality import compare, differences
from trainer.fast.ppo import FastPPO

pytestmark = [
    pytest.mark.service,
    pytest.mark.filterwarnings("ignore:You have specified a mini-batch size:UserWarning"),
]


@pytest.mark.parametrize("case", CASES)
def test_it_computes_what_stock_sb3_computes(case: str) -> None:
    compared = compare(make(FastPPO, case))
    assert [str(one) for one in compared if not one.passes] == []
    gradients = [one for one in compared if one.what.startswith("gradient of")]
    assert len(gradients) >= 2 * 4
    assert max(one.by for one in gradients) > 0, "nothing was compared"


def test_a_kl_target_ends_the_update_early() -> None:
    model = make(FastPPO, "a KL target")
    compare(model)
    assert model._n_updates < model.n_epochs


@pytest.mark.parametrize("fault", FAULTS)
def test_the_check_finds_each_planted_mistake(fault: str) -> None:
    kind, case = FAULTS[fault]
    assert differences(make(kind, case)) != []
