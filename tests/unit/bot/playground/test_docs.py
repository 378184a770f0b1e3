"""docs/playground.md says what the code does."""

import inspect
import re
from pathlib import Path

import pytest
from starlette.routing import Route, WebSocketRoute

from bot.playground import fault_kinds, limits
from bot.playground.page import changes, live
from bot.playground.server import Setup, build
from tests.unit.bot.playground.builders import Stage

DOCS = (Path(__file__).parents[4] / "docs" / "playground.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("limit", limits.table(), ids=lambda limit: limit.name)
def test_each_limit_is_in_the_table(limit: limits.Limit) -> None:
    assert f"| {limit.name} | {limit.number:,} | `{limit.code}` | {limit.source} |" in DOCS


def test_each_method_is_named_with_its_rate() -> None:
    for name, method in Stage().api.methods.items():
        rate = (
            "1/s and channel"
            if name == "chat.postMessage"
            else str(method.tier.number)
            if method.tier
            else ""
        )
        scope = f"`{method.scope}`" if method.scope else ""
        assert f"| `{name}` | {rate} | {scope} |" in DOCS


def test_each_verb_of_the_control_api_is_named() -> None:
    routes = [route.path for route in build(Setup("http://playground")).routes if isinstance(route, Route)]
    verbs = [
        path.removeprefix("/control/").partition("/")[0] for path in routes if path.startswith("/control/")
    ]
    assert len(verbs) > 15
    for verb in verbs:
        assert f"| `{verb}" in DOCS or f"/control/{verb}`" in DOCS


def test_each_endpoint_and_event_of_the_page_is_named() -> None:
    routes = build(Setup("http://playground")).routes
    paths = [route.path for route in routes if isinstance(route, (Route, WebSocketRoute))]
    pages = [path for path in paths if path.startswith("/page/")]
    assert len(pages) == 5
    for path in pages:
        assert f"| `{path}`" in DOCS
    kinds = re.findall(r'"kind": "(\w+)"', inspect.getsource(changes) + inspect.getsource(live))
    assert len(kinds) > 8
    for kind in kinds:
        assert f"`{kind}`" in DOCS


@pytest.mark.parametrize("kind", fault_kinds.KINDS, ids=lambda kind: kind.name)
def test_each_fault_is_described_as_in_the_code(kind: fault_kinds.Kind) -> None:
    parameters = ", ".join(map(_with_default, kind.parameters))
    assert f"| `{kind.name}` | {kind.words} | {parameters} |" in DOCS
    for parameter in kind.parameters:
        assert f"| `{parameter.name}` | {parameter.words} |" in DOCS


def _with_default(parameter: fault_kinds.Parameter) -> str:
    if parameter.default is None:
        return f"`{parameter.name}`"
    shown = f"`{parameter.default}`" if isinstance(parameter.default, str) else f"{parameter.default:g}"
    return f"`{parameter.name}` ({shown})"
