"""One value against one parameter: type, range, choices, form. Pure."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import JsonValue

from db.config.forms import ALLOWED, fits, is_number
from db.config.hashes import format_value
from db.config.problems import did_you_mean, few, shorten
from trainer.catalogue import Parameter, is_allowed
from trainer.contract import JsonObject

LINEAR, CONSTANT, EXPONENTIAL = "linear", "constant", "exponential"
SCHEDULES = (LINEAR, CONSTANT, "cosine", EXPONENTIAL)
SCHEDULE_KEYS = frozenset({"schedule", "start", "end", "end_fraction"})
# An object whose `type` is one of the choices.
PART = "part"
MANY = 8
SHOWN = 16
# What the algorithms are called elsewhere.
SPELLINGS: Mapping[str, str] = {
    "lstm": "recurrent_ppo",
    "ppo_lstm": "recurrent_ppo",
    "ppo_mask": "maskable_ppo",
    "masked_ppo": "maskable_ppo",
    "qr-dqn": "qrdqn",
    "qr_dqn": "qrdqn",
}


class NotAllowed(ValueError):
    """The message names the value and what is allowed instead."""


def checked(parameter: Parameter, value: JsonValue) -> JsonValue:
    """`value` in the parameter's own type: 1 becomes 1.0 for a float, 1e5 becomes 100000 for an int.

    :raises NotAllowed:
    """
    if "any" in parameter.types:
        return value
    if value is None and not parameter.required:
        return None
    return _checker(parameter, value)(parameter, value)


def allowed(parameter: Parameter) -> str:
    """What a parameter takes, in words: "a number above 0 and at most 1, or linear 0.001 -> 0"."""
    if parameter.choices and parameter.form == PART:
        types = few([str(choice) for choice in parameter.choices], SHOWN)
        return f'an object such as {{"type": "{parameter.choices[0]}"}}; types are {types}'
    if parameter.choices:
        return "one of " + few([str(choice) for choice in parameter.choices], SHOWN)
    words = []
    if "float" in parameter.types or "int" in parameter.types:
        kind = "a number" if "float" in parameter.types else "a whole number"
        words.append(kind + _range_words(parameter))
    if "bool" in parameter.types:
        words.append("true or false")
    if "schedule" in parameter.types:
        words.append("a schedule such as linear 0.001 -> 0")
    if parameter.form:
        words.append(ALLOWED[parameter.form].removeprefix("or "))
    elif "string" in parameter.types:
        words.append("text")
    if "null" in parameter.types:
        words.append("none")
    return ", or ".join(words)


def _checker(parameter: Parameter, value: JsonValue) -> Callable[[Parameter, Any], JsonValue]:
    if value is None:
        return _no_default
    if isinstance(value, str):
        return _checked_string
    if isinstance(value, dict) and "schedule" in parameter.types:
        return _checked_schedule
    if isinstance(value, list | dict):
        return _checked_form
    return _checked_bool if isinstance(value, bool) else _checked_number


def _no_default(parameter: Parameter, _value: None) -> JsonValue:
    raise NotAllowed(f"`{parameter.path}` cannot be removed: it has no default")


def _checked_bool(parameter: Parameter, value: bool) -> JsonValue:
    if "bool" not in parameter.types:
        raise _refusal(parameter, value)
    return value


def _checked_string(parameter: Parameter, value: str) -> JsonValue:
    if "string" not in parameter.types:
        raise _refusal(parameter, value)
    if parameter.choices:
        for choice in parameter.choices:
            if str(choice).lower() == value.lower():
                return choice
        if is_allowed(value, parameter.patterns):
            return value
        hint = did_you_mean(SPELLINGS.get(value.lower(), value), map(str, parameter.choices))
        known = "" if hint and len(parameter.choices) > MANY else f" takes {allowed(parameter)};"
        raise NotAllowed(f'`{parameter.path}`{known} got "{shorten(value)}".{hint}{_more(parameter, value)}')
    if parameter.form and not fits(parameter.form, value):
        raise _refusal(parameter, value)
    return value


def _more(parameter: Parameter, value: str) -> str:
    """What else is allowed, and how to allow what names a module."""
    if parameter.patterns:
        return f" SIGNOFF_ENVIRONMENTS allows {', '.join(parameter.patterns)}, too."
    if ":" in value and parameter.path.endswith("env.id"):
        return " An id with `:` imports code; SIGNOFF_ENVIRONMENTS can allow it."
    return ""


def _checked_schedule(parameter: Parameter, value: dict[str, JsonValue]) -> JsonValue:
    """The schedule in full: `end` is 0 unless given, and a constant one has none."""
    kind, start = value.get("schedule"), value.get("start")
    if kind not in SCHEDULES or not value.keys() <= SCHEDULE_KEYS or not is_number(start):
        raise _refusal(parameter, value)
    first = _checked_number(parameter, start)  # type: ignore[arg-type]  # a number
    if kind == CONSTANT:
        return {"schedule": CONSTANT, "start": first}
    end, fraction = value.get("end", 0.0), value.get("end_fraction", 1.0)
    if not isinstance(end, int | float) or isinstance(end, bool) or not math.isfinite(end) or end < 0:
        raise NotAllowed(f"a schedule of `{parameter.path}` ends at a number of 0 or more; got {end}")
    if not isinstance(fraction, int | float) or isinstance(fraction, bool) or not 0 < fraction <= 1:
        raise NotAllowed(f"`{parameter.path}.end_fraction` is above 0 and at most 1; got {fraction}")
    if kind == EXPONENTIAL and not (end > 0 and isinstance(first, float) and first > 0):
        raise NotAllowed(f"an exponential schedule of `{parameter.path}` starts and ends above 0; set end")
    ends: JsonObject = {} if fraction == 1 else {"end_fraction": float(fraction)}
    return {"schedule": kind, "start": first, "end": float(end), **ends}


def _checked_form(parameter: Parameter, value: JsonValue) -> JsonValue:
    kind = "list" if isinstance(value, list) else "object"
    if kind not in parameter.types or not fits(parameter.form, value):
        raise _refusal(parameter, value)
    if isinstance(value, dict) and parameter.form == PART and value["type"] not in parameter.choices:
        raise _refusal(parameter, value)
    return value


def _checked_number(parameter: Parameter, value: float) -> JsonValue:
    if isinstance(value, bool) or not is_number(value) or not math.isfinite(value):
        raise _refusal(parameter, value)
    if "float" in parameter.types:
        number: float = float(value)
    elif "int" in parameter.types and float(value).is_integer():
        number = int(value)
    else:
        raise _refusal(parameter, value)
    if not _in_range(parameter, number):
        raise _refusal(parameter, value)
    return number


def _in_range(parameter: Parameter, value: float) -> bool:
    low, high = parameter.minimum, parameter.maximum
    above = low is None or value > low or (value == low and not parameter.exclusive_minimum)
    below = high is None or value < high or (value == high and not parameter.exclusive_maximum)
    return above and below


def _range_words(parameter: Parameter) -> str:
    words = []
    if parameter.minimum is not None:
        low = "above" if parameter.exclusive_minimum else "of at least"
        words.append(f" {low} {_bound(parameter.minimum)}")
    if parameter.maximum is not None:
        high = "below" if parameter.exclusive_maximum else "at most"
        words.append(f" {high} {_bound(parameter.maximum)}")
    return " and".join(words)


def _bound(value: float) -> str:
    return f"{int(value):,}" if float(value).is_integer() else f"{value:g}"


def _refusal(parameter: Parameter, value: JsonValue) -> NotAllowed:
    got = shorten(format_value(value) if not isinstance(value, str) else f'"{shorten(value)}"')
    return NotAllowed(f"`{parameter.path}` takes {allowed(parameter)}; got {got}")
