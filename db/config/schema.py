"""The keys that a config of one algorithm and environment may have. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from db.config.check import SCHEDULES
from db.config.problems import did_you_mean, few, shorten
from db.config.resolve import Path, value_at
from trainer.catalogue import Catalogue, Parameter, is_allowed
from trainer.contract import JsonObject

ALIASES: Mapping[str, str] = {
    "algorithm": "algo",
    "env": "env.id",
    "env_id": "env.id",
    "lr": "learning_rate",
    "steps": "total_timesteps",
    "timesteps": "total_timesteps",
}

ANY_VALUE = ("any",)
MAX_INSIDE = 3


class UnknownKey(LookupError):
    """The message says what was meant, perhaps."""


class AmbiguousKey(LookupError):
    """The message names the keys that it could be."""


@dataclass(frozen=True)
class Schema:
    """`parameters` by dotted path; `folders` are the paths of objects that hold parameters."""

    parameters: Mapping[str, Parameter]
    folders: frozenset[str]
    algo: str
    env_id: str
    catalogue: Catalogue

    def parameter(self, dotted: str) -> Parameter | None:
        """The parameter at a path, or one of any value below an object that is judged as a whole."""
        if dotted in self.parameters:
            return self.parameters[dotted]
        parent = dotted
        while "." in parent:
            parent = parent.rpartition(".")[0]
            holder = self.parameters.get(parent)
            if holder is not None:
                return Parameter(dotted, ANY_VALUE) if "object" in holder.types else None
        return None

    def find(self, key: str, config: JsonObject) -> str:
        """The full path of a key as typed, in lower case: whole, or its last parts where that is enough.

        Keys of the yardstick (`eval.*`) give way to equal ones of the training, and keys that the
        config does not set give way to one that it sets.

        :raises UnknownKey: :raises AmbiguousKey:
        """
        wanted = key if self._names(key) else ALIASES.get(key, key)
        if wanted in self.parameters or wanted in self.folders:
            return wanted
        found = self._narrowed(wanted, config)
        if not found:
            found = self._inside(wanted, config)
        if not found:
            raise UnknownKey(f"unknown key `{shorten(key)}`.{self._hint(key)}")
        if len(found) > 1:
            raise AmbiguousKey(f"ambiguous: {' or '.join(f'`{path}`' for path in sorted(found))}")
        return found[0]

    def defaults(self) -> Iterator[tuple[Path, Parameter]]:
        for dotted, parameter in self.parameters.items():
            yield tuple(dotted.split(".")), parameter

    def _names(self, key: str) -> list[str]:
        ending = "." + key
        return [path for path in (*self.parameters, *self.folders) if path == key or path.endswith(ending)]

    def _narrowed(self, key: str, config: JsonObject) -> list[str]:
        found = self._names(key)
        for preferred in (_outside_eval(found), [path for path in found if _is_set(path, config)]):
            found = [path for path in found if path in preferred] or found
        return found

    def _inside(self, key: str, config: JsonObject) -> list[str]:
        """`net_arch.pi` stands in the object net_arch, wherever that is; full paths are themselves."""
        if self.parameter(key) is not None:
            return [key]
        parts = key.split(".")
        for depth in range(1, min(len(parts), MAX_INSIDE + 1)):
            holders = self._narrowed(".".join(parts[:-depth]), config)
            paths = [".".join((holder, *parts[-depth:])) for holder in holders]
            if found := [path for path in paths if self.parameter(path) is not None]:
                return found
        return []

    def _hint(self, key: str) -> str:
        short = key.rpartition(".")[2]
        owners = [a.title for a in self.catalogue.algorithms.values() if short in a.parameters]
        if owners:
            own = self.catalogue.algorithms.get(self.algo)
            return f" It belongs to {few(owners)}, not to {own.title if own else self.algo}."
        owners = [e.id for e in self.catalogue.environments.values() if short in e.kwargs]
        if owners:
            return f" It belongs to {few(owners)}, not to {self.env_id}."
        paths = set(self.parameters) | set(self.folders)
        words = paths | {path.rpartition(".")[2] for path in paths} if "." not in key else paths
        return did_you_mean(key, words) or did_you_mean(short, {p.rpartition(".")[2] for p in paths})


def schema_for(config: JsonObject, catalogue: Catalogue) -> Schema:
    """The keys for the algorithm and environments that `config` names (unknown ones have none)."""
    algo, env_id = _text(config, "algo"), _text(config, "env", "id")
    parameters = dict(catalogue.common)
    parameters["env.id"] = _one_of(parameters["env.id"], catalogue.environments)
    parameters["eval.env.id"] = _one_of(parameters["eval.env.id"], catalogue.environments)
    algorithm = catalogue.algorithms.get(algo)
    if algorithm is not None:
        parameters["policy"] = replace(parameters["policy"], choices=algorithm.policies)
        parameters |= {parameter.path: parameter for parameter in algorithm.parameters.values()}
    parameters |= _env_kwargs(catalogue, env_id, "env.kwargs")
    parameters |= _env_kwargs(catalogue, _text(config, "eval", "env", "id"), "eval.env.kwargs")
    parameters |= dict(_schedule_parts(parameters))
    parents = {parent for path in parameters for parent in _parents(path)}
    folders = parents - parameters.keys() | {"env.kwargs", "eval.env.kwargs", "hyperparams.policy_kwargs"}
    return Schema(parameters, frozenset(folders), algo, env_id, catalogue)


def _env_kwargs(catalogue: Catalogue, env_id: str, folder: str) -> dict[str, Parameter]:
    environment = catalogue.environments.get(env_id)
    if environment is None and is_allowed(env_id, catalogue.common["env.id"].patterns):
        return {folder: Parameter(folder, ("object", *ANY_VALUE), default={})}  # its constructor knows
    kwargs = environment.kwargs if environment else {}
    return {f"{folder}.{name}": replace(kwarg, path=f"{folder}.{name}") for name, kwarg in kwargs.items()}


def _schedule_parts(parameters: Mapping[str, Parameter]) -> Iterator[tuple[str, Parameter]]:
    for path, parameter in parameters.items():
        if "schedule" in parameter.types:
            start = replace(parameter, path=f"{path}.start", types=("float",), default=None, required=True)
            yield start.path, start
            yield f"{path}.end", Parameter(f"{path}.end", ("float",), minimum=0, required=True)
            fraction = Parameter(f"{path}.end_fraction", ("float",), minimum=0, maximum=1)
            yield fraction.path, fraction
            kind = Parameter(f"{path}.schedule", ("string",), choices=SCHEDULES, required=True)
            yield kind.path, kind


def _one_of(parameter: Parameter, names: Mapping[str, object]) -> Parameter:
    return replace(parameter, choices=tuple(names))


def _parents(path: str) -> Iterator[str]:
    while "." in path:
        path = path.rpartition(".")[0]
        yield path


def _text(config: JsonObject, *path: str) -> str:
    value = value_at(config, path)
    return value if isinstance(value, str) else ""


def _outside_eval(paths: list[str]) -> list[str]:
    return [path for path in paths if not path.startswith("eval.")]


def _is_set(dotted: str, config: JsonObject) -> bool:
    return value_at(config, tuple(dotted.split("."))) is not None
