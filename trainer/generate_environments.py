"""Catalogue entries of environments and wrappers, read from what is installed."""

import importlib
import importlib.util
import inspect
from collections.abc import Iterable
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec, registry

from trainer import environment_rules as rules
from trainer.acting import MASKS_METHOD
from trainer.generate_entries import Entry, arguments, bounds, entry_of, first_paragraph
from trainer.packages import FAMILIES
from trainer.randomize import parameters_of
from trainer.spaces import spaces_text
from trainer.wrappers import WRAPPERS, Wrapping, required

_NUMBERS = {bool: "bool", int: "int", float: "float"}
_SIMPLE = {"float", "int", "bool", "string", "list", "null"}
# Settings of highway-env that are about pictures, or fixed by the task.
_PICTURE = ("screen_", "scaling", "show_", "render_", "offscreen", "manual_", "real_time")


def environments() -> dict[str, Entry]:
    """Each environment of the known packages that can be made here, the newest version of each."""
    for family in FAMILIES:
        if importlib.util.find_spec(family.module) is not None:
            importlib.import_module(family.module)
    return {spec.id: entry for spec in _newest_specs() if (entry := environment_entry(spec)) is not None}


def _newest_specs() -> Iterable[EnvSpec]:
    newest: dict[tuple[str | None, str], EnvSpec] = {}
    for spec in registry.values():
        if spec.id in rules.UNSUPPORTED or _package(spec) is None:
            continue
        known = newest.get((spec.namespace, spec.name))
        if known is None or (spec.version or 0) > (known.version or 0):
            newest[spec.namespace, spec.name] = spec
    return sorted(newest.values(), key=lambda spec: spec.id)


def _package(spec: EnvSpec) -> str | None:
    module = str(spec.entry_point).split(":")[0]
    if (own := rules.BUILT_IN_MODULES.get(module.rpartition(".")[0])) is not None:
        return own
    for family in FAMILIES:
        if module.split(".")[0] == family.module:
            old = family.module == "ale_py" and spec.namespace is None
            return None if old and not spec.id.endswith(rules.KEPT_OLD_IDS) else family.package
    return None


def environment_entry(spec: EnvSpec) -> Entry | None:
    """None where it cannot be made here, or where it is no single environment with spaces of its own."""
    try:
        env = gymnasium.make(spec.id, disable_env_checker=True)
    except (ImportError, gymnasium.error.Error, AssertionError):
        return None
    env.close()
    if isinstance(env.action_space, spaces.Tuple) or isinstance(env.observation_space, spaces.Tuple):
        return None
    low, high = _reward_range(spec.id)
    return {
        "package": _package(spec),
        "action_space": _space_text(env.action_space),
        "action_kind": type(env.action_space).__name__,
        "action_text": spaces_text(env.action_space),
        "observation_space": _space_text(env.observation_space),
        "observation_kind": _observation_kind(env.observation_space),
        "has_goals": _has_goals(env.observation_space),
        "has_masks": hasattr(env.unwrapped, MASKS_METHOD),
        "max_episode_steps": spec.max_episode_steps or getattr(env.unwrapped, "max_steps", None),
        "kwargs": _kwargs(spec, env),
        "randomizable": parameters_of(env),
        "reward_range": [low, high],
        "reward_threshold": None if spec.reward_threshold is None else float(spec.reward_threshold),
    }


def _reward_range(env_id: str) -> tuple[float | None, float | None]:
    if env_id in rules.REWARD_RANGES:
        return rules.REWARD_RANGES[env_id]
    prefixes = rules.REWARD_RANGES_BY_PREFIX
    return next((prefixes[prefix] for prefix in prefixes if env_id.startswith(prefix)), (None, None))


def _has_goals(space: spaces.Space[Any]) -> bool:
    return isinstance(space, spaces.Dict) and {"achieved_goal", "desired_goal"} <= space.spaces.keys()


def _kwargs(spec: EnvSpec, env: gymnasium.Env[Any, Any]) -> dict[str, Entry]:
    kwargs: dict[str, Entry] = {}
    for parameter in arguments(type(env.unwrapped), rules.SKIPPED_KWARGS):
        name = parameter.name
        if name in spec.kwargs and name not in rules.RESETTABLE_KWARGS:
            continue  # what the id itself stands for, such as BipedalWalkerHardcore
        entry = entry_of(parameter, "env.kwargs", {})
        if not set(entry["types"]) <= _SIMPLE or entry.get("required"):
            continue
        if name in spec.kwargs:
            entry["default"] = spec.kwargs[name]
        if name in rules.SHAPING_KWARGS:
            entry["changes_spaces"] = True
        if entry["types"] != ["bool"]:
            kwargs[name] = entry
        elif (changed := _changes_spaces(spec, env, name, value=not entry["default"])) is not None:
            kwargs[name] = {**entry, "changes_spaces": changed}
    return kwargs | _settings(env)


def _changes_spaces(spec: EnvSpec, env: gymnasium.Env[Any, Any], name: str, *, value: bool) -> bool | None:
    """Whether an argument changes the observations; None where it makes another task of it."""
    other = gymnasium.make(spec.id, disable_env_checker=True, **{name: value})
    other.close()
    if other.action_space != env.action_space:
        return None  # it has, or deserves, an id of its own
    return bool(other.observation_space != env.observation_space)


def _settings(env: gymnasium.Env[Any, Any]) -> dict[str, Entry]:
    """highway-env's numbers, which it takes as one object."""
    if not hasattr(env.unwrapped, "default_config"):
        return {}
    entries = {}
    for name, value in env.unwrapped.default_config().items():
        if type(value) in _NUMBERS and not name.startswith(_PICTURE):
            key = f"config.{name}"
            kind = _NUMBERS[type(value)] if type(value) is bool else "float"
            entries[key] = {"path": f"env.kwargs.{key}", "types": [kind], "default": value, **bounds(name)}
    return entries


def _space_text(space: spaces.Space[Any]) -> str:
    """Short and the same on each machine: long bounds are left out."""
    if isinstance(space, spaces.Box):
        low, high = float(space.low.min()), float(space.high.max())
        return f"Box({low:.4g}, {high:.4g}, {space.shape}, {space.dtype})"
    if isinstance(space, spaces.Dict):
        return f"Dict({', '.join(f'{key}: {_space_text(part)}' for key, part in space.spaces.items())})"
    known = (spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
    return str(space) if isinstance(space, known) else type(space).__name__


def _observation_kind(space: spaces.Space[Any]) -> str:
    image = isinstance(space, spaces.Box) and len(space.shape) == 3 and space.dtype == np.uint8  # noqa: PLR2004 (height, width, channels)
    return "image" if image else type(space).__name__


def wrappers() -> dict[str, Entry]:
    """Each wrapper that a config may name."""
    return {name: _wrapper(wrapping) for name, wrapping in WRAPPERS.items()}


def _wrapper(wrapping: Wrapping) -> Entry:
    kind = wrapping.load()
    parameters = inspect.signature(kind.__init__).parameters
    needed = required(wrapping)
    kwargs = {}
    for key in wrapping.arguments:
        entry = entry_of(parameters[key], "kwargs", {})
        entry["required"] = key in needed
        entry["changes_spaces"] = key in wrapping.shaping
        kwargs[key] = entry
    return {
        "kwargs": kwargs,
        "changes_spaces": wrapping.changes_spaces,
        "doc": first_paragraph(kind),
    }
