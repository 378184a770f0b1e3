"""Training programs of a team's package, which run in place of this one: what they declare.

An entry point of `signoff.trainers` names a module of the package, which is run as `python -m MODULE
RUN_FOLDER`. Where it names a function in that module, the function's keyword arguments are the program's
parameters, `program.<name>.<argument>`; it is read, never called. This trainer runs none of them: the
worker starts them.
"""

import inspect
from importlib import metadata
from typing import Any

from trainer.declared import Entry, annotations_of, declared, type_name
from trainer.errors import CodeFailed
from trainer.extensions import TRAINERS, extensions

NAME = "program.name"


def program_entries() -> dict[str, Entry]:
    """The parameters of all training programs that are installed here, and the one that chooses among them.

    :raises CodeFailed: where a program cannot be imported, or declares what cannot be set.
    """
    found: dict[str, Entry] = {}
    modules = {entry.name: entry.module for entry in metadata.entry_points(group=TRAINERS)}
    for extension in extensions(TRAINERS):
        place = f"{extension.package}: the training program {extension.name}"
        if not extension.name.isidentifier() or extension.name == "name":
            raise CodeFailed(f"{place} needs another name: letters, digits and _, and not `name`.")
        if not inspect.ismodule(extension.value):
            found |= _parameters(f"program.{extension.name}", extension.value, place)
    if modules:
        found[NAME] = {
            "path": NAME,
            "types": ["string", "null"],
            "default": None,
            "choices": sorted(modules),
            "doc": "The program of the code bundle that trains in place of Signoff's trainer.",
        }
    return found


def _parameters(folder: str, function: Any, place: str) -> dict[str, Entry]:
    if not inspect.isfunction(function):
        raise CodeFailed(f"{place} is neither a module nor a function in one.")
    hints, entries = annotations_of(function), {}
    for one in inspect.signature(function).parameters.values():
        if one.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        kind = type_name(hints.get(one.name, one.annotation), one.default)
        if kind is None or one.default is inspect.Parameter.empty:
            raise CodeFailed(
                f"{place}: its argument {one.name} must be a float, int, bool or str with a default."
            )
        default = float(one.default) if kind == "float" else one.default
        path = f"{folder}.{one.name}"
        entries[path] = {"path": path, "types": [kind], "default": default} | declared(hints.get(one.name))
    return entries
