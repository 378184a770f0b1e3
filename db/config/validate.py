"""A whole resolved config against the catalogue. Pure."""

from collections.abc import Iterator
from itertools import chain, islice

from pydantic import JsonValue

from db.config.bounds import check_object
from db.config.check import NotAllowed, checked
from db.config.compatible import misfits
from db.config.problems import MAX_PROBLEMS, Problem, shorten
from db.config.resolve import value_at
from db.config.schema import AmbiguousKey, Schema, UnknownKey, schema_for
from db.errors import ConfigError
from trainer.catalogue import Catalogue
from trainer.contract import JsonObject


def validate_config(config: JsonObject, catalogue: Catalogue) -> tuple[Problem, ...]:
    """What is wrong with a config; nothing when it can be trained. At most 20 problems."""
    try:
        check_object(config)
    except ConfigError as error:
        return (Problem(None, "", str(error)),)
    schema = schema_for(config, catalogue)
    found = list(islice(chain(_values(config, "", schema), _missing(config, schema)), MAX_PROBLEMS))
    if not found:
        found = [Problem(None, path, message) for path, message in misfits(config, catalogue)]
    return tuple(found)


def _values(node: JsonObject, folder: str, schema: Schema) -> Iterator[Problem]:
    for name, value in node.items():
        path = f"{folder}.{name}" if folder else name
        parameter = schema.parameter(path)
        if parameter is not None:
            yield from _value(path, value, schema)
        elif path in schema.folders:
            if isinstance(value, dict):
                yield from _values(value, path, schema)
            elif value is not None:
                yield Problem(None, path, f"`{path}` is an object of keys; write them one by one")
        else:
            yield Problem(None, path, unknown_key(path, schema))


def _value(path: str, value: JsonValue, schema: Schema) -> Iterator[Problem]:
    parameter = schema.parameter(path)
    assert parameter is not None
    try:
        checked(parameter, value)
    except NotAllowed as error:
        yield Problem(None, path, str(error))


def _missing(config: JsonObject, schema: Schema) -> Iterator[Problem]:
    for path, parameter in schema.defaults():
        inside_schedule = path[-1] in {"start", "end", "schedule"}
        if parameter.required and not inside_schedule and value_at(config, path) is None:
            yield Problem(None, parameter.path, f"`{parameter.path}` is missing; set it")


def unknown_key(path: str, schema: Schema) -> str:
    """What to say of a key that the schema does not have at this place."""
    try:
        elsewhere = schema.find(path.rpartition(".")[2], {})
    except (UnknownKey, AmbiguousKey):
        elsewhere = ""
    if elsewhere:
        return f"unknown key `{shorten(path)}`. Did you mean `{elsewhere}`?"
    try:
        schema.find(path, {})
    except LookupError as error:
        return str(error)
    return f"unknown key `{shorten(path)}`."
