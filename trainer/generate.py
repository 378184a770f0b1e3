"""Writes `catalogue.json` from the signatures of stable-baselines3 and gymnasium.

    python -m trainer.generate [--check]

`--check` writes nothing and exits 1 where the file on disk differs. Needs the `trainer` extra.
"""

import inspect
import json
import re
import sys
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import stable_baselines3
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec, registry
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.noise import ActionNoise
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

from trainer import catalogue_rules as rules
from trainer.catalogue import CATALOGUE_FILE

Entry = dict[str, Any]

SPACES: Mapping[str, spaces.Space[Any]] = {
    "Box": spaces.Box(-1.0, 1.0, (1,), np.float32),
    "Discrete": spaces.Discrete(2),
    "MultiDiscrete": spaces.MultiDiscrete([2, 2]),
    "MultiBinary": spaces.MultiBinary(2),
}


def generate() -> Entry:
    """The whole catalogue as JSON values."""
    return {
        "versions": {name: metadata.version(name) for name in ("gymnasium", "stable-baselines3")},
        "algorithms": {name.lower(): _algorithm(name) for name in rules.ALGORITHMS},
        "environments": {spec.id: _environment(spec) for spec in _newest_specs()},
        "wrappers": {name: _wrapper(name) for name in rules.WRAPPERS},
        "common": _common(),
    }


def to_text(catalogue: Entry) -> str:
    return json.dumps(catalogue, indent=1, sort_keys=True, allow_nan=False) + "\n"


# --- algorithms ---------------------------------------------------------------------------------


def _algorithm(name: str) -> Entry:
    kind: type[BaseAlgorithm] = getattr(stable_baselines3, name)
    docs = _param_docs(kind.__doc__ or "")
    own = {
        parameter.name: _entry(parameter, "hyperparams", docs)
        for parameter in _arguments(kind, rules.SKIPPED_PARAMETERS)
    }
    return {
        "action_spaces": [space for space in SPACES if _accepts(kind, SPACES[space])],
        "policies": sorted(kind.policy_aliases),
        "parameters": own | _policy_parameters(kind.policy_aliases["MlpPolicy"]),
    }


def _policy_parameters(policy: type[Any]) -> dict[str, Entry]:
    docs = _param_docs(policy.__doc__ or "")
    path = "hyperparams.policy_kwargs"
    entries = {
        parameter.name: _entry(parameter, path, docs)
        for parameter in _arguments(policy, {})
        if parameter.name in rules.POLICY_PARAMETERS
    }
    default = inspect.signature(policy.__init__).parameters["activation_fn"].default.__name__.lower()
    activation = {"types": ["string"], "default": default, "choices": list(rules.ACTIVATIONS)}
    entries["activation_fn"] = {**entries["activation_fn"], **activation}
    return entries


class _OneStep(gymnasium.Env[Any, Any]):
    """The smallest environment with a given action space, to ask an algorithm whether it takes it."""

    observation_space = SPACES["Box"]

    def __init__(self, action_space: spaces.Space[Any]) -> None:
        self.action_space = action_space


def _accepts(kind: type[BaseAlgorithm], action_space: spaces.Space[Any]) -> bool:
    make: Callable[..., BaseAlgorithm] = kind
    try:
        make("MlpPolicy", DummyVecEnv([lambda: _OneStep(action_space)]), _init_setup_model=False)
    except AssertionError:
        return False
    return True


# --- environments -------------------------------------------------------------------------------


def _newest_specs() -> list[EnvSpec]:
    """The newest version of each environment of the chosen packages that can be made here."""
    newest: dict[str, EnvSpec] = {}
    for spec in registry.values():
        if spec.namespace is None and _package(spec) is not None:
            known = newest.get(spec.name)
            if known is None or (spec.version or 0) > (known.version or 0):
                newest[spec.name] = spec
    return [spec for spec in sorted(newest.values(), key=lambda spec: spec.id) if _can_be_made(spec)]


def _package(spec: EnvSpec) -> str | None:
    module = str(spec.entry_point).split(":")[0].rpartition(".")[0]
    return rules.ENVIRONMENT_MODULES.get(module)


def _can_be_made(spec: EnvSpec) -> bool:
    try:
        gymnasium.make(spec.id).close()
    except (ImportError, gymnasium.error.Error):
        return False
    return True


def _environment(spec: EnvSpec) -> Entry:
    env = gymnasium.make(spec.id)
    env.close()
    low, high = rules.REWARD_RANGES.get(spec.id, (None, None))
    return {
        "package": _package(spec),
        "action_space": _space_text(env.action_space),
        "action_kind": type(env.action_space).__name__,
        "observation_space": _space_text(env.observation_space),
        "observation_kind": _observation_kind(env.observation_space),
        "max_episode_steps": spec.max_episode_steps,
        "kwargs": _env_kwargs(spec, env),
        "reward_range": [low, high],
        "reward_threshold": None if spec.reward_threshold is None else float(spec.reward_threshold),
    }


def _env_kwargs(spec: EnvSpec, env: gymnasium.Env[Any, Any]) -> dict[str, Entry]:
    kwargs: dict[str, Entry] = {}
    for parameter in _arguments(type(env.unwrapped), rules.SKIPPED_KWARGS):
        if parameter.name in spec.kwargs:
            continue  # what the id itself stands for, such as BipedalWalkerHardcore
        entry = _entry(parameter, "env.kwargs", {})
        if entry["types"] == ["bool"]:
            other = gymnasium.make(spec.id, **{parameter.name: not entry["default"]})
            other.close()
            if other.action_space != env.action_space:
                continue  # another task; it has, or deserves, an id of its own
            entry["changes_spaces"] = other.observation_space != env.observation_space
        kwargs[parameter.name] = entry
    return kwargs


def _space_text(space: spaces.Space[Any]) -> str:
    """Short and the same on each machine: long bounds are left out."""
    if isinstance(space, spaces.Box):
        low, high = float(space.low.min()), float(space.high.max())
        return f"Box({low:.4g}, {high:.4g}, {space.shape}, {space.dtype})"
    return str(space)


def _observation_kind(space: spaces.Space[Any]) -> str:
    image = isinstance(space, spaces.Box) and len(space.shape) == 3 and space.dtype == np.uint8  # noqa: PLR2004 (height, width, channels)
    return "image" if image else type(space).__name__


# --- wrappers and common keys -------------------------------------------------------------------


def _wrapper(name: str) -> Entry:
    class_name, arguments = rules.WRAPPERS[name]
    kind = getattr(gymnasium.wrappers, class_name)
    parameters = inspect.signature(kind.__init__).parameters
    doc = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
    return {
        "kwargs": {key: _entry(parameters[key], "kwargs", {}) for key in arguments},
        "changes_spaces": name in rules.SPACE_CHANGING_WRAPPERS,
        "doc": doc,
    }


def _common() -> dict[str, Entry]:
    entries = {path: {"path": path, "default": None, **entry} for path, entry in rules.COMMON.items()}
    entries["algo"]["choices"] = [name.lower() for name in rules.ALGORITHMS]
    docs = _param_docs(VecNormalize.__doc__ or "")
    arguments = inspect.signature(VecNormalize.__init__).parameters
    for name in rules.NORMALIZE_PARAMETERS:
        entry = _entry(arguments[name], "env.normalize", docs)
        entries[entry["path"]] = entry
    gamma = entries["env.normalize.gamma"]
    gamma.update(default=None, types=[*gamma["types"], "null"], doc="The agent's own gamma unless set here.")
    return entries


# --- signatures ---------------------------------------------------------------------------------


def _arguments(kind: type[Any], skipped: Mapping[str, str]) -> Iterable[inspect.Parameter]:
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = inspect.signature(kind.__init__).parameters.values()
    return [p for p in parameters if p.kind in named and p.name not in skipped]


def _entry(parameter: inspect.Parameter, folder: str, docs: Mapping[str, str]) -> Entry:
    name = parameter.name
    value_types = _types(parameter)
    default = _json_default(parameter.default, value_types)
    entry: Entry = {"path": f"{folder}.{name}", "types": value_types, "default": default}
    low, high = rules.RANGES.get(name, (None, None))
    entry |= {key: bound for key, bound in (("minimum", low), ("maximum", high)) if bound is not None}
    if name in rules.EXCLUSIVE_MINIMUM:
        entry["exclusive_minimum"] = True
    if name in rules.EXCLUSIVE_MAXIMUM:
        entry["exclusive_maximum"] = True
    if form := _form(name, value_types):
        entry["form"] = form
    if parameter.default is inspect.Parameter.empty:
        entry["required"] = True
    return entry | ({"doc": docs[name]} if name in docs else {})


def _form(name: str, value_types: list[str]) -> str | None:
    if name in rules.FORMS and set(value_types) - {"float", "int", "null"}:
        return rules.FORMS[name]
    return "pair" if "list" in value_types else None


def _types(parameter: inspect.Parameter) -> list[str]:
    """Names of the JSON types that an argument takes, from its annotation, else from its default."""
    annotation = parameter.annotation
    if annotation is inspect.Parameter.empty:
        annotation = float if type(parameter.default) is int else type(parameter.default)
    if isinstance(annotation, str):
        annotation = {"int": int, "float": float, "bool": bool}.get(annotation, float)
    members = typing.get_args(annotation) if _is_union(annotation) else (annotation,)
    names = {name for member in members for name in _type_names(member)}
    order = ("float", "int", "bool", "string", "schedule", "list", "object", "null")
    return [name for name in order if name in names]


def _is_union(annotation: object) -> bool:
    return isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union


def _type_names(annotation: Any) -> tuple[str, ...]:
    simple = {float: "float", int: "int", bool: "bool", str: "string", type(None): "null"}
    if annotation in simple:
        return (simple[annotation],)
    origin = typing.get_origin(annotation)
    if origin is type:
        return ("string",)
    if origin in (list, tuple):
        return ("list",)
    if origin is dict or annotation is ActionNoise:
        return ("object",)
    return ("schedule",)


def _json_default(default: Any, value_types: list[str]) -> Any:
    if default is inspect.Parameter.empty or isinstance(default, type):
        return None
    if isinstance(default, tuple):
        return [bound if np.isfinite(bound) else None for bound in default]
    return float(default) if "float" in value_types and type(default) is int else default


def _param_docs(docstring: str) -> dict[str, str]:
    """The `:param name:` lines of a docstring, each on one line."""
    found = re.findall(r":param (\w+):(.*?)(?=\n\s*:|\Z)", docstring, flags=re.DOTALL)
    return {name: " ".join(text.split()) for name, text in found}


def main(arguments: list[str]) -> int:
    path = Path(__file__).with_name(CATALOGUE_FILE)
    catalogue = generate()
    if "--check" not in arguments:
        path.write_text(to_text(catalogue), "utf-8")
        return 0
    on_disk = json.loads(path.read_text("utf-8"))
    stale = [part for part, entries in catalogue.items() if entries != on_disk.get(part)]
    if stale:
        print(f"{path.name} differs in {', '.join(stale)}: run `python -m trainer.generate`")  # noqa: T201 (a command)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
