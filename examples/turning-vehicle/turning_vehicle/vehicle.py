"""A vehicle that moves at a constant speed and turns by its rudder."""

import math
from typing import Annotated, Any, ClassVar

import gymnasium
import numpy as np
from annotated_types import Ge, Le
from gymnasium import spaces
from numpy.typing import NDArray

STEP_S = 0.1
MAX_TURN_RATE = 2.0
CLOSE = 0.1

Observation = NDArray[np.float32]


class TurningVehicle(gymnasium.Env[Observation, NDArray[np.float32]]):
    """Turn until the heading points at the target, and keep it there.

    Observation, shape (3,): the sine and cosine of the heading error in rad, and the turn rate in rad/s
    divided by 2. Action, shape (1,): the rudder, from -1 to 1. Reward of a step: the cosine of the
    heading error minus 1, so between -2 and 0. An episode ends by its time limit alone.

    :param inertia_s: how slowly the turn rate follows the rudder, in seconds.
    :param gust: standard deviation of the turn rate's disturbance in each step, in rad/s.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": []}

    def __init__(
        self,
        inertia_s: Annotated[
            float, Ge(0.05), Le(5.0), "How slowly the turn rate follows the rudder, in s."
        ] = 0.3,
        gust: Annotated[
            float, Ge(0.0), Le(1.0), "Disturbance of the turn rate in each step, in rad/s."
        ] = 0.02,
    ) -> None:
        if inertia_s <= 0:
            raise ValueError(f"inertia_s must be above 0; it is {inertia_s}")
        self.observation_space = spaces.Box(-1.0, 1.0, (3,), np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, (1,), np.float32)
        self._inertia_s, self._gust = inertia_s, gust
        self._error = self._turn_rate = self._rudder = 0.0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        self._error = float(self.np_random.uniform(-math.pi, math.pi))
        self._turn_rate = self._rudder = 0.0
        return self._observe(), {}

    def step(self, action: NDArray[np.float32]) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        rudder = float(np.clip(action[0], -1.0, 1.0))
        follow = 1.0 - math.exp(-STEP_S / self._inertia_s)
        self._turn_rate += follow * (MAX_TURN_RATE * rudder - self._turn_rate)
        self._turn_rate += self._gust * float(self.np_random.standard_normal())
        self._turn_rate = float(np.clip(self._turn_rate, -MAX_TURN_RATE, MAX_TURN_RATE))
        self._error = _wrapped(self._error - self._turn_rate * STEP_S)
        info = {
            "heading_error": abs(self._error),
            "rudder_travel": abs(rudder - self._rudder),
            "is_success": abs(self._error) < CLOSE,
        }
        self._rudder = rudder
        return self._observe(), math.cos(self._error) - 1.0, False, False, info

    def _observe(self) -> Observation:
        seen = (math.sin(self._error), math.cos(self._error), self._turn_rate / MAX_TURN_RATE)
        return np.array(seen, dtype=np.float32)


def _wrapped(angle: float) -> float:
    """The same angle in [-pi, pi)."""
    return (angle + math.pi) % (2 * math.pi) - math.pi
