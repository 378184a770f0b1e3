"""Keeps torch's compiler from being imported by a training that does not compile anything.

The first optimizer imports `torch._dynamo` (0.9 s) only to mark functions as not to be compiled, and
each of its steps names a place where a graph would end. `stand_in` answers these two requests, which
mean nothing outside of `torch.compile`; whoever asks for anything else gets the real package.
"""

import importlib
import sys
from collections.abc import Callable
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import torch

_NAME = "torch._dynamo"


def stand_in() -> None:
    """Take the place of `torch._dynamo` where it has not been imported yet. May be called again."""
    if _NAME not in sys.modules:
        light = _LightDynamo(_NAME)
        light.__spec__ = find_spec(_NAME)
        sys.modules[_NAME] = light
        torch._dynamo = light  # noqa: SLF001  # what importing it would set


class _LightDynamo(ModuleType):
    """`disable` and `graph_break`; any other attribute, its submodules included, is the real package's."""

    @staticmethod
    def disable(function: Callable[..., Any], *_: object, **__: object) -> Callable[..., Any]:
        return function

    @staticmethod
    def graph_break(_message: str = "") -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(_NAME) is self:
            del sys.modules[_NAME]
        return getattr(importlib.import_module(_NAME), name)
