"""What a person typed as changes, turned into a delta, or refused with a remedy. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from db.config.canonical import same
from db.config.check import NotAllowed, checked
from db.config.entries import Entry, read_entries
from db.config.follow import follow_ups
from db.config.hashes import format_value
from db.config.literal import NULLS, read_literal
from db.config.problems import MAX_PROBLEMS, OverrideProblems, Problem, shorten
from db.config.resolve import Path, Resolved, delta_at, merge, value_at
from db.config.schema import Schema, schema_for
from db.config.validate import unknown_key, validate_config
from db.errors import ConfigError
from trainer.catalogue import Catalogue, Parameter
from trainer.contract import JsonObject

__all__ = ["OverrideProblems", "Problem", "parse_overrides", "validate_config"]

_FOLLOWED = {
    "algo": ("algo",),
    "algorithm": ("algo",),
    "env": ("env", "id"),
    "env_id": ("env", "id"),
    "env.id": ("env", "id"),
    "eval.env.id": ("eval", "env", "id"),
}
# Objects that are spoken of by the name that stands in them.
_NAMED = {"env": "env.id", "program": "program.name"}
_NORMALIZE = ("env", "normalize")
_DEFAULT_NORMALIZE: JsonObject = {"norm_obs": True, "norm_reward": True}


@dataclass
class _Reading:
    """What has been understood so far, and what has not."""

    schema: Schema
    resolved: Resolved
    taken: dict[Path, Entry] = field(default_factory=dict)
    changes: dict[Path, JsonValue] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, entry: Entry, message: str) -> None:
        self.problems.append(Problem(entry.line, shorten(entry.key), message))


def parse_overrides(text: str, resolved: Resolved, catalogue: Catalogue) -> JsonObject:
    """The delta that `text` spells over the parent's `resolved` config.

    One `key = value` a line (`x0.5` and `+20%` scale, `none` goes back to the default), or a JSON
    object. A short key will do where it is unambiguous.

    :raises OverrideProblems: with every problem found, 20 at most.
    """
    entries = read_entries(text)
    reading = _Reading(schema_for(_target(resolved.config, entries), catalogue), resolved)
    for entry in entries:
        _read(entry, reading)
        if len(reading.problems) >= MAX_PROBLEMS:
            break
    if not reading.problems:
        for path, value in follow_ups(reading.changes, resolved.config, reading.schema):
            reading.changes[path] = value
    delta: JsonObject = {}
    if not reading.problems:
        delta = _delta(reading.changes)
        reading.problems.extend(_misfits(delta, reading, catalogue))
    if reading.problems:
        raise OverrideProblems(reading.problems[:MAX_PROBLEMS])
    return delta


def _target(config: JsonObject, entries: Sequence[Entry]) -> JsonObject:
    """The config with the algorithm and environments that the entries ask for: they decide the keys."""
    target = config
    for path, name in _followed(entries):
        target = merge(target, delta_at(path, name))
    return target


def _followed(entries: Sequence[Entry]) -> Iterator[tuple[Path, str]]:
    for entry in entries:
        if entry.typed is not None and entry.key in _FOLLOWED:
            yield _FOLLOWED[entry.key], entry.typed.strip("\"'")
        for key, path in _FOLLOWED.items():
            if entry.typed is None and path[0] == entry.key.partition(".")[0]:
                inside = value_at({entry.key: entry.value}, path if entry.key != key else (key,))
                if isinstance(inside, str):
                    yield path, inside


def _read(entry: Entry, reading: _Reading) -> None:
    try:
        dotted = reading.schema.find(entry.key, reading.resolved.config)
    except LookupError as error:
        reading.refuse(entry, str(error))
        return
    if entry.typed is None:
        _set_tree(dotted, entry.value, entry, reading)
    elif dotted in _NAMED and entry.typed[0] != "{" and not _removes_program(dotted, entry.typed):
        _set_typed(_NAMED[dotted], entry, reading)
    elif dotted in reading.schema.folders:
        _set_folder(dotted, entry, reading)
    else:
        _set_typed(dotted, entry, reading)


def _removes_program(dotted: str, typed: str) -> bool:
    """`program = none` takes its parameters along."""
    return dotted == "program" and typed.lower() in NULLS


def _set_folder(dotted: str, entry: Entry, reading: _Reading) -> None:
    """`env.normalize = none`, `env.normalize = true`, or an object in JSON."""
    typed = (entry.typed or "").lower()
    try:
        value = read_literal(Parameter(dotted, ("any",)), entry.typed or "", None)
    except NotAllowed as error:
        reading.refuse(entry, str(error))
        return
    if dotted == "env.normalize" and typed in {"true", "yes", "on"}:
        value = _DEFAULT_NORMALIZE
    elif dotted == "env.normalize" and typed in {"false", "no", "off"}:
        value = None
    _set_tree(dotted, value, entry, reading)


def _set_tree(dotted: str, value: JsonValue, entry: Entry, reading: _Reading) -> None:
    if dotted not in reading.schema.folders:
        if reading.schema.parameter(dotted) is None:
            reading.refuse(entry, unknown_key(dotted, reading.schema))
        else:
            _set(dotted, value, entry, reading)
    elif isinstance(value, dict):
        if not value:
            reading.refuse(entry, f"`{dotted}` = {{}} changes nothing; name the keys, or write none")
        for name, item in value.items():
            if len(reading.problems) < MAX_PROBLEMS:
                _set_tree(f"{dotted}.{name}", item, entry, reading)
    elif value is None:
        _remove_folder(dotted, entry, reading)
    else:
        reading.refuse(entry, f"`{dotted}` holds several keys; write them one by one, or none to remove it")


def _remove_folder(dotted: str, entry: Entry, reading: _Reading) -> None:
    needed = [
        parameter.path
        for parameter in reading.schema.parameters.values()
        if parameter.required
        and parameter.path.startswith(dotted + ".")
        and "schedule" not in parameter.types
    ]
    needed = [path for path in needed if not path.startswith("hyperparams.")]
    path = tuple(dotted.split("."))
    if needed:
        reading.refuse(entry, f"`{dotted}` cannot be removed: `{needed[0]}` has no default")
    elif value_at(reading.resolved.config, path) is None:
        reading.refuse(entry, f"`{dotted}` is already not set")
    else:
        _take(path, None, entry, reading)


def _set_typed(dotted: str, entry: Entry, reading: _Reading) -> None:
    parameter = reading.schema.parameter(dotted)
    assert parameter is not None
    assert entry.typed is not None
    now = value_at(reading.resolved.config, tuple(dotted.split(".")))
    try:
        value = read_literal(parameter, entry.typed, parameter.default if now is None else now)
    except NotAllowed as error:
        reading.refuse(entry, str(error))
        return
    _set(dotted, value, entry, reading)


def _set(dotted: str, value: JsonValue, entry: Entry, reading: _Reading) -> None:
    parameter = reading.schema.parameter(dotted)
    assert parameter is not None
    path = tuple(dotted.split("."))
    try:
        value = checked(parameter, value)
    except NotAllowed as error:
        reading.refuse(entry, str(error))
        return
    if said := _already(parameter, path, value, reading.resolved):
        reading.refuse(entry, said)
        return
    _take(path, value, entry, reading)


def _already(parameter: Parameter, path: Path, value: JsonValue, resolved: Resolved) -> str | None:
    """Why setting `value` would change nothing; None where it changes something."""
    now = value_at(resolved.config, path)
    if value is None and now is None:
        return f"`{'.'.join(path)}` is already {format_value(parameter.default)}, the default"
    if path[:2] == _NORMALIZE and value_at(resolved.config, _NORMALIZE) is None:
        return None  # naming a part of it switches normalisation on
    default = parameter.default
    wanted = default if value is None else value
    in_force = default if now is None else now
    try:
        in_force = checked(parameter, in_force)
    except NotAllowed:
        return None  # what is there cannot be right; any other value is a change
    if not same(in_force, wanted) or ("any" in parameter.types and value is None and now is not None):
        return None
    source = "the default" if now is None else f"set by {_set_by(path, resolved)}"
    return f"`{'.'.join(path)}` is already {shorten(format_value(in_force))}, {source}"


def _set_by(path: Path, resolved: Resolved) -> str:
    if path in resolved.provenance:
        return resolved.provenance[path]
    keys = {key for leaf, key in resolved.provenance.items() if leaf[: len(path)] == path}
    return " and ".join(sorted(keys)) or "its root"


def _take(path: Path, value: JsonValue, entry: Entry, reading: _Reading) -> None:
    for other, earlier in reading.taken.items():
        shared = min(len(other), len(path))
        if other[:shared] == path[:shared]:
            where = f" on line {earlier.line}" if earlier.line else ""
            reading.refuse(entry, f"`{'.'.join(path)}` is already given{where}; keep one of them")
            return
    reading.taken[path] = entry
    reading.changes[path] = value


def _delta(changes: dict[Path, JsonValue]) -> JsonObject:
    """One object from paths; nulls stay, because they delete."""
    delta: JsonObject = {}
    for path, value in changes.items():
        folder = delta
        for name in path[:-1]:
            below = folder.setdefault(name, {})
            assert isinstance(below, dict)
            folder = below
        folder[path[-1]] = value
    return delta


def _misfits(delta: JsonObject, reading: _Reading, catalogue: Catalogue) -> Iterator[Problem]:
    """Problems of the whole config that were not there before."""
    config = reading.resolved.config
    try:
        merged = merge(config, delta)
    except ConfigError as error:
        yield Problem(None, "", str(error))
        return
    before = {problem.message for problem in validate_config(config, catalogue)}
    for problem in validate_config(merged, catalogue):
        if problem.message not in before:
            path = tuple(problem.text.split("."))
            lines = [entry.line for taken, entry in reading.taken.items() if _related(taken, path)]
            yield Problem(lines[0] if lines else None, problem.text, problem.message)


def _related(a: Path, b: Path) -> bool:
    shared = min(len(a), len(b))
    return a[:shared] == b[:shared]
