"""Reward terms that a team's package declares: numbers that are added to the training reward.

An entry point of `signoff.rewards` is one term, a function of the step and of keyword arguments. Its
`weight` is the parameter `reward.<term>`, the others are `reward.<term>_<argument>`.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import gymnasium as gym
from pydantic import JsonValue

from trainer.config import RewardConfig
from trainer.declared import annotations_of, declared, type_name
from trainer.errors import BadSpec, CodeFailed
from trainer.extensions import REWARDS, extensions

Entry = dict[str, Any]
WEIGHT = "weight"


@dataclass(frozen=True, slots=True)
class Transition:
    """One step as a term sees it. `previous_action` is None at the first step of an episode."""

    observation: Any
    action: Any
    previous_action: Any
    next_observation: Any
    reward: float
    terminated: bool
    truncated: bool
    info: Mapping[str, Any]


class Paid(Protocol):
    """What a package's term is: a function whose settings are keyword arguments."""

    def __call__(self, step: Transition, **settings: JsonValue) -> float: ...


@dataclass(frozen=True)
class Term:
    """`arguments` are the function's keyword arguments by the key below `reward` that sets them."""

    name: str
    pay: Paid
    arguments: Mapping[str, str]
    entries: Mapping[str, Entry]


def terms() -> dict[str, Term]:
    """The terms of all packages that are installed here.

    :raises CodeFailed: where one cannot be imported, or is no term.
    """
    found: dict[str, Term] = {}
    for extension in extensions(REWARDS):
        term = _term(extension.name, extension.value, extension.package)
        taken = set(RewardConfig.model_fields) | {key for one in found.values() for key in one.arguments}
        for key in term.arguments.keys() & taken:
            raise CodeFailed(f"{extension.package} declares reward.{key}, which there is already; rename it.")
        found[extension.name] = term
    return found


def with_terms(env: gym.Env[Any, Any], own: Mapping[str, JsonValue]) -> gym.Env[Any, Any]:
    """The environment with the terms whose weight is not zero; `own` are the config's settings.

    :raises BadSpec: where `own` names what no term declares.
    """
    known = terms()
    keys = [key for term in known.values() for key in term.arguments]
    for name in own:
        if name not in keys:
            listed = ", ".join(f"reward.{key}" for key in keys) or "none"
            raise BadSpec(f"reward.{name} is declared by no package; known are {listed}.")
    chosen = [(term.pay, settings) for term in known.values() if (settings := _settings(term, own))]
    return _Paid(env, chosen) if chosen else env


def _settings(term: Term, own: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The arguments of a term; none where it is not used."""
    settings = {
        argument: own.get(key, term.entries[key]["default"]) for key, argument in term.arguments.items()
    }
    return settings if settings[WEIGHT] else {}


class _Paid(gym.Wrapper[Any, Any, Any, Any]):
    """Adds terms to the reward, outside `Monitor`: logged returns stay the environment's own."""

    def __init__(self, env: gym.Env[Any, Any], chosen: list[tuple[Paid, dict[str, JsonValue]]]) -> None:
        super().__init__(env)
        self._chosen = chosen
        self._observation: Any = None
        self._action: Any = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, Any]:
        self._observation, info = self.env.reset(seed=seed, options=options)
        self._action = None
        return self._observation, info

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        step = Transition(
            observation=self._observation,
            action=action,
            previous_action=self._action,
            next_observation=observation,
            reward=float(reward),
            terminated=terminated,
            truncated=truncated,
            info=info,
        )
        paid = float(reward) + sum(float(pay(step, **settings)) for pay, settings in self._chosen)
        self._observation, self._action = observation, action
        return observation, paid, terminated, truncated, info


def _term(name: str, function: Any, package: str) -> Term:
    """Read a term's signature.

    :raises CodeFailed: where it is no function with a number `weight` and defaults for all it takes.
    """
    try:
        step, *settings = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise CodeFailed(f"{package}: the reward term {name} is no function of a step.") from None
    hints = annotations_of(function)
    arguments, entries = {}, {}
    for one in settings:
        kind = type_name(hints.get(one.name, one.annotation), one.default)
        if one.kind is not inspect.Parameter.KEYWORD_ONLY or kind is None:
            raise CodeFailed(
                f"{package}: the argument {one.name} of the reward term {name} must come after * and be a "
                "float, int, bool or str."
            )
        if one.default is inspect.Parameter.empty:
            raise CodeFailed(f"{package}: the argument {one.name} of the reward term {name} needs a default.")
        key = name if one.name == WEIGHT else f"{name}_{one.name}"
        arguments[key] = one.name
        default = float(one.default) if kind == "float" else one.default
        entry = {"path": f"reward.{key}", "types": [kind], "default": default}
        entries[key] = entry | declared(hints.get(one.name))
    if not name.isidentifier() or entries.get(name, {}).get("types") not in (["float"], ["int"]):
        raise CodeFailed(
            f"{package}: the reward term {name} needs a number `weight` as an argument after {step.name}."
        )
    entries[name].setdefault("doc", " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split()))
    return Term(name, function, arguments, entries)
