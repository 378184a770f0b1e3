"""SB3's `policy_kwargs` from data: sizes, numbers, and classes by allow-listed names."""

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from pydantic import JsonValue
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.sb2_compat.rmsprop_tf_like import RMSpropTFLike
from stable_baselines3.common.torch_layers import (
    BaseFeaturesExtractor,
    CombinedExtractor,
    FlattenExtractor,
    NatureCNN,
)
from torch import nn

from trainer.argument_checks import check_range, check_type, unknown
from trainer.errors import BadSpec

ACTIVATIONS: Mapping[str, type[nn.Module]] = {
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "leaky_relu": nn.LeakyReLU,
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}
OPTIMIZERS: Mapping[str, type[torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
    "rmsprop_tf_like": RMSpropTFLike,
    "sgd": torch.optim.SGD,
}
EXTRACTORS: Mapping[str, type[BaseFeaturesExtractor]] = {
    "combined": CombinedExtractor,
    "flatten": FlattenExtractor,
    "nature_cnn": NatureCNN,
}
_CLASSES: Mapping[str, Mapping[str, type[Any]]] = {
    "activation_fn": ACTIVATIONS,
    "optimizer_class": OPTIMIZERS,
    "features_extractor_class": EXTRACTORS,
}
# What may stand in an argument that is itself an object.
_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "optimizer_kwargs": {
        "eps": float,
        "weight_decay": float,
        "betas": list[float],
        "alpha": float,
        "momentum": float,
        "amsgrad": bool,
        "centered": bool,
        "nesterov": bool,
    },
    "features_extractor_kwargs": {
        "features_dim": int,
        "cnn_output_dim": int,
        "normalized_image": bool,
    },
    "lstm_kwargs": {"bias": bool, "dropout": float},
}
# Arguments of the policies that the algorithm itself gives.
_OURS = frozenset({"self", "observation_space", "action_space", "lr_schedule", "use_sde", "args", "kwargs"})


def policy_arguments(value: JsonValue, policy: type[BasePolicy]) -> dict[str, Any]:
    """The arguments of a policy's constructor for a config's `policy_kwargs`.

    :raises BadSpec: naming the key that is unknown, or the value that is none.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadSpec(f"hyperparams.policy_kwargs must be an object; it is {value!r}.")
    known = _known(policy)
    arguments: dict[str, Any] = {}
    for name, item in value.items():
        if name not in known:
            raise unknown("policy_kwargs has no key", name, known)
        if item is not None:
            arguments[name] = _argument(name, item, known[name].annotation)
    return arguments


def _known(policy: type[BasePolicy]) -> Mapping[str, inspect.Parameter]:
    return {
        name: parameter
        for name, parameter in inspect.signature(policy.__init__).parameters.items()
        if name not in _OURS
    }


def _argument(name: str, item: JsonValue, annotation: Any) -> Any:
    if name in _CLASSES:
        classes = _CLASSES[name]
        if item not in tuple(classes):
            raise BadSpec(f"{name} must be one of {', '.join(classes)}; it is {item!r}.")
        return classes[str(item)]
    if name == "net_arch":
        return _net_arch(item)
    if name in _OPTIONS:
        return _options(name, item)
    path = f"hyperparams.policy_kwargs.{name}"
    check_type(path, item, annotation)
    check_range(path, item)
    return item


def _options(name: str, item: JsonValue) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise BadSpec(f"policy_kwargs.{name} must be an object; it is {item!r}.")
    known = _OPTIONS[name]
    for key, value in item.items():
        if key not in known:
            raise unknown(f"policy_kwargs.{name} has no key", key, known)
        if value is not None:
            path = f"hyperparams.policy_kwargs.{name}.{key}"
            check_type(path, value, known[key])
            check_range(path, value)
    options = {key: value for key, value in item.items() if value is not None}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}


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
