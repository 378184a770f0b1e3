"""Small checks to put together the shape of a block, with the messages of Slack's own schema library.

A check looks at one value of a payload and writes down what is wrong at which JSON pointer. It never raises.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.playground.limits import Limit


@dataclass
class Problems:
    """What is wrong with one payload, in the order found. `facts` is what a check may look up."""

    facts: "Facts"
    messages: list[str] = field(default_factory=list)

    def add(self, pointer: str, message: str) -> None:
        self.messages.append(f"[ERROR] {message} [json-pointer:{pointer}]")


@dataclass(frozen=True)
class Facts:
    """What a check may know of the workspace: is this file an image that can be shown already?"""

    image_is_ready: Callable[[str], bool] = lambda _file_id: False


Check: TypeAlias = Callable[[object, str, Problems], None]


def anything(_value: object, _at: str, _problems: Problems) -> None:
    """Accepts every value."""


def string(*, at_most: Limit | None = None, at_least: int = 0, pattern: str | None = None) -> Check:
    def check(value: object, at: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.add(at, "must provide a string")
            return
        if at_most is not None and len(value) > at_most.number:
            problems.add(at, f"must be less than {at_most.number + 1} characters")
        if len(value) < at_least:
            problems.add(at, f"must be more than {at_least - 1} characters")
        if pattern is not None and not re.search(pattern, value):
            problems.add(at, f"input must match regex pattern: {pattern}")

    return check


def boolean(value: object, at: str, problems: Problems) -> None:
    if not isinstance(value, bool):
        problems.add(at, "must be a boolean")


def integer(minimum: int | None = None, maximum: int | None = None) -> Check:
    def check(value: object, at: str, problems: Problems) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            problems.add(at, "must provide an integer")
            return
        if minimum is not None and value < minimum:
            problems.add(at, f"must be greater than {minimum - 1}")
        if maximum is not None and value > maximum:
            problems.add(at, f"must be less than {maximum + 1}")

    return check


def number(value: object, at: str, problems: Problems) -> None:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        problems.add(at, "must provide a number")


def enum(*values: str) -> Check:
    def check(value: object, at: str, problems: Problems) -> None:
        if value not in values:
            problems.add(at, "must be a valid enum value")

    return check


def array(of: Check, *, at_most: int | None = None, at_least: int = 0) -> Check:
    def check(value: object, at: str, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.add(at, "must provide an array")
            return
        if at_most is not None and len(value) > at_most:
            problems.add(at, f"no more than {at_most} items allowed")
        if len(value) < at_least:
            problems.add(at, f"must provide at least {at_least} items")
        for index, item in enumerate(value):
            of(item, f"{at}/{index}", problems)

    return check


def record(fields: Mapping[str, Check], *, required: Sequence[str] = (), also: Sequence[Check] = ()) -> Check:
    """An object with these fields and no others (null is no absence); `also` sees the object as a whole."""

    def check(value: object, at: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.add(at, "must provide an object")
            return
        for name in required:
            if name not in value:
                problems.add(at, f"missing required field: {name}")
        for name, item in value.items():
            if name not in fields:
                problems.add(at, f"invalid additional property: {name}")
            else:
                fields[name](item, f"{at}/{name}", problems)
        for whole in also:
            whole(value, at, problems)

    return check


def by_type(shapes: Mapping[str, Check]) -> Check:
    """An object whose `type` says which shape it must have."""

    def check(value: object, at: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.add(at, "must provide an object")
        elif "type" not in value:
            problems.add(at, "missing required field: type")
        elif not isinstance(value["type"], str):
            problems.add(f"{at}/type", "must provide a string")
        elif value["type"] not in shapes:
            problems.add(f"{at}/type", f"unsupported type: {value['type']}")
        else:
            shapes[value["type"]](value, at, problems)

    return check


def exactly_one_of(*names: str) -> Check:
    """Exactly one of these fields is given (an option list or option groups, an image's URL or file, ...)."""

    def check(value: object, at: str, problems: Problems) -> None:
        assert isinstance(value, dict)
        given = [name for name in names if value.get(name) is not None]
        if not given:
            problems.add(at, f"missing required field: {names[0]}")
        if len(given) > 1:
            problems.add(at, f"failed to match exactly one allowed schema: give one of {', '.join(names)}")

    return check


def at_least_one_of(*names: str) -> Check:
    def check(value: object, at: str, problems: Problems) -> None:
        assert isinstance(value, dict)
        if not any(value.get(name) for name in names):
            problems.add(at, f"missing required field: {names[0]}")

    return check
