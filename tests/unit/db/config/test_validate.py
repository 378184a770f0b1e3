from typing import Any

import pytest

from db.config.resolve import merge
from db.config.validate import validate_config
from trainer.catalogue import Catalogue, Preset
from trainer.contract import JsonObject


@pytest.fixture
def config(presets: dict[str, Preset]) -> JsonObject:
    return presets["ppo-cartpole"].config


def test_every_preset_is_valid(presets: dict[str, Preset], catalogue: Catalogue) -> None:
    assert {
        name: validate_config(preset.config, catalogue) for name, preset in presets.items()
    } == dict.fromkeys(presets, ())


@pytest.mark.parametrize(
    ("delta", "said"),
    [
        ({"algo": None}, "`algo` is missing"),
        ({"eval": None}, "`eval.env.id` is missing"),
        ({"algo": "ppp"}, "Did you mean `ppo`?"),
        ({"hyperparams": {"gama": 0.9}}, "Did you mean `hyperparams.gamma`?"),
        ({"hyperparams": {"gamma": "0.9"}}, "takes a number"),
        ({"hyperparams": [1]}, "is an object of keys"),
        ({"surprise": 1}, "unknown key `surprise`"),
        ({"eval": {"env": {"normalize": {"norm_obs": True}}}}, "unknown key `eval.env.normalize`"),
        (
            {"eval": {"metrics": {"energy": {"direction": "lower", "unit": "J", "range": [0, None]}}}},
            "info_key",
        ),
        ({"eval": {"metrics": {"oscillation": {"range": [1, 0]}}}}, "takes metrics by name"),
        ({"eval": {"env": {"id": "Pendulum-v1"}}}, "other spaces"),
    ],
)
def test_what_is_wrong_is_told(
    delta: JsonObject, said: str, config: JsonObject, catalogue: Catalogue
) -> None:
    problems = validate_config(merge(config, delta), catalogue)
    assert any(said in problem.message for problem in problems), problems


def test_a_metric_of_the_environments_own_is_valid(config: JsonObject, catalogue: Catalogue) -> None:
    energy: dict[str, Any] = {
        "direction": "lower",
        "unit": "J",
        "range": [0, None],
        "info_key": "energy",
        "aggregation": "sum",
    }
    assert validate_config(merge(config, {"eval": {"metrics": {"energy": energy}}}), catalogue) == ()


def test_a_hostile_config_is_refused(catalogue: Catalogue) -> None:
    assert len(validate_config({f"k{i}": 1 for i in range(5_000)}, catalogue)) == 20
    (problem,) = validate_config({"x": [0] * 20_000}, catalogue)
    assert "more than 10,000" in problem.message
