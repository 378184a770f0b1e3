from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from trainer.config import EnvConfig, EvalConfig
from trainer.envs import make_env
from trainer.errors import BadSpec
from trainer.evaluate import Yardstick
from trainer.randomize import parameters_of


def _env(env_id: str, **ranges: Any) -> gym.Env[Any, Any]:
    drawn = {name: dict(zip(("low", "high"), bounds, strict=True)) for name, bounds in ranges.items()}
    return make_env(EnvConfig.model_validate({"id": env_id, "randomize": drawn}))


def test_each_episode_draws_anew_within_the_range() -> None:
    env = _env("CartPole-v1", length=(0.25, 1.0), masspole=(0.05, 0.5))
    seen = []
    for _ in range(20):
        _, info = env.reset()
        base: Any = env.unwrapped
        assert info["randomized"] == {"length": base.length, "masspole": base.masspole}
        assert base.polemass_length == base.masspole * base.length
        assert base.total_mass == base.masspole + base.masscart
        seen.append(base.length)
    assert len(set(seen)) == 20
    assert 0.25 <= min(seen) < 0.5 < max(seen) <= 1.0


def test_draws_follow_from_the_seed_alone() -> None:
    one, two = _env("Pendulum-v1", g=(8, 12)), _env("Pendulum-v1", g=(8, 12))
    one.reset(seed=1)
    draws = [env.reset(seed=7)[1]["randomized"] for env in (one, two)]
    assert draws[0] == draws[1]
    assert one.reset()[1] == two.reset()[1]
    assert one.reset(seed=8)[1]["randomized"] != draws[0]


def test_what_is_drawn_changes_what_happens() -> None:
    light, heavy = _env("CartPole-v1", force_mag=(1, 1)), _env("CartPole-v1", force_mag=(30, 30))
    speeds = []
    for env in (light, heavy):
        env.reset(seed=1)
        speeds.append(float(env.step(1)[0][1]))
    assert speeds[0] < speeds[1]


def test_a_range_may_be_drawn_by_its_logarithm() -> None:
    config = {"id": "CartPole-v1", "randomize": {"masscart": {"low": 0.01, "high": 100, "log": True}}}
    env = make_env(EnvConfig.model_validate(config))
    env.reset(seed=1)
    drawn = [env.reset()[1]["randomized"]["masscart"] for _ in range(200)]
    assert 0.3 < float(np.exp(np.mean(np.log(drawn)))) < 3


def test_mujoco_scales_its_model_and_never_drifts() -> None:
    env = _env("Hopper-v5", body_mass=(2, 2), friction=(0.5, 0.5))
    plain: Any = gym.make("Hopper-v5").unwrapped
    for _ in range(3):
        env.reset(seed=1)
        model = env.unwrapped.model  # type: ignore[attr-defined]  # a MuJoCo environment
        np.testing.assert_allclose(model.body_mass, 2 * plain.model.body_mass)
        np.testing.assert_allclose(model.geom_friction, 0.5 * plain.model.geom_friction)


def test_a_parameter_that_is_not_there_is_refused_with_a_hint() -> None:
    with pytest.raises(BadSpec, match="to randomise called 'lenght'; did you mean length"):
        _env("CartPole-v1", lenght=(1, 2))


class Declared(gym.Env[Any, Any]):
    randomizable = ("drag",)

    def __init__(self, drag: float = 0.5, label: str = "x") -> None:
        self.drag, self.label = drag, label


def test_a_yardstick_that_draws_gives_each_episode_its_own_by_its_seed() -> None:
    drawn = {"id": "CartPole-v1", "randomize": {"length": {"low": 0.2, "high": 2.0}}}
    config = EvalConfig.model_validate({"env": drawn})
    seeds = list(range(100, 140))
    first, again = (Yardstick(config).play(_left, seeds, check=lambda: None) for _ in range(2))
    assert first == again
    alone = Yardstick(config).play(_left, seeds[-1:], check=lambda: None)
    assert alone == first[-1:]
    plain = Yardstick(EvalConfig.model_validate({"env": {"id": "CartPole-v1"}}))
    assert plain.play(_left, seeds, check=lambda: None) != first


def _left(observations: Any) -> Any:
    return np.zeros(len(observations), dtype=np.int64)


def test_an_environment_may_name_its_own_parameters() -> None:
    assert parameters_of(Declared()) == {"drag": 0.5}
