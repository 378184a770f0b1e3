"""Run with `pytest` in this folder; Signoff is not needed."""

from types import SimpleNamespace

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import turning_vehicle
from turning_vehicle.metrics import HEADING_ERROR, RUDDER_TRAVEL
from turning_vehicle.rewards import action_penalty, heading_bonus
from turning_vehicle.vehicle import TurningVehicle


def test_gymnasium_accepts_the_environment() -> None:
    turning_vehicle.register()
    turning_vehicle.register()
    env = gymnasium.make(turning_vehicle.ENV_ID)
    check_env(env.unwrapped, skip_render_check=True)
    assert env.spec is not None
    assert env.spec.max_episode_steps == turning_vehicle.MAX_EPISODE_STEPS


def test_steering_at_the_target_pays_more_than_doing_nothing() -> None:
    def total(steer: bool) -> float:
        env, paid = TurningVehicle(gust=0.0), 0.0
        for seed in range(5):
            observation, _ = env.reset(seed=seed)
            for _ in range(100):
                sine, _, rate = (float(part) for part in observation)
                action = np.array([np.clip(2 * sine - rate, -1, 1) if steer else 0.0], dtype=np.float32)
                observation, reward, *_ = env.step(action)
                paid += reward
        return paid

    assert total(steer=True) > total(steer=False) / 2


def test_the_metrics_are_in_info() -> None:
    env = TurningVehicle()
    env.reset(seed=1)
    *_, info = env.step(np.array([0.5], dtype=np.float32))
    assert {HEADING_ERROR["info_key"], RUDDER_TRAVEL["info_key"], "is_success"} <= info.keys()
    assert info["rudder_travel"] == pytest.approx(0.5)


def test_the_penalty_counts_movements_after_the_first_action() -> None:
    first = SimpleNamespace(action=np.array([1.0]), previous_action=None)
    assert action_penalty(first, weight=3.0) == 0.0
    swing = SimpleNamespace(action=np.array([1.0]), previous_action=np.array([-1.0]))
    assert action_penalty(swing, weight=0.5) == pytest.approx(-2.0)
    assert action_penalty(swing, weight=0.5, power=1.0) == pytest.approx(-1.0)


def test_the_bonus_is_paid_near_the_target_alone() -> None:
    near, far = (SimpleNamespace(info={"heading_error": error}) for error in (0.05, 0.2))
    assert heading_bonus(near, weight=2.0) == 2.0
    assert heading_bonus(far, weight=2.0) == 0.0


def test_an_impossible_vehicle_is_refused() -> None:
    with pytest.raises(ValueError, match="inertia_s must be above 0"):
        TurningVehicle(inertia_s=0.0)
