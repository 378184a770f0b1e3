"""What an algorithm demands beside types and ranges: of its arguments together, of the environment. Pure."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from db.config.resolve import value_at
from trainer.catalogue import Algorithm, Environment
from trainer.contract import JsonObject

ON_POLICY_MINIMUM = 2
_HINDSIGHT = frozenset({"n_sampled_goal", "goal_selection_strategy", "copy_info_dict"})
_MASKS_REMEDY = "does not say it; use PPO, or the wrapper action_mask_from_info where it stands in info"
_MEMORY_REMEDY = "set hyperparams.replay_buffer.handle_timeout_termination = false too"
_OPTIMIZERS: Mapping[str, frozenset[str]] = {
    "adam": frozenset({"eps", "weight_decay", "betas", "amsgrad"}),
    "adamw": frozenset({"eps", "weight_decay", "betas", "amsgrad"}),
    "rmsprop": frozenset({"eps", "weight_decay", "alpha", "momentum", "centered"}),
    "rmsprop_tf_like": frozenset({"eps", "weight_decay", "alpha", "momentum", "centered"}),
    "sgd": frozenset({"weight_decay", "momentum", "nesterov"}),
}


def demands(config: JsonObject, algorithm: Algorithm, env: Environment) -> Iterator[tuple[str, str]]:
    """(path, message) of each demand that is not met."""
    yield from _batches(config, algorithm)
    yield from _networks(config, algorithm)
    yield from _optimizer(config)
    yield from _together(config, algorithm)
    yield from _needs(config, algorithm, env)


def _batches(config: JsonObject, algorithm: Algorithm) -> Iterator[tuple[str, str]]:
    n_envs = _number(config, 1, "n_envs")
    if "train_freq" in algorithm.parameters:
        frequency = value_at(config, ("hyperparams", "train_freq"))
        if n_envs > 1 and isinstance(frequency, list) and frequency[1] == "episode":
            yield "n_envs", "training by the episode takes one environment: set n_envs = 1"
        return
    if "n_steps" not in algorithm.parameters:
        return
    default = _number({"n": algorithm.parameters["n_steps"].default}, 1, "n")
    if _number(config, default, "hyperparams", "n_steps") * n_envs < ON_POLICY_MINIMUM:
        yield "hyperparams.n_steps", "n_steps times n_envs must be at least 2, to normalise advantages"
    if _number(config, ON_POLICY_MINIMUM, "hyperparams", "batch_size") < ON_POLICY_MINIMUM:
        yield "hyperparams.batch_size", "batch_size must be at least 2, to normalise advantages"


def _networks(config: JsonObject, algorithm: Algorithm) -> Iterator[tuple[str, str]]:
    net_arch = value_at(config, ("hyperparams", "policy_kwargs", "net_arch"))
    if net_arch is not None and _text(config, "policy") == "LinearPolicy":
        yield (
            "hyperparams.policy_kwargs.net_arch",
            "LinearPolicy has no hidden layers; use MlpPolicy, or remove net_arch",
        )
    critic, other = ("qf", "vf") if "train_freq" in algorithm.parameters else ("vf", "qf")
    if isinstance(net_arch, dict) and other in net_arch:
        yield (
            "hyperparams.policy_kwargs.net_arch",
            f"the networks of {algorithm.title} are pi and {critic}, not {other}",
        )


def _optimizer(config: JsonObject) -> Iterator[tuple[str, str]]:
    name = _text(config, "hyperparams", "policy_kwargs", "optimizer_class")
    given = value_at(config, ("hyperparams", "policy_kwargs", "optimizer_kwargs"))
    takes = _OPTIMIZERS.get(name)
    for key in given if takes is not None and isinstance(given, dict) else ():
        if takes is not None and key not in takes:
            yield (
                f"hyperparams.policy_kwargs.optimizer_kwargs.{key}",
                f"the optimizer {name} has no `{key}`; it has {', '.join(sorted(takes))}",
            )


def _together(config: JsonObject, algorithm: Algorithm) -> Iterator[tuple[str, str]]:
    """Arguments that bound each other."""
    for small, large, strictly in (
        ("n_top", "n_delta", False),
        ("top_quantiles_to_drop_per_net", "n_quantiles", True),
    ):
        if small not in algorithm.parameters:
            continue
        low, high = (_set_or_default(config, algorithm, name) for name in (small, large))
        if low > high or (strictly and low == high):
            bound = "below" if strictly else "at most"
            yield algorithm.parameters[small].path, f"{small} must be {bound} {large}, which is {high:g}"
    squashed = value_at(config, ("hyperparams", "policy_kwargs", "squash_output")) is True
    if squashed and "use_sde" in algorithm.parameters and not value_at(config, ("hyperparams", "use_sde")):
        yield (
            "hyperparams.policy_kwargs.squash_output",
            "squashed actions go with gSDE: set hyperparams.use_sde = true too",
        )


def _set_or_default(config: JsonObject, algorithm: Algorithm, name: str) -> float:
    parameter = algorithm.parameters[name]
    value = value_at(config, tuple(parameter.path.split(".")))
    found = parameter.default if value is None else value
    return found if isinstance(found, int | float) else 0


def _needs(config: JsonObject, algorithm: Algorithm, env: Environment) -> Iterator[tuple[str, str]]:
    """What an algorithm asks of the environment beside its spaces."""
    wrapped = bool(_list(config, "env", "wrappers"))
    if algorithm.name == "maskable_ppo" and not env.has_masks and not wrapped:
        yield (
            "algo",
            f"{algorithm.title} asks which actions are allowed, and {env.id} {_MASKS_REMEDY}",
        )
    if value_at(config, ("hyperparams", "replay_buffer", "class")) == "her" and not env.has_goals:
        yield (
            "hyperparams.replay_buffer.class",
            f"hindsight needs an environment with goals, and {env.id} has none; use standard",
        )
    buffer = value_at(config, ("hyperparams", "replay_buffer"))
    if isinstance(buffer, dict) and buffer.get("class") != "her" and (found := buffer.keys() & _HINDSIGHT):
        yield (
            f"hyperparams.replay_buffer.{min(found)}",
            f"`{min(found)}` belongs to the buffer her: set hyperparams.replay_buffer.class = her too",
        )
    if value_at(config, ("hyperparams", "optimize_memory_usage")) is True and (
        value_at(config, ("hyperparams", "replay_buffer", "handle_timeout_termination")) is not False
    ):
        yield (
            "hyperparams.optimize_memory_usage",
            f"a buffer that saves memory cannot tell a time limit from an end; {_MEMORY_REMEDY}",
        )
    named = env.observation_kind == "Dict" and not wrapped
    if named and "train_freq" in algorithm.parameters and _number(config, 1, "hyperparams", "n_steps") > 1:
        yield (
            "hyperparams.n_steps",
            f"returns over several steps need one array, and {env.id} observes named parts: set n_steps = 1",
        )
    yield from _hindsight(config, env)


def _hindsight(config: JsonObject, env: Environment) -> Iterator[tuple[str, str]]:
    """It samples only what has ended, and asks the environment alone for the rewards of other goals."""
    if value_at(config, ("hyperparams", "replay_buffer", "class")) != "her":
        return
    needed = (env.max_episode_steps or 0) * int(_number(config, 1, "n_envs"))
    if _number(config, 100, "hyperparams", "learning_starts") < needed:
        yield (
            "hyperparams.learning_starts",
            f"hindsight learns from whole episodes: set learning_starts to at least {needed}",
        )
    terms = value_at(config, ("reward",))
    for name, value in terms.items() if isinstance(terms, dict) else ():
        if value:
            yield (
                f"reward.{name}",
                "hindsight cannot work out reward terms for other goals: set it to 0, or use standard",
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
