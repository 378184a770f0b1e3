"""Whether the parts of a config fit each other: algorithm, spaces, policy, yardstick. Pure."""

from collections.abc import Iterator

from pydantic import JsonValue

from db.config.canonical import same
from db.config.check import SHOWN, NotAllowed, checked
from db.config.demands import demands
from db.config.problems import did_you_mean, few
from db.config.recorded import dataset_misfits
from db.config.resolve import value_at
from db.config.stages import stage_misfits
from trainer.catalogue import Algorithm, Catalogue, Environment, Wrapper, refuse_actions
from trainer.contract import JsonObject


def misfits(config: JsonObject, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """(path, message) of each part that does not fit. Keys and values have been checked before."""
    algorithm = catalogue.algorithms.get(_text(config, "algo"))
    env = catalogue.environments.get(_text(config, "env", "id"))
    yardstick = catalogue.environments.get(_text(config, "eval", "env", "id"))
    if algorithm is None or env is None or yardstick is None:
        return
    wrapper_problems = [
        *_wrappers(config, ("env",), catalogue),
        *_wrappers(config, ("eval", "env"), catalogue),
    ]
    yield from wrapper_problems
    if env.action_kind not in algorithm.action_spaces:
        text = refuse_actions(
            algorithm.title, algorithm.action_spaces, env.id, env.action_kind, env.action_text
        )
        yield "algo", text
    yield from _policy(config, algorithm, env)
    yield from _yardstick(config, env, yardstick)
    if not wrapper_problems:
        yield from _yardstick_wrappers(config, catalogue)
    yield from _continuous_only(config, env)
    yield from demands(config, algorithm, env)
    offline = [known.title for known in catalogue.algorithms.values() if known.needs_dataset]
    yield from dataset_misfits(config, algorithm, env, offline)
    yield from stage_misfits(config, env, catalogue)


def _policy(config: JsonObject, algorithm: Algorithm, env: Environment) -> Iterator[tuple[str, str]]:
    policy, wrapped = _text(config, "policy"), bool(_list(config, "env", "wrappers"))
    networks = {kind: _policy_for(kind, algorithm) for kind in ("Mlp", "MultiInput")}
    if wrapped:
        return  # wrappers may change what is observed; the trainer looks
    if policy.startswith("Cnn") and env.observation_kind != "image":
        yield "policy", f"{policy} needs pictures, and {env.id} observes numbers; use {networks['Mlp']}"
    if policy.startswith("MultiInput") and env.observation_kind != "Dict":
        yield "policy", f"{policy} needs named observations, and {env.id} has none; use {networks['Mlp']}"
    if env.package == "minigrid":
        remedy = "put the wrapper minigrid_flat, or minigrid_one_hot, around env and eval.env"
        yield "env.wrappers", f"{env.id} observes words, which no policy takes; {remedy}"
    elif env.observation_kind == "Dict" and not policy.startswith("MultiInput"):
        other = networks["MultiInput"]
        remedy = f"use {other}" if other else "flatten them with a wrapper"
        yield "policy", f"{policy} needs one array, and {env.id} observes named parts; {remedy}"


def _policy_for(kind: str, algorithm: Algorithm) -> str:
    return next((policy for policy in sorted(algorithm.policies) if policy.startswith(kind)), "")


def _yardstick(config: JsonObject, env: Environment, yardstick: Environment) -> Iterator[tuple[str, str]]:
    ours = (env.action_space, env.observation_space)
    if ours != (yardstick.action_space, yardstick.observation_space):
        remedy = f"set eval.env.id = {env.id} too (it starts a new root), or keep {yardstick.id}"
        yield (
            "env.id",
            f"what {env.id} teaches cannot act in the yardstick's {yardstick.id} (other spaces); {remedy}",
        )
        return
    for name, kwarg in env.kwargs.items():
        if not kwarg.changes_spaces:
            continue
        trained = value_at(config, ("env", "kwargs", name))
        judged = value_at(config, ("eval", "env", "kwargs", name))
        if not same(
            kwarg.default if trained is None else trained, kwarg.default if judged is None else judged
        ):
            yield (
                f"env.kwargs.{name}",
                f"`{name}` changes what is observed: set eval.env.kwargs.{name} to the same",
            )


def _yardstick_wrappers(config: JsonObject, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    trained, judged = (_space_changing(value_at(config, path), catalogue) for path in _WRAPPER_PATHS)
    if not same(trained, judged):
        yield (
            "env.wrappers",
            "wrappers that change what is observed or done must stand in eval.env.wrappers too",
        )


_WRAPPER_PATHS = (("env", "wrappers"), ("eval", "env", "wrappers"))


def _space_changing(wrappers: JsonValue, catalogue: Catalogue) -> JsonValue:
    return [
        {"name": wrapper["name"], "kwargs": _shaping(wrapper, catalogue.wrappers[str(wrapper["name"])])}
        for wrapper in (wrappers if isinstance(wrappers, list) else [])
        if isinstance(wrapper, dict) and catalogue.wrappers[str(wrapper["name"])].changes_spaces
    ]


def _shaping(wrapper: JsonObject, known: Wrapper) -> JsonObject:
    """The arguments on which observations and actions depend, with their defaults."""
    given = wrapper.get("kwargs", {})
    assert isinstance(given, dict)
    return {
        name: given.get(name, kwarg.default) for name, kwarg in known.kwargs.items() if kwarg.changes_spaces
    }


def _wrappers(config: JsonObject, path: tuple[str, ...], catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    where = ".".join((*path, "wrappers"))
    for wrapper in _list(config, *path, "wrappers"):
        assert isinstance(wrapper, dict)
        for message in _wrapper(wrapper, catalogue):
            yield where, message


def _wrapper(wrapper: JsonObject, catalogue: Catalogue) -> Iterator[str]:
    name, kwargs = str(wrapper.get("name")), wrapper.get("kwargs", {})
    assert isinstance(kwargs, dict)
    known = catalogue.wrappers.get(name)
    if known is None:
        hint = did_you_mean(name, catalogue.wrappers)
        there = "" if hint else f"; there are {few(list(catalogue.wrappers), SHOWN)}"
        yield f"unknown wrapper {name}{there}.{hint}"
        return
    needed = {key for key, kwarg in known.kwargs.items() if kwarg.required}
    if kwargs.keys() - known.kwargs.keys() or needed - kwargs.keys():
        yield f"the wrapper {name} takes {', '.join(known.kwargs) or 'no arguments'}"
        return
    for key, value in kwargs.items():
        try:
            checked(known.kwargs[key], value)
        except NotAllowed as error:
            yield f"wrapper {name}: {error}"


def _continuous_only(config: JsonObject, env: Environment) -> Iterator[tuple[str, str]]:
    if env.action_kind == "Box":
        return
    if value_at(config, ("hyperparams", "use_sde")) is True:
        yield "hyperparams.use_sde", f"gSDE needs continuous actions, and {env.id} has {env.action_space}"
    if value_at(config, ("reward", "action_magnitude_penalty")):
        yield (
            "reward.action_magnitude_penalty",
            f"actions of {env.id} have no size ({env.action_space}); use reward.action_change_penalty",
        )
    if any(
        isinstance(wrapper, dict) and wrapper.get("name") == "rescale_action"
        for wrapper in _list(config, "env", "wrappers")
    ):
        yield "env.wrappers", f"rescale_action needs continuous actions, and {env.id} has {env.action_space}"


def _text(config: JsonObject, *path: str) -> str:
    value = value_at(config, path)
    return value if isinstance(value, str) else ""


def _list(config: JsonObject, *path: str) -> list[JsonValue]:
    value = value_at(config, path)
    return value if isinstance(value, list) else []
