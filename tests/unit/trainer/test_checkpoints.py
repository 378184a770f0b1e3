import random
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
from trainer.checkpoints import Checkpoints, Manifest, counters, restore, verify, weights_hash
from trainer.config import read_config
from trainer.envs import training_envs
from trainer.errors import ResumeFailed
from trainer.random_states import load_random_states


def _model(algo: str = "ppo", seed: int = 1, **changes: Any) -> tuple[BaseAlgorithm, VecNormalize | None]:
    document = read_config(config(algo, **changes))
    venv, normalization = training_envs(document)
    return make_model(document, venv, seed=seed, device="cpu"), normalization


def _manifest(model: BaseAlgorithm, timesteps: int = 100) -> Manifest:
    return Manifest(
        run="E-1/s1",
        attempt=1,
        spec_hash="0",
        algo="ppo",
        timesteps=timesteps,
        counters=counters(model),
        weights=weights_hash(model),
    )


@pytest.fixture(scope="module")
def model() -> BaseAlgorithm:
    return _model()[0]


def _save(folder: Path, model: BaseAlgorithm, timesteps: int = 100) -> Path:
    return Checkpoints(folder).save(model, _manifest(model, timesteps), normalization=None, replay=True)


def test_a_checkpoint_is_one_verified_folder(tmp_path: Path, model: BaseAlgorithm) -> None:
    saved = _save(tmp_path / "checkpoints", model)
    assert saved == tmp_path / "checkpoints" / "100"
    assert set(verify(saved).files) == {"model.zip", "random.json"}
    assert sorted(path.name for path in saved.iterdir()) == ["manifest.json", "model.zip", "random.json"]


def test_the_newest_two_are_kept(tmp_path: Path, model: BaseAlgorithm) -> None:
    for timesteps in (50, 900, 1_000):
        _save(tmp_path, model, timesteps)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1000", "900"]


def test_a_checkpoint_may_be_written_again(tmp_path: Path, model: BaseAlgorithm) -> None:
    assert verify(_save(tmp_path, model)) == verify(_save(tmp_path, model))


def test_what_a_kill_left_half_written_is_removed(tmp_path: Path, model: BaseAlgorithm) -> None:
    saved = _save(tmp_path, model)
    leftover = tmp_path / ".200.1"
    shutil.copytree(saved, leftover)
    Checkpoints(tmp_path)
    assert not leftover.exists()
    verify(saved)


@pytest.mark.parametrize("name", ["model.zip", "manifest.json"])
def test_a_cut_file_is_noticed(tmp_path: Path, model: BaseAlgorithm, name: str) -> None:
    path = _save(tmp_path, model) / name
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ResumeFailed, match="damaged"):
        verify(path.parent)


def test_a_flipped_bit_is_noticed(tmp_path: Path, model: BaseAlgorithm) -> None:
    path = _save(tmp_path, model) / "model.zip"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ResumeFailed, match=r"model\.zip .* is damaged"):
        verify(path.parent)


@pytest.mark.parametrize(("name", "words"), [("model.zip", "lacks its file"), ("manifest.json", "no whole")])
def test_a_missing_file_is_noticed(tmp_path: Path, model: BaseAlgorithm, name: str, words: str) -> None:
    path = _save(tmp_path, model) / name
    path.unlink()
    with pytest.raises(ResumeFailed, match=words):
        verify(path.parent)


def test_a_failing_save_leaves_nothing_behind(tmp_path: Path) -> None:
    broken, _ = _model()
    vars(broken)["note"] = (step for step in "abc")  # cannot be pickled
    checkpoints = Checkpoints(tmp_path)
    with pytest.raises(TypeError):
        checkpoints.save(broken, _manifest(broken), normalization=None, replay=True)
    assert list(tmp_path.iterdir()) == []


def test_weights_and_optimizers_come_back(tmp_path: Path) -> None:
    trained, _ = _model("sac")
    trained.learn(80)
    saved = _save(tmp_path, trained, 80)
    fresh, _ = _model("sac", seed=2)
    restore(saved, verify(saved), fresh, None)
    assert weights_hash(fresh) == weights_hash(trained)
    assert fresh.num_timesteps == 80
    assert counters(fresh) == counters(trained)
    assert torch.equal(fresh.log_ent_coef, trained.log_ent_coef)  # type: ignore[attr-defined]  # SAC has it
    ours, theirs = (model.get_parameters()["critic.optimizer"]["state"] for model in (fresh, trained))
    assert all(torch.equal(ours[key]["exp_avg"], theirs[key]["exp_avg"]) for key in theirs)


def test_the_replay_buffer_comes_back(tmp_path: Path) -> None:
    trained, _ = _model("dqn")
    trained.learn(700)
    saved = _save(tmp_path, trained)
    fresh, _ = _model("dqn")
    restore(saved, verify(saved), fresh, None)
    assert isinstance(trained, OffPolicyAlgorithm)
    assert isinstance(fresh, OffPolicyAlgorithm)
    ours, theirs = fresh.replay_buffer, trained.replay_buffer
    assert ours is not None
    assert theirs is not None
    assert (ours.pos, ours.full) == (theirs.pos, theirs.full) == (200, True)
    assert np.array_equal(ours.observations, theirs.observations)
    assert np.array_equal(ours.rewards, theirs.rewards)


def test_without_its_replay_buffer_a_run_fills_a_new_one_before_it_learns(tmp_path: Path) -> None:
    trained, _ = _model("dqn")
    saved = Checkpoints(tmp_path).save(trained, _manifest(trained), normalization=None, replay=False)
    fresh, _ = _model("dqn")
    restore(saved, verify(saved), fresh, None)
    assert isinstance(fresh, OffPolicyAlgorithm)
    assert fresh.learning_starts == 150


def test_the_normalisation_comes_back(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"env": {"id": "CartPole-v1", "normalize": {}}}
    trained, statistics = _model(**changes)
    trained.learn(64)
    saved = Checkpoints(tmp_path).save(trained, _manifest(trained), normalization=statistics, replay=True)
    fresh, ours = _model(**changes)
    restore(saved, verify(saved), fresh, ours)
    assert statistics is not None
    assert ours is not None
    assert np.array_equal(vars(ours.obs_rms)["mean"], vars(statistics.obs_rms)["mean"])
    assert ours.ret_rms.var == statistics.ret_rms.var


def test_a_model_that_needs_normalisation_is_not_resumed_without(
    tmp_path: Path, model: BaseAlgorithm
) -> None:
    saved = _save(tmp_path, model)
    fresh, ours = _model(env={"id": "CartPole-v1", "normalize": {}})
    with pytest.raises(ResumeFailed, match=r"has no vecnormalize\.pkl"):
        restore(saved, verify(saved), fresh, ours)


def test_a_checkpoint_of_another_model_is_refused(tmp_path: Path, model: BaseAlgorithm) -> None:
    saved = _save(tmp_path, model)
    other, _ = _model(hyperparams={"policy_kwargs": {"net_arch": [4, 4]}})
    with pytest.raises(ResumeFailed, match="is of another model"):
        restore(saved, verify(saved), other, None)


def _draws(model: BaseAlgorithm) -> list[Any]:
    """What each generator that a training draws from gives next."""
    assert model.env is not None
    first = model.env.reset()
    drawn = [random.random(), np.random.random(), torch.rand(1).item()]  # noqa: NPY002  # SB3 draws from it
    return [*drawn, float(model.action_space.sample()[0]), np.asarray(first).tolist()]


def test_the_random_generators_come_back(tmp_path: Path) -> None:
    trained, _ = _model("sac", n_envs=2)
    trained.learn(80)
    saved = _save(tmp_path, trained)
    expected = _draws(trained)
    fresh, _ = _model("sac", seed=2, n_envs=2)
    restore(saved, verify(saved), fresh, None)
    assert _draws(fresh) == expected
    assert _draws(fresh) != expected


def test_so_do_those_that_draw_an_environments_parameters(tmp_path: Path) -> None:
    env = {"id": "Pendulum-v1", "randomize": {"m": {"low": 0.5, "high": 2.0}}}

    def masses(model: BaseAlgorithm) -> list[float]:
        assert model.env is not None
        return [mass for _ in range(3) for mass in (model.env.reset(), model.env.get_attr("m"))[1]]

    trained, _ = _model("ppo", env=env, n_envs=2)
    trained.learn(80)
    saved = _save(tmp_path, trained)
    expected = masses(trained)
    fresh, _ = _model("ppo", seed=2, env=env, n_envs=2)
    restore(saved, verify(saved), fresh, None)
    assert masses(fresh) == expected


def test_random_states_of_another_kind_are_refused(tmp_path: Path) -> None:
    trained, _ = _model("ppo")
    (tmp_path / "random.json").write_text("{}")
    with pytest.raises(ResumeFailed, match="random states"):
        load_random_states(trained, tmp_path / "random.json")
