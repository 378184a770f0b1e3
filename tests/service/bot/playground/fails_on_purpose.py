"""A test that fails; `test_evidence` runs it to see what is shown of it."""

import pytest

from tests.service.bot.playground.conftest import Running


def test_that_fails(playground: Running) -> None:
    playground.web_client().api_test(foo="an exchange to be shown")
    pytest.fail("on purpose")
