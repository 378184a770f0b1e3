"""Both backends learn the same: whole trainings of ten seeds each, minutes to hours."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from tests.service.trainer.runs import finish, prepare
from trainer.catalogue import load_presets
from trainer.contract import ExitCode

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(12 * 3_600)]

SEEDS = range(1, 11)
AT_ONCE = 2
TRAINING_S = 3_600.0
CONFIDENCE = 0.99


def _preset(name: str) -> dict[str, Any]:
    return dict(next(known.config for known in load_presets() if known.name == name))


def _without_sde(document: dict[str, Any]) -> dict[str, Any]:
    """Exploration by state is SB3's alone, so both explore by plain noise."""
    plain = {
        name: value
        for name, value in document["hyperparams"].items()
        if name not in {"use_sde", "sde_sample_freq"}
    }
    return {**document, "hyperparams": plain}


def _rewards(folder: Path, document: dict[str, Any], backend: str) -> list[float]:
    def one(seed: int) -> float:
        run = prepare(
            folder / f"{backend}-s{seed}", {**document, "backend": backend}, seed=seed, seed_index=seed
        )
        code, result = finish(run, within_s=TRAINING_S)
        assert code == ExitCode.FINISHED, result.message
        assert result.backend is not None
        assert result.backend.name == backend
        return result.metrics["final_reward"]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, SEEDS))


@pytest.mark.parametrize("name", ["ppo-cartpole", "ppo-pendulum", "ppo-lunarlander", "ppo-halfcheetah"])
def test_both_backends_learn_the_same(name: str, tmp_path: Path) -> None:
    document = _without_sde(_preset(name))
    stock, fast = (_rewards(tmp_path, document, backend) for backend in ("stock", "fast"))
    if stock == fast:
        return
    apart = stats.ttest_ind(fast, stock, equal_var=False).confidence_interval(CONFIDENCE)
    assert apart.low <= 0 <= apart.high, f"fast {sorted(fast)}, stock {sorted(stock)}"
