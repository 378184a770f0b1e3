"""Letters and numbers of a plot: one font that is always there, and only what it can print."""

from functools import cache
from pathlib import Path

import matplotlib as mpl
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font

from db.expectation.numbers import MINUS

_FOLDER = Path(mpl.get_data_path()) / "fonts" / "ttf"
_REGULAR, _BOLD = _FOLDER / "DejaVuSans.ttf", _FOLDER / "DejaVuSans-Bold.ttf"
_MILLION, _THOUSAND, _SHORTEN_FROM = 1e6, 1e3, 1e4


def font(size_pt: float, *, bold: bool = False) -> FontProperties:
    """Matplotlib's own DejaVu Sans, which is on every machine."""
    return FontProperties(fname=str(_BOLD if bold else _REGULAR), size=size_pt)


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(FT2Font(str(_REGULAR)).get_charmap())


def printable(text: str, most: int) -> str:
    """What the font can print of a text, on one line, at most `most` characters; "?" for a run of others."""
    known = ["\0" if ord(c) not in _glyphs() or not (c.isprintable() or c == " ") else c for c in text]
    parts = [part for part in "".join(known).replace("\0", " \0 ").split() if part]
    plain = " ".join(
        "?" if part == "\0" else part
        for i, part in enumerate(parts)
        if part != "\0" or parts[i - 1 : i] != ["\0"]
    )
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"


def value_text(value: float) -> str:
    """A tick's value: 0.15, 450, 12k."""
    if abs(value) >= _SHORTEN_FROM:
        return steps_text(value)
    return f"{value:.4g}".replace("-", MINUS)


def steps_text(steps: float) -> str:
    """50000 -> "50k", 1500000 -> "1.5M"."""
    if abs(steps) >= _MILLION:
        text = f"{steps / _MILLION:.4g}M"
    elif abs(steps) >= _THOUSAND:
        text = f"{steps / _THOUSAND:.4g}k"
    else:
        text = f"{steps:.4g}"
    return text.replace("-", MINUS)
