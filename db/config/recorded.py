"""Whether a config fits an algorithm that learns from a dataset, or one that does not. Pure."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from db.config.problems import few, shorten
from db.config.resolve import Path, value_at
from db.errors import ConfigError
from trainer.catalogue import Algorithm, Environment, listed
from trainer.contract import JsonObject

SHOWN = 5
_SPOKEN = {"Box": "continuous", "Discrete": "discrete"}
# What belongs to acting while training, what it may be, and what to do instead.
_ACTING: tuple[tuple[Path, tuple[object, ...], str], ...] = (
    (("n_envs",), (None, 1), "set it to 1"),
    (("env", "normalize"), (None,), "use hyperparams.observation_scaler"),
    (("curriculum",), (None, []), "remove it"),
    (("backend",), (None, "auto", "stock"), "use auto"),
)


def with_dataset_hash(delta: JsonObject, config: JsonObject, known: Mapping[str, str]) -> JsonObject:
    """The delta with the hash of the dataset that the resolved config names; `known` are hashes by name.

    A delta that says nothing of `dataset` keeps what its parent was signed with.

    :raises ConfigError: where no such dataset is registered.
    """
    if "dataset" not in delta:
        return delta
    named = value_at(config, ("dataset", "id"))
    if named is None:
        return {**delta, "dataset": None}
    name = str(named)
    if name not in known:
        there = f"; there are {few(sorted(known), SHOWN)}" if known else ""
        raise ConfigError(
            f'the dataset "{shorten(name)}" is not registered{there}. Put it into the folder '
            "SIGNOFF_DATASETS_DIR and run `signoff datasets`"
        )
    return {**delta, "dataset": {"id": name, "sha256": known[name]}}


def dataset_misfits(
    config: JsonObject, algorithm: Algorithm, env: Environment, offline: list[str]
) -> Iterator[tuple[str, str]]:
    """(path, message) of each part that does not fit; `offline` are the titles of such algorithms."""
    named = value_at(config, ("dataset", "id"))
    yield from _other_actions(config, algorithm, env)
    if not algorithm.needs_dataset:
        if named is not None:
            able = listed(offline)
            yield (
                "dataset.id",
                f"{algorithm.title} learns from what it does itself: remove dataset, or use {able}",
            )
        return
    if named is None:
        yield "dataset.id", f"{algorithm.title} learns from recorded steps: set dataset.id to a dataset"
    acts = f"{algorithm.title} learns from a dataset, so nobody acts while it trains"
    for path, allowed, remedy in _ACTING:
        if value_at(config, path) not in allowed:
            yield ".".join(path), f"{acts}: {path[-1]} has no meaning; {remedy}"
    terms = value_at(config, ("reward",))
    for name, value in terms.items() if isinstance(terms, dict) else ():
        if value:
            yield (
                f"reward.{name}",
                f"{acts}: record the dataset with the reward that you want, and remove {name}",
            )
    if env.observation_kind != "Box" and not value_at(config, ("env", "wrappers")):
        yield "env.id", f"{algorithm.title} learns from vectors of numbers, and {env.id} observes otherwise"


def other_learning(
    before: Algorithm, after: Algorithm, config: JsonObject
) -> Iterator[tuple[Path, JsonValue]]:
    """What goes when an algorithm that learns from a dataset takes the place of one that acts, or back.

    Hyperparameters go as well: those of the same name mean something else in the other library.
    """
    if before.needs_dataset is after.needs_dataset:
        return
    hyperparams = config.get("hyperparams")
    for name in hyperparams if isinstance(hyperparams, dict) else ():
        yield ("hyperparams", name), None
    for path in [path for path, _, _ in _ACTING] if after.needs_dataset else [("dataset",)]:
        yield path, None


def _other_actions(config: JsonObject, algorithm: Algorithm, env: Environment) -> Iterator[tuple[str, str]]:
    """Hyperparameters that the algorithm has with other actions alone."""
    for parameter in algorithm.parameters.values():
        kinds = parameter.action_spaces
        if (
            kinds
            and env.action_kind not in kinds
            and value_at(config, tuple(parameter.path.split("."))) is not None
        ):
            spoken = listed([_SPOKEN[kind] for kind in kinds])
            belongs = f"{parameter.name} belongs to {algorithm.title} with {spoken} actions"
            yield parameter.path, f"{belongs}; {env.id} has {env.action_text}, so remove it"
