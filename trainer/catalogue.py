"""What may be configured: algorithms, their parameters, environments, wrappers and baselines.

Reads `catalogue.json` (made by `python -m trainer.generate` from the signatures of stable-baselines3
and gymnasium) and `presets/*.json`. Imports neither of them, nor torch.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import resources
from types import MappingProxyType
from typing import Any

from pydantic import JsonValue

from trainer.contract import JsonObject

CATALOGUE_FILE = "catalogue.json"
PRESETS_FOLDER = "presets"

# What to try first where another algorithm cannot act, by the kind of action space.
RECOMMENDED: Mapping[str, tuple[str, ...]] = {
    "Box": ("SAC", "TD3", "TQC", "PPO"),
    "Discrete": ("PPO", "DQN", "QR-DQN", "A2C"),
    "MultiDiscrete": ("PPO", "A2C", "TRPO"),
    "MultiBinary": ("PPO", "A2C", "TRPO"),
}
_ACTION_WORDS = {
    "Box": "continuous",
    "Discrete": "discrete",
    "MultiDiscrete": "multi-discrete",
    "MultiBinary": "multi-binary",
}


@dataclass(frozen=True)
class Parameter:
    """One key of a config.

    `path` is dotted ("hyperparams.learning_rate"). `types` are names among float, int, bool, string,
    schedule, object, list and null; null means that the key may be left out. `minimum` and `maximum`
    bound numbers (for a schedule: its start) and are inclusive unless `exclusive_minimum` or
    `exclusive_maximum` is set. `form` names a further shape of a string, list or object: see
    `db/config/forms.py`. `changes_spaces`: it must be equal in training and evaluation. Where
    `action_spaces` is not empty, the algorithm takes it with these classes of action spaces alone.
    """

    path: str
    types: tuple[str, ...]
    default: JsonValue = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    choices: tuple[JsonValue, ...] = ()
    patterns: tuple[str, ...] = ()  # strings that are allowed, too
    form: str = ""
    changes_spaces: bool = False
    required: bool = False
    action_spaces: tuple[str, ...] = ()
    doc: str = ""

    @property
    def name(self) -> str:
        """The last part of the path, which is the short key that people type."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True)
class Algorithm:
    """`parameters` by short name; those of the policy have paths under `hyperparams.policy_kwargs`.

    `title` is the name that people know: QR-DQN. `package` is where it comes from. `needs_dataset`: it
    learns from recorded steps and does not act while it trains.
    """

    name: str
    title: str
    package: str
    action_spaces: tuple[str, ...]
    policies: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    needs_dataset: bool = False


@dataclass(frozen=True)
class Environment:
    """`kwargs` are the constructor's; `reward_range` bounds the return of one episode where known.

    `action_text` is the action space in few words. `randomizable` names what may be drawn anew for each
    episode, with its usual value. `has_masks`: it says which actions are allowed.
    """

    id: str
    package: str
    action_space: str
    action_kind: str
    action_text: str
    observation_space: str
    observation_kind: str
    has_goals: bool
    has_masks: bool
    max_episode_steps: int | None
    kwargs: Mapping[str, Parameter]
    reward_range: tuple[float | None, float | None]
    reward_threshold: float | None
    randomizable: Mapping[str, float]


@dataclass(frozen=True)
class Wrapper:
    name: str
    kwargs: Mapping[str, Parameter]
    changes_spaces: bool = False
    doc: str = ""


@dataclass(frozen=True)
class Preset:
    """A baseline: the root of a lineage. `published` is the reward that its source reports.

    `position` counts from 1 and is its number in a new ledger.
    """

    position: int
    name: str
    title: str
    source: str
    published: str
    config: JsonObject
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """`common` holds the keys outside `hyperparams` and `env.kwargs`, by dotted path."""

    algorithms: Mapping[str, Algorithm]
    environments: Mapping[str, Environment]
    wrappers: Mapping[str, Wrapper]
    common: Mapping[str, Parameter]
    versions: Mapping[str, str] = field(default_factory=dict)


def refuse_actions(title: str, takes: tuple[str, ...], env_id: str, kind: str, text: str) -> str:
    """Why an algorithm cannot act in an environment, and what can.

    `takes` and `kind` are classes of action spaces, `text` is the environment's in few words.
    """
    needs = listed([_ACTION_WORDS[space] for space in takes])
    able = RECOMMENDED.get(kind)
    remedy = f"Try {listed(list(able))}" if able else "No algorithm here can act in it"
    return f"{title} needs {needs} actions; {env_id} has {text}. {remedy}"


def listed(words: list[str]) -> str:
    """`a, b or c`."""
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def is_allowed(env_id: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns names an environment: `Reacher-*`, or `package:Reacher-*` with its module.

    `*` and `?` stand for letters of the name, never for a module.
    """
    module, colon, name = env_id.rpartition(":")
    for pattern in patterns:
        allowed_module, allowed_colon, allowed_name = pattern.rpartition(":")
        if (module, colon) == (allowed_module, allowed_colon) and fnmatchcase(name, allowed_name):
            return True
    return False


def load_catalogue() -> Catalogue:
    """Read the generated catalogue. Keep the answer; nothing is cached here."""
    return catalogue_from_json(json.loads(_resource(CATALOGUE_FILE)))


def load_presets() -> tuple[Preset, ...]:
    """The shipped baselines in the order of their positions."""
    folder = resources.files("trainer") / PRESETS_FOLDER
    documents = (
        json.loads(entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".json")
    )
    presets = (Preset(**{**document, "tags": tuple(document["tags"])}) for document in documents)
    return tuple(sorted(presets, key=lambda preset: preset.position))


def catalogue_from_json(document: Mapping[str, Any]) -> Catalogue:
    """The catalogue that `trainer.generate` wrote as JSON."""
    return Catalogue(
        algorithms=MappingProxyType(
            {name: _algorithm(name, entry) for name, entry in document["algorithms"].items()}
        ),
        environments=MappingProxyType(
            {name: _environment(name, entry) for name, entry in document["environments"].items()}
        ),
        wrappers=MappingProxyType(
            {name: _wrapper(name, entry) for name, entry in document["wrappers"].items()}
        ),
        common=_parameters(document["common"]),
        versions=MappingProxyType(document["versions"]),
    )


def _resource(name: str) -> str:
    return (resources.files("trainer") / name).read_text("utf-8")


def _parameters(entries: Mapping[str, Any]) -> Mapping[str, Parameter]:
    return MappingProxyType({name: _parameter(entry) for name, entry in entries.items()})


def _parameter(entry: Mapping[str, Any]) -> Parameter:
    lists = {name: tuple(entry.get(name, ())) for name in ("types", "choices", "action_spaces")}
    return Parameter(**{**entry, **lists})


def _algorithm(name: str, entry: Mapping[str, Any]) -> Algorithm:
    return Algorithm(
        name=name,
        title=entry["title"],
        package=entry["package"],
        action_spaces=tuple(entry["action_spaces"]),
        policies=tuple(entry["policies"]),
        parameters=_parameters(entry["parameters"]),
        needs_dataset=entry.get("needs_dataset", False),
    )


def _environment(name: str, entry: Mapping[str, Any]) -> Environment:
    low, high = entry["reward_range"]
    rest = {key: value for key, value in entry.items() if key not in {"kwargs", "reward_range"}}
    return Environment(id=name, kwargs=_parameters(entry["kwargs"]), reward_range=(low, high), **rest)


def _wrapper(name: str, entry: Mapping[str, Any]) -> Wrapper:
    return Wrapper(
        name=name,
        kwargs=_parameters(entry["kwargs"]),
        changes_spaces=entry["changes_spaces"],
        doc=entry["doc"],
    )
