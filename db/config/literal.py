"""The value that a person typed for a parameter, read by the parameter's types. Pure."""

import re
from decimal import Decimal

from pydantic import JsonValue

from db.config.check import NotAllowed, allowed
from db.config.normalise import comma_hint, factor, thousands, to_decimal
from db.config.problems import shorten
from db.config.strict_json import read_json
from db.errors import ConfigError
from trainer.catalogue import Parameter

NULLS = frozenset({"null", "none", "default", "unset"})
_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity|\u221e)", re.IGNORECASE)
_SCHEDULE = re.compile(r"(linear|cosine|exponential)\s+(\S+)\s*(?:->|\u2192|\bto\b)\s*(\S+)", re.IGNORECASE)
_ZOO_SCHEDULE = re.compile(r"lin_(\S+)", re.IGNORECASE)


def read_literal(parameter: Parameter, text: str, now: JsonValue) -> JsonValue:
    """The value that `text` spells; `now` is the one in force, which `x0.5` and `+20%` scale.

    :raises NotAllowed: with a remedy.
    """
    if text.lower() in NULLS:
        return None
    if (scale := factor(text)) is not None:
        return _scaled(parameter, now, scale)
    text = _unquoted(parameter, text)
    if parameter.form == "code":  # a hash may look like a number
        return text
    structured = _structured(parameter, text)
    return _number_or_text(parameter, text) if structured is None else structured


def _unquoted(parameter: Parameter, text: str) -> str:
    """Quotes around a number or a word belong to the typing, around text to the text."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text.count(text[0]) == 2:  # noqa: PLR2004 (a pair)
        return text if text[0] == '"' and "any" in parameter.types else text[1:-1]
    return text


def _structured(parameter: Parameter, text: str) -> JsonValue:
    """What is told by its first sign or word; None for a bare number or text."""
    if text[:1] in {"[", "{", '"'}:
        return _json(text)
    if "bool" in parameter.types and text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    return _schedule(text) if "schedule" in parameter.types else None


def _number_or_text(parameter: Parameter, text: str) -> JsonValue:
    number = to_decimal(text)
    if number is None and "int" in parameter.types:
        number = thousands(text)
    if number is not None:
        return _plain_number(number, text)
    if "any" in parameter.types:
        return {"true": True, "false": False}.get(text.lower(), text)
    _refuse_numbers(parameter, text)
    if "string" in parameter.types:
        return text
    raise NotAllowed(f"`{parameter.path}` takes {allowed(parameter)}; got {shorten(text) or 'nothing'}")


def _refuse_numbers(parameter: Parameter, text: str) -> None:
    if not {"float", "int"} & set(parameter.types):
        return
    if hint := comma_hint(text, whole="float" not in parameter.types):
        raise NotAllowed(f"{shorten(text)} has a comma: write {hint}, with a point for decimals")
    if _NOT_FINITE.fullmatch(text):
        raise NotAllowed(f"{shorten(text)} is not a number that can be used; write a finite one")
    if text.endswith("%") and to_decimal(text[:-1].strip()) is not None:
        raise NotAllowed(
            f"{shorten(text)} of what? Write +{text} or -{text} to change it, or the number itself"
        )


def _plain_number(number: Decimal, text: str) -> JsonValue:
    """Whole where it is spelled so, within 64 bits."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= 0 and "." not in text and "e" not in text.lower():
        whole = int(number)
        if not -(2**63) <= whole < 2**63:
            raise NotAllowed(f"{shorten(text, 24)} is beyond 2^63; write a smaller number")
        return whole
    return float(number)


def _json(text: str) -> JsonValue:
    try:
        return read_json(text)
    except ConfigError as error:
        raise NotAllowed(str(error)) from error


def _schedule(text: str) -> JsonValue:
    ends, kind = None, "linear"
    if match := _SCHEDULE.fullmatch(text):
        kind = match[1].lower()
        ends = to_decimal(match[2]), to_decimal(match[3])
    elif match := _ZOO_SCHEDULE.fullmatch(text):
        ends = to_decimal(match[1]), Decimal(0)
    if ends is None or ends[0] is None or ends[1] is None:
        return None
    start, end = (float(number) for number in ends if number is not None)
    return {"schedule": kind, "start": start, "end": end}


def _scaled(parameter: Parameter, now: JsonValue, scale: Decimal) -> JsonValue:
    if isinstance(now, dict) and "schedule" in now:
        return {
            **now,
            **{name: _scaled(parameter, now[name], scale) for name in ("start", "end") if name in now},
        }
    if isinstance(now, bool) or not isinstance(now, int | float):
        raise NotAllowed(f"`{parameter.path}` has no number to scale; write its new value")
    value = Decimal(repr(now)) * scale
    if "float" in parameter.types:
        return float(value)
    if value != value.to_integral_value():
        low = int(value // 1)
        raise NotAllowed(f"that makes {value.normalize():f}; write {low} or {low + 1}, a whole number")
    return int(value)
