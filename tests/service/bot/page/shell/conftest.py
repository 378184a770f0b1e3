"""A playground with a small app in it, and people in front of the page."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.service.bot.page.shell.seat import Seat
from tests.service.bot.page.shell.tally_app import MANIFEST, make_app
from tests.service.bot.playground.conftest import Running, connected, running_playground

WITHIN_MS = 20_000

Sit = Callable[[str], Seat]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        expect.set_options(timeout=WITHIN_MS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tally") / "manifest.json"
    path.write_text(json.dumps(MANIFEST), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def playground(manifest: Path) -> Iterator[Running]:
    """One playground for the tests of a module, with the app connected."""
    with running_playground("--manifest", str(manifest)) as running:
        with connected(make_app(running.base_url), running.people):
            yield running


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(WITHIN_MS)
    yield context
    context.close()


@pytest.fixture
def sit(context: BrowserContext, playground: Running) -> Iterator[Sit]:
    """`sit("UKAI")` is a new tab with the page open. Nothing may go wrong in the page itself."""
    problems: list[str] = []
    people: set[str] = set()

    def take(user: str) -> Seat:
        page: Page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        people.add(user)
        return Seat(page, playground.base_url, user).open()

    yield take
    for user in people:
        if playground.people.views(user):
            playground.people._post("close", user=user, everything=True)
    assert problems == []
