"""The exported policy acts as the original, whatever stands around it; what cannot be exported says why."""

import sys
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from sb3_contrib import QRDQN, TQC, RecurrentPPO
from stable_baselines3 import A2C, DQN, PPO, SAC, TD3
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

from trainer.acting import deterministic
from trainer.onnx_export import CannotExport, export, observations_to_try

onnxruntime = pytest.importorskip("onnxruntime")


def small(**more: Any) -> dict[str, Any]:
    """Arguments of a tiny model; each its own, because SB3 writes into them."""
    return {"policy_kwargs": {"net_arch": [8]}, "seed": 1, "device": "cpu", **more}


def untrained(name: str) -> BaseAlgorithm:
    made: dict[str, Any] = {
        "ppo-discrete": lambda: PPO("MlpPolicy", "CartPole-v1", **small()),
        "ppo-box": lambda: PPO("MlpPolicy", "Pendulum-v1", **small()),
        "ppo-sde": lambda: PPO("MlpPolicy", "Pendulum-v1", **small(use_sde=True)),
        "a2c": lambda: A2C("MlpPolicy", "Acrobot-v1", **small()),
        "dqn": lambda: DQN("MlpPolicy", "CartPole-v1", **small(buffer_size=10)),
        "qrdqn": lambda: QRDQN("MlpPolicy", "CartPole-v1", **small(buffer_size=10)),
        "sac": lambda: SAC("MlpPolicy", "Pendulum-v1", **small(buffer_size=10)),
        "td3": lambda: TD3("MlpPolicy", "Pendulum-v1", **small(buffer_size=10)),
        "tqc": lambda: TQC("MlpPolicy", "Pendulum-v1", **small(buffer_size=10)),
    }
    model: BaseAlgorithm = made[name]()
    return model


def answers(path: Path, observations: Any) -> Any:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(["actions"], {"observations": observations})[0]


@pytest.mark.parametrize(
    "name", ["ppo-discrete", "ppo-box", "ppo-sde", "a2c", "dqn", "qrdqn", "sac", "td3", "tqc"]
)
def test_it_acts_as_the_original_for_any_batch(name: str, tmp_path: Path) -> None:
    model = untrained(name)
    act, path = deterministic(model, None), tmp_path / "policy.onnx"
    export(model, None, act, path)
    for count in (1, 3, 17):
        observations = observations_to_try(model, None, count)
        np.testing.assert_allclose(answers(path, observations), act(observations), atol=1e-4)
    assert [entry.name for entry in tmp_path.iterdir()] == ["policy.onnx"]


def test_normalisation_is_inside(tmp_path: Path) -> None:
    venv = VecNormalize(DummyVecEnv([lambda: gym.make("Pendulum-v1")]), clip_obs=1.5)
    model = PPO("MlpPolicy", venv, **small())
    venv.reset()
    for _ in range(50):
        venv.step(np.array([[1.0]]))
    act, path = deterministic(model, venv), tmp_path / "policy.onnx"
    export(model, venv, act, path)
    far = 10 * observations_to_try(model, venv, 20)
    np.testing.assert_allclose(answers(path, far), act(far), atol=1e-4)
    assert not np.allclose(answers(path, far), deterministic(model, None)(far), atol=1e-3)


def test_a_policy_that_acts_otherwise_is_not_kept(tmp_path: Path) -> None:
    model, other = untrained("ppo-box"), PPO("MlpPolicy", "Pendulum-v1", **small(seed=2))
    with pytest.raises(CannotExport, match="differ"):
        export(model, None, deterministic(other, None), tmp_path / "policy.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_policy_with_memory_is_refused(tmp_path: Path) -> None:
    model = RecurrentPPO("MlpLstmPolicy", "CartPole-v1", device="cpu")
    with pytest.raises(CannotExport, match="memory"):
        export(model, None, deterministic(model, None), tmp_path / "policy.onnx")


def test_observations_of_several_parts_are_refused(tmp_path: Path) -> None:
    class Parts(gym.Env[Any, Any]):
        observation_space = spaces.Dict({"a": spaces.Box(-1, 1, (2,))})
        action_space = spaces.Discrete(2)

        def reset(self, **_: Any) -> Any:
            return self.observation_space.sample(), {}

    model = PPO("MultiInputPolicy", Parts(), device="cpu")
    with pytest.raises(CannotExport, match="only one Box"):
        export(model, None, deterministic(model, None), tmp_path / "policy.onnx")


def test_without_the_extra_it_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    model = untrained("ppo-discrete")
    with pytest.raises(CannotExport, match="belongs to the extra `export`"):
        export(model, None, deterministic(model, None), tmp_path / "policy.onnx")
