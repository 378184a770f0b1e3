"""JSON text, read strictly: no duplicate keys, no NaN, nothing deep or huge. Pure."""

import json
import math
import re

from pydantic import JsonValue

from db.config.bounds import MAX_DEPTH, check_bounds
from db.config.problems import shorten
from db.errors import ConfigError

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_MAX_DIGITS = 20


def read_json(text: str) -> JsonValue:
    """The value that `text` spells, within `db.config.bounds`.

    :raises ConfigError: with the place of the mistake.
    """
    _check_depth(text)
    try:
        value: JsonValue = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_float,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ConfigError(f"not JSON: {error.msg} at {place}; check commas, quotes and brackets") from error
    check_bounds(value)
    return value


def _check_depth(text: str) -> None:
    depth = 0
    for token in _TOKENS.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ConfigError(f"nested deeper than {MAX_DEPTH} levels; make it flatter")
        elif token[0] in "]}":
            depth -= 1


def _unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for key, value in pairs:
        if key in found:
            raise ConfigError(f'the key "{shorten(key)}" stands there twice; keep one')
        found[key] = value
    return found


def _no_constant(name: str) -> JsonValue:
    raise ConfigError(f"{name} is not a number that can be used; write a finite one")


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise ConfigError(f"{shorten(text, 24)} is beyond 2^63; write a smaller number")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ConfigError(f"{shorten(text, 24)} is too large a number; write a smaller one")
    return value
