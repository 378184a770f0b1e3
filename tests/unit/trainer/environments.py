"""Small environments whose every number is known, registered under the namespace SignoffTest."""

import os
import threading
import time
import warnings
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

Observation = NDArray[np.float32]


class Counter(gym.Env[Observation, Any]):
    """Episodes of `3 + seed % 5` steps; the observation is the step, the reward is the action."""

    observation_space = spaces.Box(0.0, 100.0, (1,), np.float32)
    action_space: spaces.Space[Any] = spaces.Discrete(2)

    def __init__(
        self, reward_scale: float = 1.0, bad_step: int = -1, bad_value: float = float("nan")
    ) -> None:
        self.reward_scale, self.bad_step, self.bad_value = reward_scale, bad_step, bad_value
        self.seeds: list[int] = []

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        super().reset(seed=seed)
        if seed is not None:
            self.seeds.append(seed)
        self.length = 3 + (seed or 0) % 5
        self.steps = 0
        return np.zeros(1, np.float32), {}

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        self.steps += 1
        reward = self.bad_value if self.steps == self.bad_step else self.reward_scale * float(np.sum(action))
        info = {"energy": float(self.steps), "is_success": bool(np.sum(action) > 0)}
        return np.full(1, self.steps, np.float32), reward, self.steps >= self.length, False, info


class Slider(Counter):
    """As `Counter`, with two actions of different ranges."""

    action_space = spaces.Box(np.array([-1.0, 0.0]), np.array([1.0, 4.0]), dtype=np.float64)


class Blind(Counter):
    """As `Counter`; its observation becomes infinite at the second step."""

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        observation, *rest = super().step(action)
        if self.steps == 2:
            observation = np.full(1, np.inf, np.float32)
        return (observation, *rest)  # type: ignore[return-value]  # the rest is what Counter gave


class Labelled(Counter):
    """As `Counter`, with observations in a dict."""

    observation_space = spaces.Dict(  # type: ignore[assignment]  # another space on purpose
        {"step": Counter.observation_space, "zero": spaces.Box(0.0, 1.0, (2,), np.float32)}
    )

    def reset(self, **kwargs: Any) -> Any:
        observation, info = super().reset(**kwargs)
        return {"step": observation, "zero": np.zeros(2, np.float32)}, info

    def step(self, action: Any) -> Any:
        observation, *rest = super().step(action)
        return ({"step": observation, "zero": np.zeros(2, np.float32)}, *rest)


class Reach(gym.Env[dict[str, Observation], Any]):
    """Walk on a line to a goal within fifty steps; the reward is 0 at the goal and -1 elsewhere."""

    action_space = spaces.Box(-1.0, 1.0, (1,), np.float32)
    observation_space = spaces.Dict(  # type: ignore[assignment]  # gymnasium's Dict holds arrays
        {
            name: spaces.Box(-5.0, 5.0, (1,), np.float32)
            for name in ("observation", "achieved_goal", "desired_goal")
        }
    )

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.place = np.zeros(1, np.float32)
        self.goal = self.np_random.uniform(-2, 2, 1).astype(np.float32)
        return self._observe(), {}

    def step(self, action: Any) -> Any:
        self.place = np.clip(self.place + np.asarray(action, np.float32), -5, 5)
        reward = float(self.compute_reward(self.place, self.goal, {}))
        return self._observe(), reward, False, False, {"is_success": reward == 0.0}

    def compute_reward(self, achieved: Any, desired: Any, info: Any) -> Any:
        return -(np.abs(achieved - desired).max(axis=-1) > 0.3).astype(np.float32)

    def _observe(self) -> dict[str, Observation]:
        return {"observation": self.place, "achieved_goal": self.place, "desired_goal": self.goal}


class Faulty(Counter):
    """As `Counter`; its hundredth step fails."""

    total = 0

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        type(self).total += 1
        if self.total == 100:
            1 / 0  # noqa: B018  # the fault
        return super().step(action)


class Slow(Counter):
    """As `Counter`; a step takes ten milliseconds."""

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        time.sleep(0.01)
        return super().step(action)


class Stuck(Counter):
    """As `Counter`; its hundredth step never returns."""

    total = 0

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        type(self).total += 1
        if self.total == 100:
            threading.Event().wait()
        return super().step(action)


class Chatty(Counter):
    """As `Counter`; says things when it is reset."""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        print("printed")  # noqa: T201  # what it is for
        os.write(2, b"written to descriptor 2\n")
        warnings.warn("a warning", stacklevel=1)
        return super().reset(seed=seed, options=options)


def register() -> None:
    """Make the environments known to gymnasium; may be called again."""
    for kind in (Counter, Slider, Blind, Labelled, Faulty, Slow, Stuck, Chatty):
        name = f"SignoffTest/{kind.__name__}-v0"
        if name not in gym.registry:
            gym.register(name, entry_point=kind)  # type: ignore[arg-type]  # its arguments have names
    if "SignoffTest/Reach-v0" not in gym.registry:
        gym.register("SignoffTest/Reach-v0", entry_point=lambda **_: Reach(), max_episode_steps=50)
