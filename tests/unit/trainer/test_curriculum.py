from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from tests.unit.trainer import environments
from tests.unit.trainer.configs import config
from trainer.config import StageConfig, TrainConfig, read_config
from trainer.curriculum import stages_of
from trainer.envs import env_state, restore_env_state, training_envs
from trainer.errors import SpaceMismatch

environments.register()

Counter = "SignoffTest/Counter-v0"


def _config(*stages: dict[str, Any], **changes: Any) -> TrainConfig:
    return read_config(config(env={"id": Counter}, curriculum=list(stages), **changes))


def _scales(venv: Any) -> list[float]:
    return [env.unwrapped.reward_scale for env in venv.unwrapped.envs]


def _stage(scale: float, **until: Any) -> dict[str, Any]:
    return {"until": until, "env": {"kwargs": {"reward_scale": scale}}}


def test_a_stage_keeps_what_it_does_not_change() -> None:
    staged = _config({"until": {"timesteps": 5}, "env": {"max_episode_steps": 9}})
    first, last = stages_of(staged)
    assert (first.id, first.max_episode_steps, last.max_episode_steps) == (Counter, 9, None)


def test_stages_end_at_a_step_and_take_effect_at_the_next_reset() -> None:
    venv, _ = training_envs(_config(_stage(3.0, timesteps=10), _stage(2.0, timesteps=20), n_envs=2))
    venv.reset()
    rewards = []
    for _ in range(40):
        _, told, _, _ = venv.step(np.array([1, 1]))
        rewards.append(float(told[0]))
    assert rewards[:5] == [3.0] * 5
    assert rewards[-1] == 1.0
    assert sorted(set(rewards)) == [1.0, 2.0, 3.0]
    assert _scales(venv) == [1.0, 1.0]


def test_a_stage_ends_where_enough_episodes_are_good_enough() -> None:
    venv, _ = training_envs(_config(_stage(10.0, return_at_least=30.0, episodes=3)))
    venv.reset()
    for _ in range(30):
        venv.step(np.array([0]))
    assert _scales(venv) == [10.0]
    for _ in range(50):
        venv.step(np.array([1]))
    assert _scales(venv) == [1.0]


def test_a_stage_may_ask_for_successes() -> None:
    venv, _ = training_envs(_config(_stage(10.0, success_at_least=1.0, episodes=2)))
    venv.reset()
    for _ in range(40):
        venv.step(np.array([1]))
    assert _scales(venv) == [1.0]


def test_a_checkpoint_keeps_the_stage() -> None:
    staged = _config(_stage(10.0, return_at_least=1.0, episodes=1), _stage(5.0, timesteps=10_000))
    venv, _ = training_envs(staged)
    venv.reset()
    for _ in range(20):
        venv.step(np.array([1]))
    state = env_state(venv)
    again, _ = training_envs(staged, first_step=20)
    restore_env_state(again, state, 20)
    again.reset()
    assert _scales(again) == [5.0]
    assert env_state(again) == state
    plain, _ = training_envs(_config())
    assert env_state(plain) == {}


def test_a_stage_with_other_spaces_is_refused() -> None:
    with pytest.raises(SpaceMismatch, match=r"Stage 1 of the curriculum has actions Box\(2\), the training"):
        training_envs(_config({"until": {"timesteps": 5}, "env": {"id": "SignoffTest/Slider-v0"}}))


def test_a_stage_must_end() -> None:
    with pytest.raises(ValidationError, match="set one"):
        StageConfig.model_validate({"until": {"episodes": 4}, "env": {}})
