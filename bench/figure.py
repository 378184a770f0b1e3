"""What a benchmark says: one measured number beside what it is held against."""

from collections.abc import Callable, Iterable
from typing import TypeAlias, TypedDict


class Figure(TypedDict):
    """One line of bench/results.json.

    `against` names what it is compared with and `ratio` is value over that. `goal` is the bound in
    words, and `holds` whether it is kept; both None for a number that is reported, not bounded.
    """

    name: str
    value: float
    unit: str
    against: str | None
    ratio: float | None
    goal: str | None
    holds: bool | None


# May yield them one by one: what was measured is kept, also where the rest is interrupted.
Bench: TypeAlias = Callable[[], Iterable[Figure]]


def figure(
    name: str,
    value: float,
    unit: str,
    *,
    against: str | None = None,
    ratio: float | None = None,
    goal: str | None = None,
    holds: bool | None = None,
) -> Figure:
    return Figure(name=name, value=value, unit=unit, against=against, ratio=ratio, goal=goal, holds=holds)


def at_most(name: str, value: float, bound: float, unit: str) -> Figure:
    """A number that must not exceed `bound`, in the same unit."""
    return figure(name, value, unit, goal=f"at most {bound:g} {unit}", holds=value <= bound)
