"""Whether the parts of a config fit each other: algorithm, spaces, policy, yardstick. Pure."""

from collections.abc import Iterator

from pydantic import JsonValue

from db.config.canonical import same
from db.config.check import NotAllowed, checked
from db.config.problems import did_you_mean
from db.config.resolve import value_at
from trainer.catalogue import Algorithm, Catalogue, Environment
from trainer.contract import JsonObject

ON_POLICY_MINIMUM = 2


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
    yield from _spaces(algorithm, env, catalogue)
    yield from _policy(config, env)
    yield from _yardstick(config, env, yardstick)
    if not wrapper_problems:
        yield from _yardstick_wrappers(config, catalogue)
    yield from _continuous_only(config, env)
    yield from _batches(config, algorithm)
    yield from _networks(config, algorithm)


def _spaces(algorithm: Algorithm, env: Environment, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    if env.action_kind in algorithm.action_spaces:
        return
    others = [a.name.upper() for a in catalogue.algorithms.values() if env.action_kind in a.action_spaces]
    name, takes = algorithm.name.upper(), " or ".join(algorithm.action_spaces)
    yield (
        "algo",
        f"{name} takes {takes} actions, and {env.id} has {env.action_space}; use {', '.join(others)}",
    )


def _policy(config: JsonObject, env: Environment) -> Iterator[tuple[str, str]]:
    policy = _text(config, "policy")
    if policy == "CnnPolicy" and env.observation_kind != "image":
        yield "policy", f"CnnPolicy needs pictures, and {env.id} observes numbers; use MlpPolicy"
    if policy == "MultiInputPolicy" and env.observation_kind != "Dict":
        yield "policy", f"MultiInputPolicy needs named observations, and {env.id} has none; use MlpPolicy"


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
        wrapper
        for wrapper in (wrappers if isinstance(wrappers, list) else [])
        if isinstance(wrapper, dict) and catalogue.wrappers[str(wrapper["name"])].changes_spaces
    ]


def _wrappers(config: JsonObject, path: tuple[str, ...], catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    where = ".".join((*path, "wrappers"))
    wrappers = value_at(config, (*path, "wrappers"))
    for wrapper in wrappers if isinstance(wrappers, list) else []:
        assert isinstance(wrapper, dict)
        name, kwargs = str(wrapper.get("name")), wrapper.get("kwargs", {})
        assert isinstance(kwargs, dict)
        known = catalogue.wrappers.get(name)
        if known is None:
            hint = did_you_mean(name, catalogue.wrappers)
            yield where, f"unknown wrapper {name}; there are {', '.join(catalogue.wrappers)}.{hint}"
            continue
        unknown = [key for key in kwargs if key not in known.kwargs]
        if unknown or (kwargs.keys() != known.kwargs.keys()):
            yield where, f"the wrapper {name} takes {', '.join(known.kwargs) or 'no arguments'}"
            continue
        for key, value in kwargs.items():
            try:
                checked(known.kwargs[key], value)
            except NotAllowed as error:
                yield where, f"wrapper {name}: {error}"


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


def _batches(config: JsonObject, algorithm: Algorithm) -> Iterator[tuple[str, str]]:
    n_envs = _number(config, 1, "n_envs")
    if "train_freq" in algorithm.parameters:
        frequency = value_at(config, ("hyperparams", "train_freq"))
        if n_envs > 1 and isinstance(frequency, list) and frequency[1] == "episode":
            yield "n_envs", "training by the episode takes one environment: set n_envs = 1"
        return
    default = _number({"n": algorithm.parameters["n_steps"].default}, 1, "n")
    if _number(config, default, "hyperparams", "n_steps") * n_envs < ON_POLICY_MINIMUM:
        yield "hyperparams.n_steps", "n_steps times n_envs must be at least 2, to normalise advantages"
    if _number(config, ON_POLICY_MINIMUM, "hyperparams", "batch_size") < ON_POLICY_MINIMUM:
        yield "hyperparams.batch_size", "batch_size must be at least 2, to normalise advantages"


def _networks(config: JsonObject, algorithm: Algorithm) -> Iterator[tuple[str, str]]:
    net_arch = value_at(config, ("hyperparams", "policy_kwargs", "net_arch"))
    critic, other = ("qf", "vf") if "train_freq" in algorithm.parameters else ("vf", "qf")
    if isinstance(net_arch, dict) and other in net_arch:
        yield (
            "hyperparams.policy_kwargs.net_arch",
            f"the networks of {algorithm.name.upper()} are pi and {critic}, not {other}",
        )


def _text(config: JsonObject, *path: str) -> str:
    value = value_at(config, path)
    return value if isinstance(value, str) else ""


def _number(config: JsonObject, default: float, *path: str) -> float:
    value = value_at(config, path)
    return value if isinstance(value, int | float) else default


def _list(config: JsonObject, *path: str) -> list[JsonValue]:
    value = value_at(config, path)
    return value if isinstance(value, list) else []
