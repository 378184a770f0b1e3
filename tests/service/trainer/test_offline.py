"""CQL, IQL and AWAC learn from tiny datasets: trained, saved, resumed, exported, refused."""

import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import structlog

from tests.service.trainer.runs import finish, prepare, rows
from tests.unit.trainer.configs import attempt
from tests.unit.trainer.offline.datasets import flat_file, minari_folder, signed
from trainer.acting import deterministic
from trainer.algorithms import make_model
from trainer.attempt import Attempt
from trainer.bundle import make_bundle
from trainer.bundled import evaluate_main
from trainer.catalogue import load_catalogue
from trainer.checkpoints import Manifest, restore, verify
from trainer.config import read_config
from trainer.contract import LOG_FILE, RESULT_FILE, SPEC_FILE, ExitCode, JsonObject, SmokeLimits
from trainer.envs import training_envs
from trainer.errors import BadSpec, SpaceMismatch
from trainer.offline.arguments import config_class, fields_of, part_of, parts
from trainer.offline.library import load
from trainer.offline.model import attach_dataset
from trainer.offline.rules import NONE, OFFLINE
from trainer.onnx_export import export
from trainer.recording import LOSSES
from trainer.train import train

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

SMALL: JsonObject = {"type": "vector", "hidden_units": [8]}
PAIR: JsonObject = {"actor_encoder_factory": SMALL, "critic_encoder_factory": SMALL}


def _scheduled(schedule: JsonObject) -> JsonObject:
    return {"type": "adam_w", "betas": [0.8, 0.99], "clip_grad_norm": 1.0, "lr_scheduler_factory": schedule}


HYPERPARAMS: dict[tuple[str, str], JsonObject] = {
    ("cql", "CartPole-v1"): {"encoder_factory": SMALL, "target_update_interval": 10},
    ("cql", "Pendulum-v1"): {**PAIR, "n_action_samples": 2},
    ("iql", "Pendulum-v1"): {
        **PAIR,
        "value_encoder_factory": SMALL,
        "actor_optim_factory": _scheduled({"type": "cosine_annealing", "T_max": 24}),
        "critic_optim_factory": _scheduled({"type": "warmup", "warmup_steps": 20}),
        "reward_scaler": {"type": "standard"},
    },
    ("awac", "Pendulum-v1"): PAIR,
}
CASES = pytest.mark.parametrize(("algo", "env_id"), HYPERPARAMS)


def _config(folder: Path, algo: str, env_id: str, **changes: Any) -> dict[str, Any]:
    """A config of a few updates, and its dataset, as `folder/NAME.hdf5`."""
    path = flat_file(folder / f"{env_id}.hdf5", env_id)
    env = {"id": env_id, "wrappers": [{"name": "time_limit", "kwargs": {"max_episode_steps": 40}}]}
    scaled = {"type": "standard"}
    return {
        "algo": algo,
        "total_timesteps": 24,
        "env": env,
        "hyperparams": {**HYPERPARAMS[algo, env_id], "batch_size": 16, "observation_scaler": scaled},
        "dataset": signed(path, path.name),
        "eval": {"env": env, "n_eval_episodes": 2, "interim": {"points": 2, "episodes": 2}},
        **changes,
    }


def _train(folder: Path, document: dict[str, Any], data: Path, **changes: Any) -> tuple[Attempt, Manifest]:
    one = attempt(folder, document, dataset_from=str(data / document["dataset"]["id"]), **changes)
    train(one)
    assert one.checkpoint is not None
    return one, verify(folder / one.checkpoint)


@CASES
def test_a_run_is_measured_and_kept_like_any_other(algo: str, env_id: str, tmp_path: Path) -> None:
    one, manifest = _train(tmp_path / "run", _config(tmp_path, algo, env_id), tmp_path)
    assert one.timesteps == manifest.timesteps == 24
    assert one.n_eval_episodes == 2
    assert [kept.kind for kept in one.keepsakes] == ["video", "onnx"]
    metrics = rows(tmp_path / "run" / "metrics.csv")
    assert [int(row["timesteps"]) for row in metrics] == list(range(1, 25))
    assert all(row["reward"] == "" for row in metrics)  # nobody played an episode
    said = {name for name in LOSSES[algo] if metrics[-1][name]}
    assert "critic_loss" in said or {"loss", "td_loss", "conservative_loss"} <= said
    looks = [int(row["timesteps"]) for row in rows(tmp_path / "run" / "evaluations.csv")]
    assert looks in ([12], [12, 24])  # the second waits where the first was slow


@CASES
def test_a_policy_is_exported_with_its_scalers(algo: str, env_id: str, tmp_path: Path) -> None:
    """The export compares its actions with the policy's own, and refuses where they differ."""
    typed = read_config(_config(tmp_path, algo, env_id))
    venv, _ = training_envs(typed)
    model = make_model(typed, venv, seed=1, device="cpu")
    attach_dataset(model, typed, tmp_path / f"{env_id}.hdf5")
    export(model, None, deterministic(model, None), tmp_path / "policy.onnx")
    venv.close()
    assert (tmp_path / "policy.onnx").stat().st_size > 0


@CASES
def test_a_resumed_run_is_the_run_that_never_stopped(algo: str, env_id: str, tmp_path: Path) -> None:
    """Bit by bit: nothing of an environment is lost, because nobody acts."""
    whole = _config(tmp_path, algo, env_id)
    _, straight = _train(tmp_path / "whole", whole, tmp_path)
    first, _ = _train(tmp_path / "one", {**whole, "total_timesteps": 10}, tmp_path)
    source = str(tmp_path / "one" / str(first.checkpoint))
    second, resumed = _train(tmp_path / "two", whole, tmp_path, resume_from=source, attempt=2)
    assert resumed.weights == straight.weights
    assert second.resumed_from == source


def test_a_policy_acts_the_same_without_its_dataset(tmp_path: Path) -> None:
    """As in a bundle: the scalers' numbers are in the checkpoint."""
    document = _config(tmp_path, "iql", "Pendulum-v1")
    one, manifest = _train(tmp_path / "run", document, tmp_path)
    typed = read_config(document)
    venv, _ = training_envs(typed)
    acts = []
    for seed in (1, 2):
        model = make_model(typed, venv, seed=seed, device="cpu")
        restore(tmp_path / "run" / str(one.checkpoint), manifest, model, None)
        acts.append(
            deterministic(model, None)(np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32))
        )
    venv.close()
    assert np.array_equal(acts[0], acts[1])
    assert (np.abs(acts[0]) <= 2.0).all()


@pytest.mark.parametrize("load", ["policy", "optimizer"])
def test_a_training_begins_with_another_ones_weights_and_scalers(load: str, tmp_path: Path) -> None:
    """Learning rates of nothing leave them as they were, so that they are seen."""
    document = _config(tmp_path, "iql", "Pendulum-v1")
    first, manifest = _train(tmp_path / "one", document, tmp_path)
    shutil.copytree(tmp_path / "one" / str(first.checkpoint), tmp_path / "two" / "init")
    init = {"from": "E-1/s1", "load": load, "sha256": first.checkpoint_sha256, "timesteps": 24}
    still = {"actor_learning_rate": 0.0, "critic_learning_rate": 0.0, "tau": 1e-12}
    again = {**document, "total_timesteps": 1, "init": init}
    again["hyperparams"] = {**document["hyperparams"], **still}
    second, after = _train(tmp_path / "two", again, tmp_path, init_from="init", seed=2)
    assert after.weights == manifest.weights
    assert second.metrics == first.metrics


def test_a_smoke_run_measures_updates(tmp_path: Path) -> None:
    document = _config(tmp_path, "awac", "Pendulum-v1", total_timesteps=100_000)
    one, _ = _train(tmp_path / "run", document, tmp_path, smoke=SmokeLimits(min_s=0.2))
    assert one.smoke is not None
    assert one.smoke.updates >= 2
    assert one.smoke.steps_per_s > 0
    assert one.smoke.estimated_s > 0


def test_a_bundle_plays_as_its_run_did_without_the_dataset(tmp_path: Path) -> None:
    document = _config(tmp_path, "cql", "CartPole-v1")
    run, data = tmp_path / "run", tmp_path / document["dataset"]["id"]
    one, _ = _train(run, document, tmp_path)
    (run / SPEC_FILE).write_text(one.spec.model_dump_json(), "utf-8")
    (run / RESULT_FILE).write_text(one.result(ExitCode.FINISHED, "done").model_dump_json(), "utf-8")
    name = make_bundle(run, {}, tmp_path / "bundle.zip")
    data.unlink()
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        archive.extractall(tmp_path)
    assert "d3rlpy==" in (tmp_path / name / "requirements.txt").read_text("utf-8")
    assert evaluate_main([], tmp_path / name) == 0  # 1 where the episodes came out otherwise


def test_discrete_cql_learns_to_balance_from_somebody_who_can(tmp_path: Path) -> None:
    """A random policy holds the pole for 22 steps on average."""
    document = _config(tmp_path, "cql", "CartPole-v1", total_timesteps=400)
    path = flat_file(tmp_path / "many.hdf5", "CartPole-v1", episodes=10, length=200)
    wider = {"type": "vector", "hidden_units": [32]}
    document["hyperparams"] |= {"encoder_factory": wider, "batch_size": 64, "learning_rate": 1e-3}
    document["env"] = document["eval"]["env"] = {"id": "CartPole-v1"}
    document["eval"] |= {"n_eval_episodes": 20}
    document["dataset"] = signed(path, path.name)
    one, _ = _train(tmp_path / "run", document, tmp_path)
    assert one.metrics["final_reward"] > 60


def test_a_minari_dataset_can_be_learnt_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    document = _config(tmp_path, "awac", "Pendulum-v1")
    name = "pendulum/random-v0"
    document["dataset"] = signed(minari_folder(tmp_path, name, "Pendulum-v1"), name)
    one, _ = _train(tmp_path / "run", document, tmp_path)
    assert one.n_eval_episodes == 2


def test_the_program_runs_it_and_the_old_gym_says_nothing(tmp_path: Path) -> None:
    document = _config(tmp_path, "cql", "CartPole-v1")
    data = str(tmp_path / document["dataset"]["id"])
    code, _ = finish(prepare(tmp_path / "run", document, dataset_from=data))
    assert code == ExitCode.FINISHED
    assert "Gym has been unmaintained" not in (tmp_path / "run" / LOG_FILE).read_text("utf-8")


def test_the_program_refuses_a_dataset_that_is_not_the_signed_one(tmp_path: Path) -> None:
    document = _config(tmp_path, "cql", "CartPole-v1")
    other = flat_file(tmp_path / "other.hdf5", "CartPole-v1", episodes=1)
    code, result = finish(prepare(tmp_path / "run", document, dataset_from=str(other)))
    assert code == ExitCode.BAD_SPEC
    assert "not the one that was approved" in result.message
    assert result.checkpoint is None


def test_loading_the_library_leaves_the_process_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SDL_AUDIODRIVER", raising=False)
    before = structlog.get_config()
    load("CQL")
    assert "SDL_AUDIODRIVER" not in os.environ
    assert structlog.get_config() == before


def _made(document: dict[str, Any]) -> None:
    typed = read_config(document)
    venv, _ = training_envs(typed)
    try:
        make_model(typed, venv, seed=0, device="cpu")
    finally:
        venv.close()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dataset": None}, "CQL learns from recorded steps: set dataset.id"),
        ({"n_envs": 2}, "nobody acts while it trains: n_envs has no meaning; set it to 1"),
        ({"reward": {"action_magnitude_penalty": 0.1}}, "record the dataset with the reward that you want"),
        ({"policy": "CnnPolicy"}, "has no policy 'CnnPolicy'; use MlpPolicy"),
        ({"backend": "fast"}, "backend has no meaning; use auto"),
        ({"hyperparams": {"target_update_interval": 5}}, "with continuous actions has no hyperparameter"),
        ({"hyperparams": {"tau": 0}}, "hyperparams.tau must be above 0 and at most 1; it is 0"),
        ({"hyperparams": {"batch_size": 1.5}}, "hyperparams.batch_size must be int"),
        ({"hyperparams": {"soft_q_backup": True, "max_q_backup": True}}, "mutually exclusive"),
        (
            {"hyperparams": {"actor_encoder_factory": {"type": "pixel"}}},
            '"type", one of default, simba, vector',
        ),
        (
            {"hyperparams": {"actor_encoder_factory": {"type": "vector", "units": [8]}}},
            "of type vector has no key 'units'",
        ),
        ({"hyperparams": {"reward_scaler": {"type": "shift"}}}, "cannot be made: .*'shift'"),
    ],
)
def test_what_has_no_meaning_is_refused_with_a_remedy(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(BadSpec, match=said):
        _made(_config(tmp_path, "cql", "Pendulum-v1", **changes))


def test_pictures_and_words_are_refused(tmp_path: Path) -> None:
    document = _config(tmp_path, "cql", "CartPole-v1")
    document["env"] = document["eval"]["env"] = {"id": "Taxi-v4"}
    with pytest.raises(SpaceMismatch, match="learns from vectors of numbers; Taxi-v4 observes Discrete"):
        _made(document)


def test_an_algorithm_that_acts_takes_no_dataset(tmp_path: Path) -> None:
    document = _config(tmp_path, "cql", "CartPole-v1") | {"algo": "ppo", "hyperparams": {}}
    with pytest.raises(
        BadSpec, match="PPO learns from what it does itself: remove dataset, or use AWAC, CQL or IQL"
    ):
        _made(document)


def test_every_argument_of_every_config_can_be_set() -> None:
    library, catalogue = load("CQL"), load_catalogue()
    for algo, kind in OFFLINE.items():
        known = {one.path for one in catalogue.algorithms[algo].parameters.values()}
        fields = {
            name for actions in kind.configs for name in fields_of(config_class(library, algo, actions))
        }
        assert known == {f"hyperparams.{name}" for name in fields}


def _settable(algo: str, actions: str) -> list[tuple[str, Any]]:
    """Each plain argument with its default, and each part with each of its types that needs no setting."""
    found: list[tuple[str, Any]] = []
    for name, (field, annotation) in fields_of(config_class(load("CQL"), algo, actions)).items():
        base = part_of(annotation)
        if base is None:
            found.append((name, field.default))
        elif (name, actions) != ("action_scaler", "Discrete"):
            found += [(name, {"type": kind}) for kind in parts(base) if kind != "shift"]
    return [*found, ("observation_scaler", {"type": NONE})]


@CASES
def test_every_value_of_every_argument_is_taken(algo: str, env_id: str, tmp_path: Path) -> None:
    actions = "Discrete" if env_id == "CartPole-v1" else "Box"
    document = _config(tmp_path, algo, env_id)
    for name, value in _settable(algo, actions):
        document["hyperparams"] = json.loads(json.dumps({**HYPERPARAMS[algo, env_id], name: value}))
        _made(document)


HIDING = """
import sys
from importlib.machinery import PathFinder


class Hiding(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name == "d3rlpy" else super().find_spec(name, path, target)


sys.meta_path[sys.meta_path.index(PathFinder)] = Hiding
"""


def test_without_the_extra_the_program_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hiding").mkdir()
    (tmp_path / "hiding" / "sitecustomize.py").write_text(HIDING, "utf-8")
    document = _config(tmp_path, "cql", "CartPole-v1")
    data = str(tmp_path / document["dataset"]["id"])
    folder = prepare(tmp_path / "run", document, dataset_from=data)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hiding"))
    code, result = finish(folder)
    assert code == ExitCode.MISSING_PACKAGE
    assert result.message == (
        "CQL needs the package d3rlpy, which is not installed here: pip install 'signoff[offline]'."
    )
