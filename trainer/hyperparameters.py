"""The arguments of an algorithm's constructor from a config's `hyperparams`, which are data."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pydantic import JsonValue
from stable_baselines3 import HerReplayBuffer
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.noise import ActionNoise, NormalActionNoise, OrnsteinUhlenbeckActionNoise

from trainer.argument_checks import check_range, check_type, is_number, unknown
from trainer.config import TrainConfig
from trainer.declared import constructor_parameters
from trainer.errors import BadSpec
from trainer.policy_arguments import policy_arguments
from trainer.schedules import parse_schedule

# Arguments of the constructors that are not data, or that the run decides.
_OURS = frozenset(
    {"self", "policy", "env", "seed", "device", "verbose", "tensorboard_log", "_init_setup_model"}
    | {"rollout_buffer_class", "rollout_buffer_kwargs", "replay_buffer_class", "replay_buffer_kwargs"}
)
REPLAY_BUFFER = "replay_buffer"
HINDSIGHT_KEYS = frozenset({"n_sampled_goal", "goal_selection_strategy", "copy_info_dict"})
_REPLAY_TYPES: Mapping[str, Any] = {
    "handle_timeout_termination": bool,
    "n_sampled_goal": int,
    "goal_selection_strategy": str,
    "copy_info_dict": bool,
}
_STRATEGIES = ("future", "final", "episode")


def hyperparameters(
    title: str, kind: type[BaseAlgorithm], config: TrainConfig, actions: spaces.Space[Any]
) -> dict[str, Any]:
    """The arguments of `kind`'s constructor for a config's `hyperparams`.

    :raises BadSpec: naming the first that is unknown, or of a wrong type or range.
    """
    known = {name: parameter for name, parameter in constructor_parameters(kind).items() if name not in _OURS}
    names = {*known, REPLAY_BUFFER} if "buffer_size" in known else set(known)
    arguments: dict[str, Any] = {}
    for name, value in config.hyperparams.items():
        if name not in names:
            raise unknown(f"{title} has no hyperparameter", name, names)
        if name == REPLAY_BUFFER:
            arguments |= replay_buffer(value)
        elif name == "policy_kwargs":
            arguments[name] = policy_arguments(value, kind.policy_aliases[config.policy])
        else:
            arguments[name] = _argument(config, name, value, known[name].annotation, actions)
    return arguments


def _argument(
    config: TrainConfig, name: str, value: JsonValue, annotation: Any, actions: spaces.Space[Any]
) -> Any:
    if name == "action_noise":
        return action_noise(value, actions)
    if isinstance(value, dict):
        return parse_schedule(name, value)
    if name == "train_freq":
        return _train_freq(value, config.n_envs)
    path = f"hyperparams.{name}"
    check_type(path, value, annotation)
    check_range(path, value)
    return value


def _train_freq(value: JsonValue, n_envs: int) -> int | tuple[int, str]:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    match value:
        case [int(count), "step" | "episode" as unit] if count >= 1:
            if unit == "episode" and n_envs > 1:
                raise BadSpec(f"hyperparams.train_freq by episodes needs n_envs 1; it is {n_envs}.")
            return count, unit
    raise BadSpec(f'hyperparams.train_freq must be a count or [count, "step" | "episode"]; it is {value!r}.')


def replay_buffer(value: JsonValue) -> dict[str, Any]:
    """The constructor's buffer arguments for `{"class": "her", "n_sampled_goal": 4}`.

    The class "standard" is the one that SB3 chooses by observations and `n_steps`.

    :raises BadSpec: naming the key that is unknown, or whose value is none.
    """
    if value is None:
        return {}
    if not isinstance(value, dict) or value.get("class", "standard") not in ("standard", "her"):
        raise BadSpec(
            f'hyperparams.replay_buffer must be an object with class ("standard" or "her"); it is {value!r}.'
        )
    her = value.get("class") == "her"
    known = set(_REPLAY_TYPES) if her else set(_REPLAY_TYPES) - HINDSIGHT_KEYS
    settings = {key: item for key, item in value.items() if key != "class" and item is not None}
    for key, item in settings.items():
        if key not in known:
            raise unknown("hyperparams.replay_buffer has no key", key, known | {"class"})
        check_type(f"hyperparams.replay_buffer.{key}", item, _REPLAY_TYPES[key])
        check_range(f"hyperparams.replay_buffer.{key}", item)
    if settings.get("goal_selection_strategy", "future") not in _STRATEGIES:
        raise BadSpec(
            f"hyperparams.replay_buffer.goal_selection_strategy must be one of {', '.join(_STRATEGIES)}; "
            f"it is {settings['goal_selection_strategy']!r}."
        )
    return {"replay_buffer_kwargs": settings} | ({"replay_buffer_class": HerReplayBuffer} if her else {})


def action_noise(value: JsonValue, actions: spaces.Space[Any]) -> ActionNoise | None:
    """The noise of `{"kind": "normal", "sigma": 0.1}`, in units of actions scaled to [-1, 1].

    `sigma` and `mean` are numbers, or lists of one number for each action. "ornstein-uhlenbeck" also
    takes `theta` and `dt`.

    :raises BadSpec: for another kind, or a value that is none.
    """
    if value is None:
        return None
    rest = dict(value) if isinstance(value, dict) else {}
    kind, sigma, mean = rest.pop("kind", None), rest.pop("sigma", None), rest.pop("mean", 0.0)
    if kind == "normal" and not rest:
        return NormalActionNoise(_per_action(mean, actions), _per_action(sigma, actions, low=0.0))
    if kind == "ornstein-uhlenbeck" and not rest.keys() - {"theta", "dt"}:
        return OrnsteinUhlenbeckActionNoise(
            _per_action(mean, actions),
            _per_action(sigma, actions, low=0.0),
            theta=_positive("theta", rest.get("theta", 0.15)),
            dt=_positive("dt", rest.get("dt", 0.01)),
        )
    raise BadSpec(
        "hyperparams.action_noise must be an object with kind (normal or ornstein-uhlenbeck) "
        f"and sigma (at least 0); it is {value!r}."
    )


def _per_action(
    value: JsonValue, actions: spaces.Space[Any], *, low: float | None = None
) -> NDArray[np.float64]:
    shape = actions.shape or (1,)
    numbers = value if isinstance(value, list) else [value] * int(np.prod(shape))
    usable = all(is_number(number) for number in numbers) and len(numbers) == int(np.prod(shape))
    array = np.array(numbers if usable else [], dtype=np.float64)
    if not usable or not np.isfinite(array).all() or (low is not None and (array < low).any()):
        raise BadSpec(
            "hyperparams.action_noise: sigma (at least 0) and mean are numbers, or lists of "
            f"{int(np.prod(shape))} numbers; got {value!r}."
        )
    return array.reshape(shape)


def _positive(key: str, value: JsonValue) -> float:
    if not is_number(value) or not float(value) > 0:  # type: ignore[arg-type]  # a number
        raise BadSpec(f"hyperparams.action_noise.{key} must be a number above 0; it is {value!r}.")
    return float(value)  # type: ignore[arg-type]  # a number
