"""JAX's nested states as flat dictionaries of tensors by name, which SB3's files hold, and back."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
import torch
from torch import Tensor


def named(tree: Any) -> dict[str, Tensor]:
    """Each number or array of a tree, by its way through it."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {jax.tree_util.keystr(path): torch.tensor(np.asarray(leaf)) for path, leaf in leaves}


def filled(tree: Any, values: Mapping[str, Tensor]) -> Any:
    """The tree with other numbers in the same places.

    :raises KeyError: where `values` has other names.
    :raises ValueError: where one has another shape.
    """
    leaves, structure = jax.tree_util.tree_flatten_with_path(tree)
    names = [jax.tree_util.keystr(path) for path, _ in leaves]
    if set(names) != set(values):
        raise KeyError(f"the names differ by {sorted(set(names) ^ set(values))[:3]}")
    new = [_like(leaf, values[name], name) for name, (_, leaf) in zip(names, leaves, strict=True)]
    return jax.tree_util.tree_unflatten(structure, new)


def _like(leaf: Any, value: Tensor, name: str) -> Any:
    if tuple(value.shape) != np.shape(leaf):
        raise ValueError(f"{name} has the shape {tuple(value.shape)}, not {np.shape(leaf)}")
    if isinstance(leaf, (int, float)):
        return type(leaf)(value.item())
    return jax.numpy.asarray(value.cpu().numpy(), dtype=leaf.dtype)
