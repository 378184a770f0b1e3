from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from stable_baselines3.common.vec_env import DummyVecEnv, VecFrameStack

from tests.unit.trainer import environments
from tests.unit.trainer.configs import config
from trainer.acting import action_masks
from trainer.config import EnvConfig, read_config
from trainer.contract import JsonObject
from trainer.envs import make_env, training_envs
from trainer.errors import BadSpec, MissingPackage
from trainer.wrappers import WRAPPERS, required, wrap

environments.register()


def _env(env_id: str, *wrappers: JsonObject) -> gym.Env[object, object]:
    return make_env(EnvConfig.model_validate({"id": env_id, "wrappers": list(wrappers)}))


def test_stacked_frames_are_those_of_sb3() -> None:
    ours = DummyVecEnv([lambda: _env("CartPole-v1", {"name": "frame_stack", "kwargs": {"n_stack": 3}})])
    theirs = VecFrameStack(DummyVecEnv([lambda: gym.make("CartPole-v1")]), 3)
    assert ours.observation_space == theirs.observation_space
    ours.seed(5)
    theirs.seed(5)
    np.testing.assert_array_equal(ours.reset(), theirs.reset())
    for step in range(60):
        action = np.array([step % 2])
        mine, their = ours.step(action), theirs.step(action)
        np.testing.assert_array_equal(mine[0], their[0])
        assert mine[2] == their[2]


def test_hidden_entries_are_zero_and_the_others_stay() -> None:
    plain = _env("CartPole-v1")
    masked = _env("CartPole-v1", {"name": "mask_observation", "kwargs": {"indices": [1, 3]}})
    seen, _ = plain.reset(seed=3)
    hidden, _ = masked.reset(seed=3)
    np.testing.assert_array_equal(hidden, np.asarray(seen) * [1, 0, 1, 0])


def test_a_time_limit_may_count_as_an_end() -> None:
    limit: JsonObject = {"name": "time_limit", "kwargs": {"max_episode_steps": 1}}
    env = _env("Pendulum-v1", limit, {"name": "truncation_as_termination"})
    env.reset(seed=1)
    assert env.step(np.zeros(1))[2:4] == (True, False)


def test_masks_in_info_become_a_method() -> None:
    env = _env("Taxi-v4", {"name": "action_mask_from_info"})
    _, info = env.reset(seed=1)
    np.testing.assert_array_equal(action_masks([env])[0], np.asarray(info["action_mask"], bool))
    with pytest.raises(BadSpec, match=r"CartPole-v1 has no method action_masks\(\)"):
        action_masks([_env("CartPole-v1")])


def test_returns_are_counted_inside_what_changes_the_reward() -> None:
    clipped: JsonObject = {"name": "clip_reward", "kwargs": {"min_reward": -0.5, "max_reward": 0.5}}
    counter = {"id": "SignoffTest/Counter-v0", "wrappers": [clipped]}
    venv, _ = training_envs(read_config(config(env=counter)))
    venv.reset()
    told = 0.0
    infos: list[dict[str, Any]] = [{}]
    while "episode" not in infos[0]:
        _, rewards, _, infos = venv.step(np.array([1]))
        told += float(rewards[0])
    assert infos[0]["episode"]["r"] == 2 * told


@pytest.mark.parametrize(
    ("name", "kwargs", "words"),
    [
        ("time_limits", {}, "no wrapper 'time_limits'; did you mean time_limit"),
        ("time_limit", {"steps": 3}, "time_limit has no argument steps; it takes max_episode_steps"),
        ("clip_action", {}, "clip_action cannot be used here"),
        ("mask_observation", {"indices": [4]}, "entries 0 to 3; there is no 4"),
        ("filter_observation", {"filter_keys": ["image"]}, "filter_observation cannot be used here"),
        ("action_mask_from_info", {}, None),
    ],
)
def test_a_wrapper_that_does_not_fit_is_refused(name: str, kwargs: JsonObject, words: str | None) -> None:
    env = gym.make("CartPole-v1")
    if words is None:
        with pytest.raises(ValueError, match="info has no action_mask"):
            wrap(env, name, kwargs).reset(seed=1)
        return
    with pytest.raises(BadSpec, match=words):
        wrap(env, name, kwargs)


def test_every_wrapper_loads_and_has_the_arguments_that_are_listed() -> None:
    pytest.importorskip("minigrid")
    pytest.importorskip("cv2")
    for name, wrapping in WRAPPERS.items():
        assert set(required(wrapping)) <= set(wrapping.arguments), name
        assert set(wrapping.shaping) <= set(wrapping.arguments), name


def test_a_wrapper_whose_package_is_missing_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys  # noqa: PLC0415  # what is taken away for this test

    monkeypatch.setitem(sys.modules, "minigrid.wrappers", None)
    with pytest.raises(MissingPackage, match=r"needs the package minigrid.*signoff\[environments\]"):
        wrap(gym.make("CartPole-v1"), "minigrid_flat", {})


def test_minigrid_is_flat_for_a_plain_policy() -> None:
    pytest.importorskip("minigrid")
    flat = _env("MiniGrid-Empty-5x5-v0", {"name": "minigrid_flat"})
    assert flat.observation_space.shape == (2835,)


def test_atari_is_prepared_as_sb3_does_it() -> None:
    pytest.importorskip("ale_py")
    pytest.importorskip("cv2")
    stack: JsonObject = {"name": "frame_stack", "kwargs": {"n_stack": 4}}
    env = _env("PongNoFrameskip-v4", {"name": "atari"}, stack)
    assert env.observation_space.shape == (84, 84, 4)
    observation, _ = env.reset(seed=1)
    assert np.asarray(observation).dtype == np.uint8
