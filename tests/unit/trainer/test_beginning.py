import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.vec_env import VecNormalize

from tests.unit.trainer.configs import config
from trainer.algorithms import make_model
from trainer.beginning import begin_with
from trainer.checkpoints import Checkpoints, Manifest, counters, manifest_sha256, weights_hash
from trainer.config import TrainConfig, read_config
from trainer.envs import training_envs
from trainer.errors import ResumeFailed

Trained = tuple[BaseAlgorithm, VecNormalize | None]


def _model(document: dict[str, Any], seed: int = 1) -> Trained:
    whole = read_config({key: value for key, value in document.items() if key != "init"})
    venv, normalization = training_envs(whole)
    return make_model(whole, venv, seed=seed, device="cpu"), normalization


def _trained(folder: Path, algo: str = "sac", *, replay: bool = True, **changes: Any) -> Trained:
    """A model of a few steps, its checkpoint in `folder/init`."""
    model, normalization = _model(config(algo, **changes))
    model.learn(80)
    manifest = Manifest(
        run="E-12/s1",
        attempt=1,
        spec_hash="0",
        algo=algo,
        timesteps=80,
        counters=counters(model),
        weights=weights_hash(model),
    )
    saved = Checkpoints(folder / "source").save(model, manifest, normalization=normalization, replay=replay)
    shutil.copytree(saved, folder / "init")
    return model, normalization


def _asking(folder: Path, algo: str = "sac", load: str = "policy", **changes: Any) -> TrainConfig:
    init = {"from": "E-12/s1", "load": load, "sha256": manifest_sha256(folder / "init"), "timesteps": 80}
    return read_config(config(algo, init=init, **changes))


def _begun(folder: Path, asked: TrainConfig) -> BaseAlgorithm:
    model, normalization = _model(asked.model_dump(mode="json", by_alias=True), seed=2)
    begin_with(folder, "init", asked, model, normalization)
    return model


def _moments(model: BaseAlgorithm) -> dict[Any, Any]:
    moments: dict[Any, Any] = model.get_parameters()["critic.optimizer"]["state"]
    return moments


def test_the_policy_alone_comes_with_a_fresh_optimizer(tmp_path: Path) -> None:
    trained, _ = _trained(tmp_path)
    model = _begun(tmp_path, _asking(tmp_path))
    assert weights_hash(model) == weights_hash(trained)
    assert _moments(model) == {}
    assert model.num_timesteps == 0
    assert counters(model)["_n_updates"] == 0


def test_the_optimizer_comes_with_its_moments_and_variables(tmp_path: Path) -> None:
    trained, _ = _trained(tmp_path)
    model = _begun(tmp_path, _asking(tmp_path, load="optimizer"))
    ours, theirs = _moments(model), _moments(trained)
    assert all(torch.equal(ours[key]["exp_avg"], theirs[key]["exp_avg"]) for key in theirs)
    assert torch.equal(model.log_ent_coef, trained.log_ent_coef)  # type: ignore[attr-defined]  # SAC has it
    assert isinstance(model, OffPolicyAlgorithm)
    assert model.replay_buffer is not None
    assert model.replay_buffer.size() == 0


def test_the_optimizers_settings_are_those_of_the_config(tmp_path: Path) -> None:
    _trained(tmp_path, "a2c", hyperparams={"rms_prop_eps": 0.1, "learning_rate": 0.01})
    changes = {"hyperparams": {"rms_prop_eps": 0.001, "learning_rate": 0.02}}
    (group,) = _begun(
        tmp_path, _asking(tmp_path, "a2c", load="optimizer", **changes)
    ).policy.optimizer.param_groups
    assert (group["eps"], group["lr"]) == (0.001, 0.02)
    with pytest.raises(ResumeFailed, match=r"optimizer is another one; use init\.load = policy"):
        _begun(tmp_path, _asking(tmp_path, "a2c", load="optimizer", hyperparams={"use_rms_prop": False}))


def test_all_comes_with_the_replay_buffer(tmp_path: Path) -> None:
    _trained(tmp_path)
    model = _begun(tmp_path, _asking(tmp_path, load="all"))
    assert isinstance(model, OffPolicyAlgorithm)
    assert model.replay_buffer is not None
    assert model.replay_buffer.size() == 80


def test_without_its_replay_buffer_all_is_refused_and_the_rest_is_not(tmp_path: Path) -> None:
    _trained(tmp_path)
    (tmp_path / "init" / "replay.npz").unlink()
    _begun(tmp_path, _asking(tmp_path, load="optimizer"))
    with pytest.raises(ResumeFailed, match=r"lacks its file replay\.npz"):
        _begun(tmp_path, _asking(tmp_path, load="all"))
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    _trained(tmp_path, replay=False)
    with pytest.raises(ResumeFailed, match=r"use init\.load = optimizer"):
        _begun(tmp_path, _asking(tmp_path, load="all"))


def test_the_normalisation_comes_with_the_policy(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"env": {"id": "CartPole-v1", "normalize": {}}}
    _, statistics = _trained(tmp_path, "ppo", **changes)
    asked = _asking(tmp_path, "ppo", **changes)
    model, ours = _model(asked.model_dump(mode="json", by_alias=True))
    begin_with(tmp_path, "init", asked, model, ours)
    assert ours is not None
    assert statistics is not None
    assert np.array_equal(vars(ours.obs_rms)["mean"], vars(statistics.obs_rms)["mean"])
    with pytest.raises(ResumeFailed, match=r"keep its env\.normalize"):
        _begun(tmp_path, _asking(tmp_path, "ppo"))


def test_another_checkpoint_than_the_approved_one_is_refused(tmp_path: Path) -> None:
    _trained(tmp_path)
    asked = _asking(tmp_path)
    manifest = tmp_path / "init" / "manifest.json"
    manifest.write_text(manifest.read_text().replace("E-12/s1", "E-13/s1"))
    with pytest.raises(ResumeFailed, match="is not the one that was approved"):
        _begun(tmp_path, asked)


def test_a_flipped_bit_is_refused(tmp_path: Path) -> None:
    _trained(tmp_path)
    asked, path = _asking(tmp_path), tmp_path / "init" / "model.zip"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ResumeFailed, match="is damaged"):
        _begun(tmp_path, asked)


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    _trained(tmp_path, "td3")
    with pytest.raises(ResumeFailed, match="was trained with td3, not with sac"):
        _begun(tmp_path, _asking(tmp_path))
    narrow: dict[str, Any] = {"hyperparams": {"policy_kwargs": {"net_arch": [4]}}}
    with pytest.raises(ResumeFailed, match="do not fit this policy"):
        _begun(tmp_path, _asking(tmp_path, "td3", **narrow))


def test_a_checkpoint_that_is_not_there_is_said(tmp_path: Path) -> None:
    _trained(tmp_path)
    asked = _asking(tmp_path)
    model, _ = _model(config("sac"))
    with pytest.raises(ResumeFailed, match=r"of E-12/s1, which init\.from names, is not here"):
        begin_with(tmp_path, None, asked, model, None)
