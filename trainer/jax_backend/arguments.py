"""A config's hyperparameters as SBX takes them; what SBX would pass over without a word is refused."""

from collections.abc import Mapping
from typing import Any

import flax.linen
import optax
import torch
from torch import nn

from trainer.errors import BadSpec

_ACTIVATIONS: Mapping[type[nn.Module], Any] = {
    nn.ELU: flax.linen.elu,
    nn.GELU: flax.linen.gelu,
    nn.LeakyReLU: flax.linen.leaky_relu,
    nn.ReLU: flax.linen.relu,
    nn.SiLU: flax.linen.silu,
    nn.Tanh: flax.linen.tanh,
}
_OPTIMIZERS: Mapping[type[torch.optim.Optimizer], Any] = {
    torch.optim.Adam: optax.adam,
    torch.optim.AdamW: optax.adamw,
    torch.optim.SGD: optax.sgd,
}
# Keys of SBX's policies that only stand there.
_UNUSED = frozenset(
    {"features_extractor_class", "features_extractor_kwargs", "normalize_images", "share_features_extractor"}
    | {"log_std_init", "use_expln", "clip_mean"}
)
_OPTIMIZER_KEYS = {"eps": "eps", "weight_decay": "weight_decay", "momentum": "momentum"}
# These read their learning rate once.
_HELD_RATE = ("dqn", "td3", "crossq")
_DQN_LAYERS = 2


def for_jax(algo: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The constructor's arguments, classes of torch replaced by their like.

    :raises BadSpec: where SBX has no such thing.
    """
    changed = dict(arguments)
    if algo in _HELD_RATE and callable(changed.get("learning_rate")):
        raise BadSpec(f"SBX's {algo.upper()} holds its learning_rate: give a number, or use backend stock.")
    if isinstance(changed.get("ent_coef"), int):
        changed["ent_coef"] = float(changed["ent_coef"])
    policy = dict(changed.get("policy_kwargs") or {})
    for name in sorted(_UNUSED & set(policy)):
        raise BadSpec(f"SBX passes over policy_kwargs.{name}: leave it out, or use backend stock.")
    if "activation_fn" in policy:
        policy["activation_fn"] = _ACTIVATIONS[policy["activation_fn"]]
    if "optimizer_class" in policy:
        policy["optimizer_class"] = _optimizer(policy["optimizer_class"])
    if "optimizer_kwargs" in policy:
        policy["optimizer_kwargs"] = _optimizer_arguments(policy["optimizer_kwargs"])
    if algo == "dqn" and "net_arch" in policy:
        _check_layers(policy["net_arch"])
    return {**changed, "policy_kwargs": policy}


def _optimizer(kind: type[torch.optim.Optimizer]) -> Any:
    if kind not in _OPTIMIZERS:
        known = ", ".join(sorted(one.__name__ for one in _OPTIMIZERS))
        raise BadSpec(f"backend sbx has the optimizers {known}, not {kind.__name__}; or use backend stock.")
    return _OPTIMIZERS[kind]


def _optimizer_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        if name == "betas":
            found["b1"], found["b2"] = value
        elif name in _OPTIMIZER_KEYS:
            found[_OPTIMIZER_KEYS[name]] = value
        else:
            raise BadSpec(f"backend sbx has no optimizer_kwargs.{name}: leave it out, or use backend stock.")
    return found


def _check_layers(sizes: Any) -> None:
    if len(sizes) != _DQN_LAYERS or len(set(sizes)) != 1:
        raise BadSpec(
            f"SBX's DQN has two layers of one size, such as [64, 64]; net_arch is {sizes}. "
            "Or use backend stock."
        )
