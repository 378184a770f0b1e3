"""Numbers as people read them: 450, 0.15, 50k; the true minus sign."""

MINUS = "\N{MINUS SIGN}"
_THOUSAND = 1000
_EXPONENTS_FROM = 1e15


def plain_number(value: float) -> str:
    """At most six significant digits, no trailing zeros, no exponent where it can be helped."""
    whole = abs(value) < _EXPONENTS_FROM and value == int(value)
    text = str(int(value)) if whole else f"{value:.6g}"
    return text.replace("-", MINUS)


def exact_number(value: float) -> str:
    """The shortest text that reads back as the same value."""
    text = repr(value)
    return (text.removesuffix(".0") if "e" not in text else text).replace("-", MINUS)


def steps_number(steps: int) -> str:
    """50000 -> "50k"; 1234 -> "1,234"."""
    if steps >= _THOUSAND and steps % _THOUSAND == 0:
        return f"{steps // _THOUSAND}k"
    return str(steps)


def percent_number(share: float) -> str:
    """0.1 -> "10 %"."""
    return f"{exact_number(round(share * 100, 13))} %"
