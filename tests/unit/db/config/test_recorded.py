"""Configs that learn from a dataset: what they need, and what has no meaning there."""

import pytest

from db.config.problems import OverrideProblems
from db.config.recorded import with_dataset_hash
from db.config.resolve import Resolved, Step, merge, resolve
from db.config.text import parse_overrides
from db.config.validate import validate_config
from db.errors import ConfigError
from trainer.catalogue import Catalogue, Preset
from trainer.contract import JsonObject

DATASET: JsonObject = {"id": "pendulum/random-v0", "sha256": "0" * 64}
CQL: JsonObject = {"algo": "cql", "n_envs": 1, "hyperparams": None, "dataset": DATASET}


def _said(config: JsonObject, catalogue: Catalogue) -> dict[str, str]:
    return {problem.text: problem.message for problem in validate_config(config, catalogue)}


@pytest.mark.parametrize("algo", ["cql", "iql", "awac"])
def test_an_offline_algorithm_with_a_dataset_is_valid(
    algo: str, presets: dict[str, Preset], catalogue: Catalogue
) -> None:
    assert not _said(merge(presets["sac-pendulum"].config, {**CQL, "algo": algo}), catalogue)


@pytest.mark.parametrize(
    ("delta", "key", "said"),
    [
        ({"dataset": None}, "dataset.id", "CQL learns from recorded steps: set dataset.id"),
        ({"n_envs": 4}, "n_envs", "nobody acts while it trains: n_envs has no meaning; set it to 1"),
        ({"env": {"normalize": {"norm_obs": True}}}, "env.normalize", "use hyperparams.observation_scaler"),
        (
            {"reward": {"action_change_penalty": 0.1}},
            "reward.action_change_penalty",
            "record the dataset with",
        ),
        ({"backend": "fast"}, "backend", "use auto"),
        ({"hyperparams": {"alpha": 2.0}}, "hyperparams.alpha", "belongs to CQL with discrete actions"),
        ({"algo": "sac"}, "dataset.id", "SAC learns from what it does itself: remove dataset, or use"),
        ({"dataset": {"id": "../secret.h5"}}, "dataset.id", "takes a Minari id such as"),
        (
            {"hyperparams": {"q_func_factory": {"type": "qrr"}}},
            "hyperparams.q_func_factory",
            "types are iqn, mean, qr",
        ),
        (
            {"hyperparams": {"q_func_factory": "qr"}},
            "hyperparams.q_func_factory",
            'an object such as {"type": "iqn"}',
        ),
    ],
)
def test_what_does_not_fit_is_told(
    delta: JsonObject, key: str, said: str, presets: dict[str, Preset], catalogue: Catalogue
) -> None:
    found = _said(merge(merge(presets["sac-pendulum"].config, CQL), delta), catalogue)
    assert said in found[key], found


def test_discrete_cql_has_its_own_keys(presets: dict[str, Preset], catalogue: Catalogue) -> None:
    discrete = merge(presets["dqn-cartpole"].config, CQL)
    assert not _said(merge(discrete, {"hyperparams": {"alpha": 2.0, "learning_rate": 1e-3}}), catalogue)
    found = _said(merge(discrete, {"hyperparams": {"tau": 0.01}}), catalogue)
    assert "belongs to CQL with continuous actions; CartPole-v1 has Discrete(2)" in found["hyperparams.tau"]
    iql = _said(merge(discrete, {"algo": "iql"}), catalogue)
    assert "IQL needs continuous actions" in iql["algo"]


def test_the_changes_can_be_typed(pendulum: Resolved, catalogue: Catalogue) -> None:
    typed = """algo = cql
    dataset.id = pendulum/random-v0
    conservative_weight = 10
    actor_encoder_factory = {"type": "vector", "hidden_units": [64, 64]}"""
    delta = parse_overrides(typed, pendulum, catalogue)
    assert delta["algo"] == "cql"
    assert delta["dataset"] == {"id": "pendulum/random-v0"}
    hyperparams = delta["hyperparams"]
    assert isinstance(hyperparams, dict)
    assert hyperparams["conservative_weight"] == 10.0
    assert hyperparams["learning_rate"] is None  # SAC's; CQL has it with discrete actions alone
    assert hyperparams["actor_encoder_factory"] == {"type": "vector", "hidden_units": [64, 64]}


def test_a_typed_hyperparameter_of_other_actions_is_refused(pendulum: Resolved, catalogue: Catalogue) -> None:
    with pytest.raises(OverrideProblems, match="belongs to CQL with discrete actions"):
        parse_overrides("algo = cql\ndataset.id = a.h5\nalpha = 2", pendulum, catalogue)


def test_what_belongs_to_acting_goes_with_the_algorithm_that_acted(
    presets: dict[str, Preset], catalogue: Catalogue
) -> None:
    four = resolve([Step("E-1", merge(presets["ppo-pendulum"].config, {"n_envs": 4}))])
    delta = parse_overrides("algo = iql\ndataset.id = a.h5", four, catalogue)
    assert delta["n_envs"] is None
    learning = resolve([Step("E-1", merge(presets["sac-pendulum"].config, CQL))])
    assert parse_overrides("algo = sac", learning, catalogue)["dataset"] is None


def test_a_delta_is_completed_with_the_hash_that_is_registered() -> None:
    known = {f"{letter}.h5": letter * 64 for letter in "abcdefg"}
    delta: JsonObject = {"dataset": {"id": "b.h5"}}
    assert with_dataset_hash(delta, delta, known) == {"dataset": {"id": "b.h5", "sha256": "b" * 64}}
    assert with_dataset_hash({"algo": "iql"}, delta, known) == {"algo": "iql"}
    assert with_dataset_hash({"dataset": {"id": None}}, {}, known) == {"dataset": None}
    unknown: JsonObject = {"dataset": {"id": "x.h5"}}
    with pytest.raises(
        ConfigError, match=r'"x\.h5" is not registered; there are a\.h5, .*`signoff datasets`'
    ):
        with_dataset_hash(unknown, unknown, known)
