"""Domain randomisation: parameters of the environment drawn anew for each episode.

Which parameters there are is decided here, for known environments by a table, for others by the
arguments of their constructor that they keep under the same name, or by their own attribute
`randomizable`, a tuple of names of numbers that their `reset` or `step` reads.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import gymnasium as gym
import numpy as np

from trainer.argument_checks import unknown
from trainer.config import RangeConfig

Env = gym.Env[Any, Any]
DECLARED = "randomizable"
_SALT = 7_919

# Attributes by class, where the constructor's arguments do not tell.
_ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "CartPoleEnv": ("force_mag", "gravity", "length", "masscart", "masspole", "tau"),
    "PendulumEnv": ("dt", "g", "l", "m", "max_speed", "max_torque"),
    "AcrobotEnv": ("LINK_LENGTH_1", "LINK_LENGTH_2", "LINK_MASS_1", "LINK_MASS_2", "torque_noise_max"),
    "MountainCarEnv": ("force", "gravity"),
    "Continuous_MountainCarEnv": ("power",),
    "LunarLander": ("gravity", "turbulence_power", "wind_power"),
}
# MuJoCo's arrays, each scaled by a factor; 1 is the model as it was built.
_FACTORS: Mapping[str, tuple[str, ...]] = {
    "body_mass": ("body_mass", "body_inertia"),
    "damping": ("dof_damping",),
    "friction": ("geom_friction",),
    "gear": ("actuator_gear",),
}
_DOWN = 2


def parameters_of(env: Env) -> dict[str, float]:
    """The names that can be drawn, each with its value as the environment was built."""
    base = env.unwrapped
    if hasattr(base, "model") and hasattr(base.model, "opt"):
        return {**dict.fromkeys(_FACTORS, 1.0), "gravity": float(base.model.opt.gravity[_DOWN])}
    names = _ATTRIBUTES.get(type(base).__name__) or getattr(base, DECLARED, None)
    if names is None:
        names = tuple(inspect.signature(type(base).__init__).parameters)
    values: dict[str, Any] = {str(name): getattr(base, name, None) for name in names}
    return {name: float(value) for name, value in values.items() if _is_number(value)}


class Randomized(gym.Wrapper[Any, Any, Any, Any]):
    """Draws the parameters at each reset; what was drawn stands in its `info` as `randomized`.

    A reset with a seed restarts the draws, so that an evaluation episode depends on its seed alone.
    """

    def __init__(self, env: Env, ranges: Mapping[str, RangeConfig]) -> None:
        """:raises BadSpec: naming a parameter that the environment does not have."""
        super().__init__(env)
        known = parameters_of(env)
        for name in ranges:
            if name not in known:
                label = env.spec.id if env.spec else type(env.unwrapped).__name__
                raise unknown(f"{label} has no parameter to randomise called", name, known or ["none"])
        self._ranges = {name: ranges[name] for name in sorted(ranges)}
        self._set = _setter(env)
        self._random = np.random.default_rng()

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, Any]:
        if seed is not None:
            self._random = np.random.default_rng([seed, _SALT])
        drawn = {name: _draw(range_, self._random) for name, range_ in self._ranges.items()}
        self._set(drawn)
        observation, info = self.env.reset(seed=seed, options=options)
        return observation, {**info, "randomized": drawn}


def _draw(range_: RangeConfig, random: np.random.Generator) -> float:
    if range_.log:
        return math.exp(random.uniform(math.log(range_.low), math.log(range_.high)))
    return float(random.uniform(range_.low, range_.high))


def _setter(env: Env) -> Callable[[Mapping[str, float]], None]:
    base: Any = env.unwrapped
    if hasattr(base, "model") and hasattr(base.model, "opt"):
        return _mujoco_setter(base)

    def set_attributes(values: Mapping[str, float]) -> None:
        for name, value in values.items():
            setattr(base, name, value)
        if type(base).__name__ == "CartPoleEnv":  # it derives these once, in its constructor
            base.total_mass = base.masspole + base.masscart
            base.polemass_length = base.masspole * base.length

    return set_attributes


def _mujoco_setter(base: Any) -> Callable[[Mapping[str, float]], None]:
    import mujoco  # noqa: PLC0415  # only where a MuJoCo environment was made

    model = base.model
    built = {array: getattr(model, array).copy() for arrays in _FACTORS.values() for array in arrays}

    def set_factors(values: Mapping[str, float]) -> None:
        for name, value in values.items():
            if name == "gravity":
                model.opt.gravity[_DOWN] = value
            for array in _FACTORS.get(name, ()):
                getattr(model, array)[:] = built[array] * value
        mujoco.mj_setConst(model, base.data)

    return set_factors


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
