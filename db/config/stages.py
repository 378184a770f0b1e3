"""Whether what varies over a training fits its environment: drawn parameters, stages. Pure."""

from collections.abc import Iterator

from pydantic import JsonValue

from db.config.check import NotAllowed, checked
from db.config.problems import did_you_mean, few
from db.config.resolve import value_at
from trainer.catalogue import Catalogue, Environment
from trainer.contract import JsonObject

_RANDOMIZED = (("env",), ("eval", "env"))


def stage_misfits(config: JsonObject, env: Environment, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """(path, message) of each drawn parameter and each stage that does not fit."""
    for folder in _RANDOMIZED:
        drawn = value_at(config, (*folder, "randomize"))
        known = catalogue.environments.get(str(value_at(config, (*folder, "id"))))
        if known is not None:
            yield from _drawn(drawn, ".".join((*folder, "randomize")), known)
    stages = value_at(config, ("curriculum",))
    for number, stage in enumerate(stages if isinstance(stages, list) else [], start=1):
        changes = stage.get("env") if isinstance(stage, dict) else None
        if isinstance(changes, dict):
            for message in _stage(changes, env, catalogue):
                yield "curriculum", f"stage {number}: {message}"


def _drawn(ranges: JsonValue, path: str, env: Environment) -> Iterator[tuple[str, str]]:
    for name in ranges if isinstance(ranges, dict) else ():
        if name not in env.randomizable:
            known = few(list(env.randomizable)) or "nothing"
            hint = did_you_mean(name, env.randomizable)
            yield path, f"{env.id} has no parameter `{name}` to randomise; it has {known}.{hint}"


def _stage(changes: JsonObject, env: Environment, catalogue: Catalogue) -> Iterator[str]:
    asked = changes.get("id", env.id)
    stage_env = catalogue.environments.get(str(asked))
    if stage_env is None:
        yield f"unknown environment {asked}.{did_you_mean(str(asked), catalogue.environments)}"
        return
    if (stage_env.action_space, stage_env.observation_space) != (env.action_space, env.observation_space):
        yield f"{stage_env.id} has other spaces than {env.id}; all stages need the same"
        return
    kwargs = changes.get("kwargs", {})
    for name, value in kwargs.items() if isinstance(kwargs, dict) else ():
        known = stage_env.kwargs.get(name)
        if known is None:
            yield f"{stage_env.id} takes no `{name}`; it takes {few(list(stage_env.kwargs)) or 'nothing'}"
            continue
        try:
            checked(known, value)
        except NotAllowed as error:
            yield str(error)
    for _, message in _drawn(changes.get("randomize"), "curriculum", stage_env):
        yield message
