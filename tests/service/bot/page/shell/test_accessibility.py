"""axe-core finds nothing serious, in light and in dark, wherever people spend time."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, expect

from tests.service.bot.page.shell.conftest import Sit, page_context
from tests.service.bot.page.shell.seat import Seat

pytestmark = pytest.mark.service
_SERIOUS = ("serious", "critical")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """axe-core writes styles into the page, which the page's own policy forbids."""
    with page_context(browser, bypass_csp=True) as context:
        yield context


def channel(kai: Seat) -> None:
    kai.say("something to look at")
    kai.say("/hush and something to keep")
    kai.message("something to look at").hover()
    expect(kai.get("ephemeral").last).to_be_visible()


def thread(kai: Seat) -> None:
    kai.do(kai.say("to be continued"), "Reply in thread")
    kai.get("thread-input").fill("go on")
    kai.get("thread-input").press("Enter")
    expect(kai.get("thread-panel").get_by_test_id("message")).to_have_count(2)


def modal(kai: Seat) -> None:
    kai.say("/tally")
    kai.get("modal-submit").click()
    expect(kai.modal).to_contain_text("Please complete this required field.")


def home(kai: Seat) -> None:
    kai.get("open-app").click()
    expect(kai.get("home")).to_contain_text("Opened")


def faults(kai: Seat) -> None:
    kai.get("open-faults").click()
    kai.get("fault-kind").select_option("ratelimited")


def traffic(kai: Seat) -> None:
    kai.say("/tell some traffic")
    kai.get("open-traffic").click()
    kai.get("traffic-panel").get_by_role("button", name="slash_commands").first.click()
    expect(kai.get("traffic-panel").locator(".traffic-more")).to_be_visible()


def suggestions(kai: Seat) -> None:
    kai.input.press_sequentially("/t")
    expect(kai.get("completion")).to_be_visible()


def menu(kai: Seat) -> None:
    kai.do(kai.say("what can be done with me?"), "More actions")
    expect(kai.get("message-menu")).to_be_visible()


def failure(kai: Seat) -> None:
    kai.say("/unheard of")
    expect(kai.get("toast")).to_be_visible()


def switcher(kai: Seat) -> None:
    kai.page.keyboard.press("Control+k")
    expect(kai.get("switcher")).to_be_visible()


def help_dialog(kai: Seat) -> None:
    kai.get("help").click()
    expect(kai.get("help-dialog")).to_be_visible()


PLACES: list[Callable[[Seat], None]] = [
    channel,
    thread,
    modal,
    home,
    faults,
    traffic,
    suggestions,
    menu,
    failure,
    switcher,
    help_dialog,
]


# Colours move for a moment; what is on the way from light to dark has no contrast yet.
_IN_THEME = """async theme => {
    document.documentElement.dataset.theme = theme;
    const moving = document.getAnimations().filter(one => one instanceof CSSTransition);
    await Promise.allSettled(moving.map(one => one.finished));
}"""


@pytest.mark.parametrize("place", PLACES, ids=lambda place: str(place.__name__))
def test_nothing_serious(sit: Sit, place: Callable[[Seat], None]) -> None:
    kai = sit("UKAI")
    place(kai)
    for theme in ("light", "dark"):
        kai.page.evaluate(_IN_THEME, theme)
        found = Axe().run(kai.page).response["violations"]
        serious = [
            f"{one['id']}: {node['html'][:160]} {node['failureSummary']}"
            for one in found
            if one["impact"] in _SERIOUS
            for node in one["nodes"]
        ]
        assert serious == [], theme
