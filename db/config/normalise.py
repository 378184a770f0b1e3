"""What phones do to typed text, undone: curly quotes, dashes for minus, special spaces. Pure."""

import re
from decimal import Decimal, InvalidOperation

_QUOTES = dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"), '"') | dict.fromkeys(
    map(ord, "\u2018\u2019\u201a\u201b\u2032"), "'"
)
_DASHES = dict.fromkeys([0x2212, *range(0x2010, 0x2015), 0xFE63, 0xFF0D], "-")
_SPACES = dict.fromkeys([ord("\t"), 0xA0, *range(0x2002, 0x200B), 0x202F, 0x3000], " ")
_NOTHING = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_TIMES = {0xD7: "x"}
_TYPING = _QUOTES | _DASHES | _SPACES | _NOTHING | _TIMES

_NUMBER = r"[+-]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_NUMBER_ONLY = re.compile(_NUMBER)
_COMMA = re.compile(r"([+-]?[0-9]+)((?:,[0-9]+)+)((?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
_FACTOR = re.compile(rf"[xX*]\s*({_NUMBER})|({_NUMBER})\s*[xX]")
_PERCENT = re.compile(rf"([+-])\s*({_NUMBER.removeprefix('[+-]?')})\s*%")
_THOUSANDS = re.compile(rf"({_NUMBER})\s*([kKmM])")

MAX_DIGITS = 40
MAX_EXPONENT = 300
MAX_FACTOR_EXPONENT = 30


def normalise(text: str) -> str:
    """`text` as a keyboard would have typed it. Line ends stay."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_TYPING)


def factor(text: str) -> Decimal | None:
    """0.5 for `x0.5`, 1.2 for `+20%`, 0.8 for `-20%`; None for anything else."""
    if len(text) > MAX_DIGITS:
        return None
    scale = None
    if match := _FACTOR.fullmatch(text):
        scale = to_decimal(match[1] or match[2])
    elif match := _PERCENT.fullmatch(text):
        percent = to_decimal(match[2])
        sign = 1 if match[1] == "+" else -1
        scale = None if percent is None else 1 + sign * percent / 100
    return scale if scale is not None and abs(scale.adjusted()) <= MAX_FACTOR_EXPONENT else None


def to_decimal(text: str) -> Decimal | None:
    """The number that `text` spells exactly; None where it is none, or absurdly long or large."""
    if len(text) > MAX_DIGITS or not _NUMBER_ONLY.fullmatch(text):
        return None
    try:
        number = Decimal(text.replace("_", ""))
    except InvalidOperation:
        return None
    return number if abs(number.adjusted()) <= MAX_EXPONENT else None


def thousands(text: str) -> Decimal | None:
    """100000 for `100k`, 1000000 for `1M`."""
    match = _THOUSANDS.fullmatch(text) if len(text) <= MAX_DIGITS else None
    number = to_decimal(match[1]) if match else None
    if match is None or number is None:
        return None
    return number * (1_000 if match[2] in "kK" else 1_000_000)


def comma_hint(text: str, *, whole: bool) -> str | None:
    """What to write instead of a number with a comma; None where `text` is no such number.

    `whole`: the parameter takes whole numbers, so that 100,000 can only be 100000.
    """
    match = _COMMA.fullmatch(text) if len(text) <= MAX_DIGITS else None
    if match is None:
        return None
    groups = match[2].split(",")[1:]
    joined = match[1] + "".join(groups) + match[3]
    if len(groups) > 1 or match[3] or whole:
        return joined
    decimal = f"{match[1]}.{groups[0]}"
    is_thousands = len(groups[0]) == 3 and match[1].lstrip("+-") not in {"", "0"}  # noqa: PLR2004 (digits of a thousand)
    return f"{joined} or {decimal}" if is_thousands else decimal
