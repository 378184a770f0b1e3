"""A failing test attaches the traffic of its playgrounds."""

from collections.abc import Generator

import pytest

from tests.service.bot import evidence


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and call.when == "call":
        report.sections += evidence.sections()
    return report
