"""Who one is: several people in several tabs, in one tab, and side by side."""

import httpx
import pytest
from playwright.sync_api import BrowserContext, Route, WebSocket, expect

from tests.service.bot.page.shell.conftest import Sit
from tests.service.bot.page.shell.seat import EXPERIMENTS
from tests.service.bot.playground.conftest import Running

pytestmark = pytest.mark.service


def test_the_page_says_what_it_is(sit: Sit) -> None:
    kai = sit("UKAI")
    note = kai.page.get_by_role("note").first
    expect(note).to_have_text("Playground: a local stand-in for Slack. Nothing here reaches Slack.")
    expect(kai.page).to_have_title("Kai · Playground (not Slack)")


def test_two_people_in_two_tabs(sit: Sit) -> None:
    kai, ana = sit("UKAI"), sit("UANA")
    kai.say("Does anybody have a minute?")
    expect(ana.message("Does anybody have a minute?")).to_contain_text("Kai")
    ana.say("Now or never")
    expect(kai.message("Now or never")).to_contain_text("Ana")


def test_unread_channels_and_mentions_are_marked(sit: Sit) -> None:
    kai, ana = sit("UKAI"), sit("UANA")
    room = ana.get("channel-list").get_by_role("button", name="random")
    kai.get("channel-list").get_by_role("button", name="random").click()
    kai.input.press_sequentially("look here @an")
    expect(kai.get("completion").get_by_role("option").first).to_contain_text("senior")
    kai.input.press("Enter")
    expect(kai.input).to_have_value("look here @Ana ")
    kai.input.press("Enter")
    expect(kai.message("look here").locator(".mention")).to_have_text("@Ana")
    expect(room).to_have_accessible_name("random, channel, 1 unread, 1 for you")
    room.click()
    expect(ana.page.get_by_role("separator", name="New messages")).to_be_visible()
    expect(room).to_have_accessible_name("random, channel")


def test_a_mention_in_a_thread_waits_until_the_thread_is_read(sit: Sit, playground: Running) -> None:
    kai, ana = sit("UKAI"), sit("UANA")
    kai.say("Is anybody from the seniors here?")
    expect(ana.message("from the seniors")).to_be_visible()
    room = ana.get("channel-list").get_by_role("button", name="experiments")
    expect(room).to_have_accessible_name("experiments, channel")
    ana.get("channel-list").get_by_role("button", name="random").click()
    asked = kai.message("from the seniors").get_attribute("data-ts")
    reply = {"user": "UKAI", "channel": EXPERIMENTS, "thread_ts": asked, "text": "<@UANA>?", "mentions": True}
    httpx.post(f"{playground.base_url}/control/message", json=reply).raise_for_status()
    expect(room).to_have_accessible_name("experiments, channel, 1 for you in a thread")
    expect(room.get_by_test_id("mentions")).to_have_text("1")
    room.click()
    link = ana.message("from the seniors").get_by_test_id("thread-link")
    expect(link).to_contain_text("New")
    expect(room).to_have_accessible_name("experiments, channel, 1 for you in a thread")
    link.click()
    expect(ana.get("thread-panel")).to_contain_text("@Ana?")
    expect(room).to_have_accessible_name("experiments, channel")
    expect(link).not_to_contain_text("New")


def test_one_tab_acts_as_somebody_else(sit: Sit) -> None:
    seat = sit("UKAI")
    seat.say("before the change of hats")
    seat.get("act-as").get_by_role("button", name="Zoe administrator").click()
    expect(seat.page).to_have_url(f"{seat.base_url}/archives/{EXPERIMENTS}?user=UZOE")
    seat.say("after the change of hats")
    expect(seat.message("after the change of hats")).to_contain_text("Zoe")
    seat.page.go_back()
    expect(seat.get("act-as").locator("[aria-current]")).to_contain_text("Kai")


def test_who_was_chosen_last_acts_and_nobody_else_listens_on(sit: Sit) -> None:
    seat = sit("UKAI")
    sockets: list[WebSocket] = []

    def note(socket: WebSocket) -> None:
        sockets.append(socket)

    seat.page.on("websocket", note)
    both = """element => {
        for (const name of ["Ana", "Zoe"])
            [...element.querySelectorAll("button")].find(one => one.textContent.includes(name)).click();
    }"""
    seat.get("act-as").evaluate(both)
    expect(seat.get("act-as").locator("[aria-current]")).to_contain_text("Zoe")
    seat.say("only one of us")
    expect(seat.message("only one of us")).to_have_attribute("data-user", "UZOE")
    assert [one.url.count("user=UZOE") for one in sockets if not one.is_closed()] == [1]


def test_two_people_side_by_side(context: BrowserContext, playground: Running) -> None:
    page = context.new_page()
    page.goto(f"{playground.base_url}/?split=UKAI,UANA")
    left, right = (page.frame_locator(f"[data-testid=pane-{index}]") for index in (0, 1))
    left.get_by_test_id("message-input").fill("across the table")
    left.get_by_test_id("message-input").press("Enter")
    expect(right.get_by_test_id("message").filter(has_text="across the table")).to_be_visible()
    expect(page.get_by_role("note")).to_contain_text("a local stand-in for Slack")
    right.get_by_title("Act as somebody else").click()
    right.get_by_role("button", name="Zoe administrator").click()
    expect(page).to_have_url(f"{playground.base_url}/?split=UKAI%2CUZOE")


def test_a_direct_message(sit: Sit) -> None:
    kai, zoe = sit("UKAI"), sit("UZOE")
    kai.get("direct-list").get_by_role("button", name="Zoe").click()
    kai.say("between the two of us")
    entry = zoe.get("direct-list").get_by_role("button", name="Kai, direct message")
    expect(entry).to_have_accessible_name("Kai, direct message, 1 unread, 1 for you")
    entry.click()
    expect(zoe.message("between the two of us")).to_be_visible()


def test_somebody_joins_the_workspace(sit: Sit, playground: Running) -> None:
    kai = sit("UKAI")
    playground.people.hire("UNOOR", "Noor", "teammate", channel=EXPERIMENTS)
    expect(kai.get("act-as").get_by_role("button", name="Noor teammate")).to_be_visible()
    noor = sit("UNOOR")
    expect(noor.say("good morning")).to_be_visible()
    expect(kai.message("good morning")).to_contain_text("Noor")


def test_nothing_can_be_said_while_messages_are_being_opened(sit: Sit) -> None:
    kai = sit("UKAI")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    kai.page.route("**/control/open", hold)
    with kai.page.expect_request("**/control/open"):
        kai.get("direct-list").get_by_role("button", name="Ana").click()
    expect(kai.get("channel")).to_have_count(0)
    expect(kai.page.get_by_text("Opening your messages with Ana")).to_be_visible()
    held[0].abort()
    expect(kai.get("channel")).to_be_visible()
    expect(kai.get("toast")).to_contain_text("The playground does not answer.")


def test_the_switcher_goes_anywhere(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.page.keyboard.press("Control+k")
    kai.page.keyboard.type("rand")
    kai.page.keyboard.press("Enter")
    expect(kai.page.get_by_role("heading", name="random", level=1)).to_be_visible()


def test_the_apps_home_and_messages(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.get("open-app").click()
    expect(kai.get("home")).to_contain_text("Opened 1 times")
    kai.get("tab-messages").click()
    kai.say("hello, app")
    expect(kai.message("hello, app")).to_be_visible()
    kai.get("tab-home").click()
    expect(kai.get("home")).to_contain_text("Opened 3 times")
