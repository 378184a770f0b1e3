import numpy as np
import pytest

from tests.unit.trainer import environments
from trainer.config import EnvConfig, RewardConfig
from trainer.envs import make_env
from trainer.rewards import ShapedReward

environments.register()


def test_a_flip_costs_the_penalty_and_the_first_action_is_free() -> None:
    env = ShapedReward(
        make_env(EnvConfig(id="SignoffTest/Counter-v0")), RewardConfig(action_change_penalty=0.25)
    )
    env.reset(seed=4)
    assert [env.step(action)[1] for action in (1, 0, 0, 1)] == [1.0, -0.25, 0.0, 0.75]
    env.reset(seed=4)
    assert env.step(0)[1] == 0.0


def test_a_continuous_change_costs_its_share_of_the_range() -> None:
    env = ShapedReward(
        make_env(EnvConfig(id="SignoffTest/Slider-v0")),
        RewardConfig(action_change_penalty=1.0, action_magnitude_penalty=10.0),
    )
    env.reset(seed=4)
    assert env.step(np.array([1.0, 0.0]))[1] == pytest.approx(1.0 - 10 * 0.5)
    assert env.step(np.array([0.0, 4.0]))[1] == pytest.approx(4.0 - (0.5 + 1.0) / 2 - 10 * 0.5)
