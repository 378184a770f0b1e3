"""What must leave or follow when a text changes the algorithm or an environment. Pure."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from db.config.canonical import same
from db.config.recorded import other_learning
from db.config.resolve import Path, value_at
from db.config.schema import Schema
from trainer.contract import JsonObject

_FOLDERS: tuple[Path, ...] = (
    ("hyperparams", "policy_kwargs", "optimizer_kwargs"),
    ("hyperparams", "policy_kwargs"),
    ("hyperparams",),
    ("env", "kwargs"),
    ("eval", "env", "kwargs"),
)
_YARDSTICK: Path = ("eval", "env", "id")


def follow_ups(
    changes: Mapping[Path, JsonValue], config: JsonObject, schema: Schema
) -> Iterator[tuple[Path, JsonValue]]:
    """Further changes, beside those asked for; they stand in the delta, so that the diff shows them."""
    found = [*_leftovers(config, schema), *_other_meaning(config, schema), *_other_policy(config, schema)]
    before, after = (schema.catalogue.algorithms.get(str(name)) for name in (config.get("algo"), schema.algo))
    if before and after:
        found += other_learning(before, after, config)
    if _YARDSTICK in changes:
        found += _known_returns(config, schema, str(changes[_YARDSTICK]))
    for path, value in found:
        asked = any(path[: len(other)] == other or other[: len(path)] == path for other in changes)
        if not asked and not same(value_at(config, path), value):
            yield path, value


def _leftovers(config: JsonObject, schema: Schema) -> Iterator[tuple[Path, JsonValue]]:
    """Keys that the new algorithm or environment does not have leave with the old one."""
    for folder in _FOLDERS:
        values = value_at(config, folder)
        for name in values if isinstance(values, dict) else ():
            dotted = ".".join((*folder, name))
            if dotted not in schema.folders and not _has(schema, dotted):
                yield (*folder, name), None


def _has(schema: Schema, dotted: str) -> bool:
    """Whether the algorithm, acting in this environment, has the key."""
    parameter, env = schema.parameter(dotted), schema.catalogue.environments.get(schema.env_id)
    if parameter is None:
        return False
    return not parameter.action_spaces or env is None or env.action_kind in parameter.action_spaces


def _other_meaning(config: JsonObject, schema: Schema) -> Iterator[tuple[Path, JsonValue]]:
    """`n_steps` is the length of a rollout on policy, and of a return off policy."""
    algorithms = schema.catalogue.algorithms
    before = algorithms.get(str(config.get("algo")))
    after = algorithms.get(schema.algo)
    if before and after and ("train_freq" in before.parameters) != ("train_freq" in after.parameters):
        yield ("hyperparams", "n_steps"), None


def _other_policy(config: JsonObject, schema: Schema) -> Iterator[tuple[Path, JsonValue]]:
    """Recurrent algorithms have policies of their own: MlpLstmPolicy instead of MlpPolicy, and back."""
    after = schema.catalogue.algorithms.get(schema.algo)
    policy = str(config.get("policy", ""))
    if after is None or not policy or policy in after.policies:
        return
    kind = policy.removesuffix("Policy").removesuffix("Lstm")
    fitting = [name for name in after.policies if name.startswith(kind)]
    if fitting:
        yield ("policy",), fitting[0]


def _known_returns(config: JsonObject, schema: Schema, env_id: str) -> Iterator[tuple[Path, JsonValue]]:
    """Another yardstick has other ranges, and another bar for a success."""
    environment = schema.catalogue.environments.get(env_id)
    if environment is None:
        return
    metrics: Path = ("eval", "metrics")
    if value_at(config, (*metrics, "final_reward")) is not None:
        yield (*metrics, "final_reward", "range"), list(environment.reward_range)
    if value_at(config, (*metrics, "episode_length")) is not None:
        yield (*metrics, "episode_length", "range"), [1, environment.max_episode_steps]
    yield ("eval", "success", "return_at_least"), environment.reward_threshold
