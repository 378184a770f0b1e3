"""One spelling of each JSON value, for hashing and for comparing. Pure."""

import hashlib
import json
import math

from pydantic import JsonValue

from db.errors import ConfigError


def canonical_json(value: JsonValue) -> str:
    """Sorted keys, no spaces, UTF-8 as it is; 1 and 1.0 stay different, -0.0 is 0.0.

    :raises ConfigError: on NaN, infinities, lone surrogates, and values that are not JSON.
    """
    try:
        text = json.dumps(
            _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"not a JSON value: {error}; use numbers, strings, lists and objects") from error
    return text


def sha256_hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def same(a: JsonValue, b: JsonValue) -> bool:
    """Equal in value and type, at every depth: 1, 1.0 and true all differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


def _plain(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} is not a string")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is not finite")
        return value + 0.0  # -0.0 becomes 0.0
    return value
