"""A Chromium, a playground to look at, and pages that fail a test when a script or the policy complains.

Playwright's synchronous API keeps an event loop running in the thread of the tests while it is open, so the
browser lives as long as the tests of this package and no longer: elsewhere `asyncio.run` must work.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.service.bot.playground.conftest import Running, running_playground

# Where a sample's missing picture would be; no test leaves this machine.
_NOWHERE = "https://gallery.example/**"
_REFUSED = "net::ERR_FAILED"


def _chromium_path() -> str:
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is not installed; run tests/install_services.sh")
        pytest.skip("chromium is not on the PATH")
    return found


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = _chromium_path()
    with sync_playwright() as playwright:
        # CI runs as root in a container, where Chromium's own sandbox cannot start.
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@contextmanager
def watched_page(browser: Browser, **options: object) -> Iterator[Page]:
    """A page in a context of its own; errors of its scripts and of the browser end the test."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and _REFUSED not in message.text:
            complaints.append(message.text)

    context = browser.new_context(**options)  # type: ignore[arg-type] # Playwright's own options
    context.set_default_timeout(20_000)
    context.route(_NOWHERE, lambda route: route.abort())
    page = context.new_page()
    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert complaints == []


@pytest.fixture(scope="package")
def gallery_playground() -> Iterator[Running]:
    """One playground for all that only look at its files."""
    with running_playground() as running:
        yield running


def open_gallery(page: Page, running: Running) -> Page:
    page.goto(f"{running.base_url}/static/gallery.html")
    page.locator("body[data-ready]").wait_for()
    return page


@pytest.fixture
def gallery(browser: Browser, gallery_playground: Running) -> Iterator[Page]:
    """The page with every block and element, fresh for each test."""
    options = {"viewport": {"width": 1280, "height": 900}, "locale": "en-US", "timezone_id": "UTC"}
    with watched_page(browser, **options) as page:
        yield open_gallery(page, gallery_playground)


@pytest.fixture(scope="module")
def drawing(browser: Browser, gallery_playground: Running) -> Iterator[Page]:
    """One such page for all tests of a module, which draw into it and change nothing that others look at."""
    with watched_page(browser, locale="en-US", timezone_id="UTC") as page:
        yield open_gallery(page, gallery_playground)
