"""docs/detectors.md names every kind of finding, and has each rule in the words of the code."""

import inspect
import re
from pathlib import Path

from db.records import FindingKind
from worker.detectors import DETECTORS

PAGE = (Path(__file__).parents[3] / "docs" / "detectors.md").read_text()


def documented() -> dict[str, str]:
    """Kind -> its rule, on one line."""
    sections = re.findall(r"^### `(\w+)`\n\n(.*?)\n\n", PAGE, re.MULTILINE | re.DOTALL)
    return {name: " ".join(rule.split()) for name, rule in sections}


def test_every_kind_is_documented_and_every_documented_kind_exists() -> None:
    assert set(documented()) == set(FindingKind)


def test_the_rules_are_those_of_the_code() -> None:
    for kind, look in DETECTORS.items():
        assert documented()[kind] == " ".join((inspect.getdoc(look) or "").split()), kind
