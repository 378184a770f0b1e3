"""A failing test shows what passed between its playground and the app."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.bot import evidence
from tests.service.bot.playground.conftest import Running

pytestmark = pytest.mark.service


def test_the_newest_exchanges_are_shown_without_secrets(playground: Running) -> None:
    for n in range(50):
        playground.web_client().api_test(foo=f"call {n}")
    ((title, text),) = evidence.sections()
    assert playground.base_url in title
    assert "call 49" in text
    assert 'call 5"' not in text
    assert "xoxb-" not in text


def test_a_playground_that_is_gone_is_said_to_be(playground: Running) -> None:
    assert "does not answer" in evidence.newest_traffic("http://127.0.0.1:9")


def test_a_failing_test_attaches_them() -> None:
    root = Path(__file__).parents[4]
    failing = Path(__file__).with_name("fails_on_purpose.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(failing)]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "an exchange to be shown" in run.stdout.partition("traffic of http://127.0.0.1:")[2], run.stdout
