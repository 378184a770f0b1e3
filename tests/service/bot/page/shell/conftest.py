"""A playground with a small app in it, and people in front of the page."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect

from tests.service.bot.page.shell.seat import Seat
from tests.service.bot.page.shell.tally_app import MANIFEST, make_app
from tests.service.bot.playground.conftest import Running, connected, running_playground

WITHIN_MS = 20_000

Sit = Callable[[str], Seat]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tally") / "manifest.json"
    path.write_text(json.dumps(MANIFEST), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def playground(manifest: Path) -> Iterator[Running]:
    """One playground for the tests of a module, with the app connected."""
    with (
        running_playground("--manifest", str(manifest)) as running,
        connected(make_app(running.base_url), running.people),
    ):
        yield running


@contextmanager
def page_context(browser: Browser, *, bypass_csp: bool = False) -> Iterator[BrowserContext]:
    expect.set_options(timeout=WITHIN_MS)
    size = ViewportSize(width=1280, height=800)
    context = browser.new_context(viewport=size, locale="en-US", bypass_csp=bypass_csp)
    context.set_default_timeout(WITHIN_MS)
    try:
        yield context
    finally:
        context.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with page_context(browser) as context:
        yield context


@pytest.fixture
def sit(context: BrowserContext, playground: Running) -> Iterator[Sit]:
    """`sit("UKAI")` is a new tab with the page open. Nothing may go wrong in the page itself."""
    problems: list[str] = []
    people: set[str] = set()

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            problems.append(message.text)

    def take(user: str) -> Seat:
        page: Page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: problems.append(str(error)))
        people.add(user)
        return Seat(page, playground.base_url, user).open()

    yield take
    for user in people:
        if playground.people.views(user):
            playground.people._post("close", user=user, everything=True)
    assert problems == []
