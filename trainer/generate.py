"""Writes `catalogue.json` from the signatures of stable-baselines3, sb3-contrib and the environments.

    python -m trainer.generate [--check]

`--check` writes nothing and exits 1 where the file on disk differs. Needs the extras `trainer`,
`environments` and `offline`.
"""

import inspect
import json
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from stable_baselines3 import HerReplayBuffer
from stable_baselines3.common.vec_env import VecNormalize

from trainer import catalogue_rules as rules
from trainer import common_rules
from trainer.algorithms import KINDS, OFFLINE_KINDS, Kind
from trainer.catalogue import CATALOGUE_FILE
from trainer.declared import constructor_parameters
from trainer.generate_entries import Entry, arguments, bounds, entry_of, param_docs
from trainer.generate_environments import environments, wrappers
from trainer.offline.entries import offline_algorithms
from trainer.policy_arguments import ACTIVATIONS, EXTRACTORS, OPTIMIZERS

_PACKAGES = ("gymnasium", "stable-baselines3", "sb3-contrib", "minigrid", "ale-py", "highway-env")


def generate() -> Entry:
    """The whole catalogue as JSON values."""
    return {
        "versions": {name: metadata.version(name) for name in _PACKAGES},
        "algorithms": {name: algorithm_entry(kind) for name, kind in KINDS.items()} | offline_algorithms(),
        "environments": environments(),
        "wrappers": wrappers(),
        "common": _common(),
    }


def to_text(catalogue: Entry) -> str:
    return json.dumps(catalogue, indent=1, sort_keys=True, allow_nan=False) + "\n"


def algorithm_entry(kind: Kind) -> Entry:
    """What the catalogue says of one algorithm."""
    documented = next(base for base in kind.model.__mro__ if ":param" in (base.__doc__ or ""))
    docs = param_docs(documented.__doc__ or "")
    own = {
        parameter.name: entry_of(parameter, "hyperparams", docs)
        for parameter in constructor_parameters(kind.model).values()
        if parameter.name not in rules.SKIPPED_PARAMETERS
    }
    policies = kind.model.policy_aliases
    module = kind.model.__mro__[1 if kind.model.__module__.startswith("trainer") else 0].__module__
    return {
        "title": kind.title,
        "package": module.partition(".")[0].replace("_", "-"),
        "action_spaces": list(kind.actions),
        "policies": sorted(policies),
        "parameters": own
        | (_replay_parameters() if "buffer_size" in own else {})
        | _policy_parameters(next(iter(policies.values()))),
    }


def _replay_parameters() -> dict[str, Entry]:
    docs = param_docs(HerReplayBuffer.__doc__ or "")
    folder = "hyperparams.replay_buffer"
    known = inspect.signature(HerReplayBuffer.__init__).parameters
    entries = {name: entry_of(known[name], folder, docs) for name in rules.REPLAY_PARAMETERS}
    entries["goal_selection_strategy"] |= {"types": ["string"], "choices": ["future", "final", "episode"]}
    entries["class"] = {
        "path": f"{folder}.class",
        "types": ["string"],
        "default": "standard",
        "choices": ["standard", "her"],
        "doc": "her replays steps with goals that were reached later, for environments with goals.",
    }
    return entries


def _policy_parameters(policy: type[Any]) -> dict[str, Entry]:
    docs = param_docs(policy.__doc__ or "")
    path = "hyperparams.policy_kwargs"
    entries = {
        parameter.name: entry_of(parameter, path, docs)
        for parameter in arguments(policy, {})
        if parameter.name in rules.POLICY_PARAMETERS
    }
    default = inspect.signature(policy.__init__).parameters["activation_fn"].default
    names = {kind: name for name, kind in ACTIVATIONS.items()}
    entries["activation_fn"] |= {"types": ["string"], "default": names[default], "choices": list(ACTIVATIONS)}
    for name, classes in (("optimizer_class", OPTIMIZERS), ("features_extractor_class", EXTRACTORS)):
        if name in entries:
            entries[name] |= {"types": ["string", "null"], "default": None, "choices": list(classes)}
    for folder, options in rules.POLICY_OPTIONS.items():
        if folder in inspect.signature(policy.__init__).parameters:
            entries |= {key: _option(f"{path}.{folder}", key, option) for key, option in options.items()}
    return entries


def _option(folder: str, key: str, option: Mapping[str, Any]) -> Entry:
    return {"path": f"{folder}.{key}", "default": None, **bounds(key), **option}


def _common() -> dict[str, Entry]:
    entries = {path: {"path": path, "default": None, **entry} for path, entry in common_rules.COMMON.items()}
    entries["algo"]["choices"] = [*KINDS, *OFFLINE_KINDS]
    docs = param_docs(VecNormalize.__doc__ or "")
    known = inspect.signature(VecNormalize.__init__).parameters
    for name in common_rules.NORMALIZE_PARAMETERS:
        entry = entry_of(known[name], "env.normalize", docs)
        entries[entry["path"]] = entry
    gamma = entries["env.normalize.gamma"]
    gamma.update(default=None, types=[*gamma["types"], "null"], doc="The agent's own gamma unless set here.")
    return entries


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
