"""All of Signoff behind the page, as `signoff up` starts it, and a camera for what people see."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bot.cli.playground_client import PlaygroundClient
from bot.cli.processes import household
from bot.cli.stage import Plan, start_all
from bot.cli.training import stop_training
from db.migrations.run import migrate
from db.records import Person
from db.settings import LedgerSettings
from tests.service.bot.evidence import witnessed
from tests.service.bot.page.conftest import watched_page
from tests.service.bot.page.shell.seat import Seat

SCREENSHOTS = Path(os.environ.get("SIGNOFF_TEST_SCREENSHOTS", "build/screenshots"))

Sit = Callable[[str], Seat]


@pytest.fixture(scope="module")
def signoff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a playground with the bot and a worker; all training is ended afterwards."""
    folder = tmp_path_factory.mktemp("signoff")
    settings = LedgerSettings(data_dir=folder, database_url=None, broker_url=None, artifacts_dir=None)
    environment = {
        "SIGNOFF_DATA_DIR": str(folder),
        "SIGNOFF_DATABASE_URL": settings.ledger_url,
        "SIGNOFF_BROKER_URL": "",
        "SIGNOFF_ARTIFACTS_DIR": str(settings.artifacts_folder),
        "SIGNOFF_SETTLE_S": "1",
        "SIGNOFF_PASS_S": "0.5",
    }
    migrate(settings.ledger_url)
    with household(folder / "logs") as family:
        try:
            address = start_all(family, Plan(folder, settings=environment)).playground
            with PlaygroundClient(address) as people, witnessed(address):
                people.wait_for_app()
                yield address
        finally:
            stop_training(settings, Person("UZOE", "Zoe"))


@pytest.fixture
def sit(browser: Browser, signoff: str) -> Iterator[Sit]:
    """`sit("UKAI")` opens the page for a person; each has a window of their own."""
    windows = []

    def take(user: str) -> Seat:
        window = watched_page(browser, viewport={"width": 1280, "height": 900}, locale="en-US")
        windows.append(window)
        return Seat(window.__enter__(), signoff, user).open()

    yield take
    for window in reversed(windows):
        window.__exit__(None, None, None)


@dataclass
class Camera:
    """Keeps pictures, numbered in the order in which they were taken."""

    folder: Path
    taken: int = 0

    def shoot(self, page: Page, what: str) -> None:
        self.taken += 1
        page.screenshot(path=self.folder / f"{self.taken:02}-{what}.png")


@pytest.fixture
def camera(request: pytest.FixtureRequest) -> Camera:
    """Pictures of one test, in a folder with its name under SIGNOFF_TEST_SCREENSHOTS."""
    folder = SCREENSHOTS / request.node.name.removeprefix("test_")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    return Camera(folder)
