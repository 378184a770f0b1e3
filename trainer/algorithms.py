"""SB3's algorithms, built from a config by names, with refusals that say what would be accepted."""

import difflib
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError
from stable_baselines3 import A2C, DDPG, DQN, PPO, SAC, TD3
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.noise import ActionNoise, NormalActionNoise, OrnsteinUhlenbeckActionNoise
from stable_baselines3.common.vec_env import VecEnv
from torch import nn

from trainer.config import TrainConfig
from trainer.errors import BadSpec, sentence
from trainer.schedules import SCHEDULED, parse_schedule

ALGORITHMS: Mapping[str, type[BaseAlgorithm]] = {
    "a2c": A2C,
    "ddpg": DDPG,
    "dqn": DQN,
    "ppo": PPO,
    "sac": SAC,
    "td3": TD3,
}
_ALL_ACTIONS = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
_ACTIONS: Mapping[str, tuple[type[spaces.Space[Any]], ...]] = {
    "a2c": _ALL_ACTIONS,
    "ddpg": (spaces.Box,),
    "dqn": (spaces.Discrete,),
    "ppo": _ALL_ACTIONS,
    "sac": (spaces.Box,),
    "td3": (spaces.Box,),
}
ACTIVATIONS: Mapping[str, type[nn.Module]] = {
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "leaky_relu": nn.LeakyReLU,
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}
# Arguments of SB3's constructors that are not data, or that the run decides.
_OURS = frozenset(
    {"self", "policy", "env", "seed", "device", "verbose", "tensorboard_log", "_init_setup_model"}
    | {"rollout_buffer_class", "rollout_buffer_kwargs", "replay_buffer_class", "replay_buffer_kwargs"}
    | {"optimize_memory_usage"}
)
_POLICY_KEYS = frozenset(
    {"net_arch", "activation_fn", "ortho_init", "log_std_init", "full_std", "use_expln", "squash_output"}
    | {"clip_mean", "n_critics", "share_features_extractor", "normalize_images"}
)
_AT_LEAST_1 = frozenset(
    {"n_steps", "batch_size", "n_epochs", "buffer_size", "policy_delay", "target_update_interval"}
    | {"stats_window_size", "train_freq"}
)
_SHARES = frozenset(
    {"gamma", "gae_lambda", "tau", "exploration_fraction", "exploration_initial_eps"}
    | {"exploration_final_eps"}
)
_NOT_NEGATIVE = frozenset({"learning_rate", "clip_range", "learning_starts", "max_grad_norm"})


def algorithm(name: str) -> type[BaseAlgorithm]:
    """SB3's class for a config's `algo`.

    :raises BadSpec: where there is none.
    """
    try:
        return ALGORITHMS[name]
    except KeyError:
        raise BadSpec(f"There is no algorithm {name!r}; known are {', '.join(ALGORITHMS)}.") from None


def make_model(config: TrainConfig, venv: VecEnv, *, seed: int, device: str) -> BaseAlgorithm:
    """An untrained model whose logger writes nowhere.

    :raises BadSpec: naming the hyperparameter that SB3 would not accept, and why.
    """
    kind = algorithm(config.algo)
    check_actions(config.algo, config.env.id, venv.action_space)
    if config.policy not in kind.policy_aliases:
        raise BadSpec(f"There is no policy {config.policy!r}; use {', '.join(kind.policy_aliases)}.")
    arguments = hyperparameters(config, venv.action_space)
    try:
        model = kind(config.policy, venv, seed=seed, device=device, **arguments)
    except (ValueError, AssertionError, TypeError) as error:
        raise BadSpec(f"{config.algo.upper()} refuses these hyperparameters: {sentence(error)}") from error
    model.set_logger(Logger(None, []))
    return model


def check_actions(algo: str, env_id: str, space: spaces.Space[Any]) -> None:
    """Refuse an algorithm that cannot act in `space`.

    :raises BadSpec: with the algorithms that can.
    """
    if isinstance(space, _ACTIONS[algo]):
        return
    wanted = "discrete" if algo == "dqn" else "continuous (Box)"
    able = [name.upper() for name, kinds in _ACTIONS.items() if isinstance(space, kinds)]
    remedy = f"Try {', '.join(able)}." if able else "No algorithm here can act in it."
    raise BadSpec(f"{algo.upper()} needs {wanted} actions; {env_id} has {space}. {remedy}")


def hyperparameters(config: TrainConfig, actions: spaces.Space[Any]) -> dict[str, Any]:
    """The arguments of SB3's constructor for a config's `hyperparams`.

    :raises BadSpec: naming the first that is unknown, or of a wrong type or range.
    """
    kind = algorithm(config.algo)
    known = {
        name: parameter
        for name, parameter in inspect.signature(kind.__init__).parameters.items()
        if name not in _OURS
    }
    arguments = {}
    for name, value in config.hyperparams.items():
        if name not in known:
            raise BadSpec(_unknown(f"{config.algo.upper()} has no hyperparameter", name, known))
        arguments[name] = _argument(config, name, value, known[name].annotation, actions)
    return arguments


def _argument(
    config: TrainConfig, name: str, value: JsonValue, annotation: Any, actions: spaces.Space[Any]
) -> Any:
    if name == "policy_kwargs":
        return policy_arguments(value)
    if name == "action_noise":
        return action_noise(value, actions)
    if isinstance(value, dict):
        return parse_schedule(name, value)
    if name == "train_freq":
        return _train_freq(value, config.n_envs)
    _check_type(name, value, annotation)
    _check_range(name, value)
    return value


def _check_type(name: str, value: JsonValue, annotation: Any) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))
    try:
        adapter.validate_python(value, strict=True)
    except ValidationError:
        wanted = str(getattr(annotation, "__name__", annotation)).split(" | collections", maxsplit=1)[0]
        also = " or a schedule" if name in SCHEDULED else ""
        raise BadSpec(f"hyperparams.{name} must be {wanted}{also}; it is {value!r}.") from None


def _check_range(name: str, value: JsonValue) -> None:
    if not isinstance(value, (int, float)):
        return
    if name in _AT_LEAST_1 and value < 1:
        raise BadSpec(f"hyperparams.{name} must be at least 1; it is {value}.")
    if name in _SHARES and not 0 <= value <= 1:
        raise BadSpec(f"hyperparams.{name} must be from 0 to 1; it is {value}.")
    if name in _NOT_NEGATIVE and value < 0:
        raise BadSpec(f"hyperparams.{name} must be at least 0; it is {value}.")


def _train_freq(value: JsonValue, n_envs: int) -> int | tuple[int, str]:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    match value:
        case [int(count), "step" | "episode" as unit] if count >= 1:
            if unit == "episode" and n_envs > 1:
                raise BadSpec(f"hyperparams.train_freq by episodes needs n_envs 1; it is {n_envs}.")
            return count, unit
    raise BadSpec(f'hyperparams.train_freq must be a count or [count, "step" | "episode"]; it is {value!r}.')


def action_noise(value: JsonValue, actions: spaces.Space[Any]) -> ActionNoise | None:
    """The noise of `{"kind": "normal", "sigma": 0.1}`; sigma is in units of actions scaled to [-1, 1].

    :raises BadSpec: for another kind, or a sigma that is not a number of at least 0.
    """
    if value is None:
        return None
    match value:
        case {"kind": "normal" | "ornstein-uhlenbeck" as kind, "sigma": int() | float() as sigma, **rest} if (
            sigma >= 0 and not rest
        ):
            size = actions.shape or (1,)
            mean, spread = np.zeros(size), np.full(size, float(sigma))
            noise = NormalActionNoise if kind == "normal" else OrnsteinUhlenbeckActionNoise
            return noise(mean, spread)
    raise BadSpec(
        "hyperparams.action_noise must be an object with kind (normal or ornstein-uhlenbeck) "
        f"and sigma (at least 0); it is {value!r}."
    )


def policy_arguments(value: JsonValue) -> dict[str, Any]:
    """SB3's `policy_kwargs`, with activation functions by name.

    :raises BadSpec: naming the key that is unknown, or the size that is none.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadSpec(f"hyperparams.policy_kwargs must be an object; it is {value!r}.")
    arguments: dict[str, Any] = {}
    for name, item in value.items():
        if name not in _POLICY_KEYS:
            raise BadSpec(_unknown("policy_kwargs has no key", name, _POLICY_KEYS))
        if name == "activation_fn":
            if item not in ACTIVATIONS:
                raise BadSpec(f"activation_fn must be one of {', '.join(ACTIVATIONS)}; it is {item!r}.")
            arguments[name] = ACTIVATIONS[str(item)]
        else:
            arguments[name] = _net_arch(item) if name == "net_arch" else item
    return arguments


def _net_arch(value: JsonValue) -> JsonValue:
    layers = list(value.values()) if isinstance(value, dict) else [value]
    keys_known = not isinstance(value, dict) or set(value) in ({"pi", "vf"}, {"pi", "qf"})
    if keys_known and all(_is_layers(item) for item in layers):
        return value
    raise BadSpec(
        f'net_arch must be sizes such as [64, 64], or {{"pi": [...], "vf": [...]}}; it is {value!r}.'
    )


def _is_layers(value: JsonValue) -> bool:
    return isinstance(value, list) and all(
        isinstance(size, int) and not isinstance(size, bool) and size >= 1 for size in value
    )


def _unknown(what: str, name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"{what} {name!r}" + (
        f"; did you mean {close[0]}?" if close else f"; known are {', '.join(known)}."
    )
