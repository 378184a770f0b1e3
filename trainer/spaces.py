"""Spaces in few words, the same in the catalogue, the form and the trainer."""

from typing import Any

from gymnasium import spaces


def spaces_text(space: spaces.Space[Any]) -> str:
    """`Box(3)`, `Box(84, 84, 1)`, `Discrete(2)`: the kind and the size, without bounds."""
    match space:
        case spaces.Box():
            size = ", ".join(map(str, space.shape))
        case spaces.Discrete() | spaces.MultiBinary():
            size = str(space.n)
        case spaces.MultiDiscrete():
            size = ", ".join(map(str, space.nvec.ravel()))
        case spaces.Dict():
            size = ", ".join(f"{key}: {spaces_text(part)}" for key, part in space.spaces.items())
        case spaces.Tuple():
            size = ", ".join(map(spaces_text, space.spaces))
        case _:
            return type(space).__name__
    return f"{type(space).__name__}({size})"
