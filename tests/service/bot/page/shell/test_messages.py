"""Reading: threads, reactions, messages for one pair of eyes, links to messages, and their menu."""

import pytest
from playwright.sync_api import expect

from tests.service.bot.page.shell.conftest import Sit
from tests.service.bot.page.shell.seat import EXPERIMENTS
from tests.service.bot.playground.conftest import Running

pytestmark = pytest.mark.service


def test_a_thread_beside_its_channel(sit: Sit) -> None:
    kai, ana = sit("UKAI"), sit("UANA")
    kai.do(kai.say("who has seen the plot?"), "Reply in thread")
    expect(kai.get("thread-input")).to_be_focused()
    kai.page.keyboard.type("it was here")
    kai.page.keyboard.press("Enter")
    expect(kai.get("thread-panel").get_by_test_id("message")).to_have_count(2)
    link = ana.message("who has seen the plot?").get_by_test_id("thread-link")
    expect(link).to_contain_text("1 reply")
    link.click()
    expect(ana.get("thread-panel")).to_contain_text("it was here")
    ana.get("thread-input").fill("found it")
    ana.get("thread-input").press("Enter")
    expect(kai.get("thread-panel")).to_contain_text("found it")
    expect(kai.message("who has seen the plot?")).to_contain_text("2 replies")
    kai.get("thread-input").press("Escape")
    expect(kai.get("thread-panel")).to_have_count(0)
    expect(kai.input).to_be_focused()


def test_reactions(sit: Sit) -> None:
    kai, ana = sit("UKAI"), sit("UANA")
    kai.say("shall we?")
    ana.do(ana.message("shall we?"), "Add a reaction")
    ana.get("emoji-picker").get_by_label("rocket").click()
    mine = ana.message("shall we?").get_by_role("button", name="rocket: you")
    expect(mine).to_have_attribute("aria-pressed", "true")
    theirs = kai.message("shall we?").get_by_role("button", name="rocket: Ana")
    expect(theirs).to_contain_text("1")
    theirs.click()
    both = ana.message("shall we?").get_by_role("button", name="rocket: you, Kai")
    expect(both).to_contain_text("2")
    both.click()
    expect(theirs).to_have_count(0)
    expect(kai.message("shall we?").get_by_role("button", name="rocket: you")).to_contain_text("1")


def test_ones_own_message_is_deleted_after_a_question(sit: Sit) -> None:
    kai, ana = sit("UKAI"), sit("UANA")
    message = kai.say("forget this")
    kai.more(message, "Delete message")
    expect(kai.get("confirm-no")).to_be_focused()
    kai.get("confirm-yes").click()
    expect(message).to_have_count(0)
    expect(ana.message("forget this")).to_have_count(0)
    kai.say("of somebody else")
    theirs = ana.message("of somebody else")
    ana.do(theirs, "More actions")
    expect(ana.get("message-menu").get_by_test_id("delete-message")).to_have_count(0)


def test_only_visible_to_you(sit: Sit) -> None:
    kai, ana = sit("UKAI"), sit("UANA")
    kai.say("/hush the password is plum")
    seen = kai.get("ephemeral").filter(has_text="the password is plum")
    expect(seen).to_contain_text("Only visible to you")
    kai.say("after the secret")
    expect(ana.message("after the secret")).to_be_visible()
    expect(ana.get("ephemeral")).to_have_count(0)
    seen.get_by_test_id("dismiss").click()
    expect(seen).to_have_count(0)


def test_a_message_shortcut(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.more(kai.say("one two three"), "Tally this")
    expect(kai.get("ephemeral").filter(has_text="Counted 3 words.")).to_be_visible()


def test_a_button_changes_the_message_for_everybody(sit: Sit) -> None:
    kai, ana = sit("UKAI"), sit("UANA")
    kai.say("/tally")
    kai.in_modal("What").fill("apples")
    kai.get("modal-submit").click()
    kai.message("apples").get_by_role("button", name="Add one").click()
    expect(ana.message("apples")).to_contain_text("apples: 2")
    ana.message("apples").get_by_role("button", name="Add one").click()
    expect(kai.message("apples")).to_contain_text("apples: 3")
    expect(ana.message("apples").get_by_role("button", name="Add one")).to_be_focused()


def test_a_link_leads_to_an_old_message_and_back_to_the_newest(sit: Sit, playground: Running) -> None:
    people = playground.people
    old = people.write("UANA", "long ago", channel="C0RANDOM")
    for number in range(120):
        people.write("UZOE", f"chatter {number}", channel="C0RANDOM")
    kai = sit("UKAI")
    kai.open(f"/archives/C0RANDOM/p{old.replace('.', '')}")
    expect(kai.message("long ago")).to_be_in_viewport()
    expect(kai.message("long ago")).to_be_focused()
    expect(kai.message("chatter 119")).to_have_count(0)
    people.write("UZOE", "and one more", channel="C0RANDOM")
    kai.page.get_by_role("button", name="newer").click()
    expect(kai.message("and one more")).to_be_in_viewport()
    expect(kai.input).to_be_focused()


def test_older_messages_come_as_one_scrolls_up(sit: Sit, playground: Running) -> None:
    for number in range(130):
        playground.people.write("UANA", f"entry {number:03}", channel="C0RANDOM")
    zoe = sit("UZOE").open("/archives/C0RANDOM")
    expect(zoe.message("entry 129")).to_be_in_viewport()
    expect(zoe.message("entry 000")).to_have_count(0)
    log = zoe.page.get_by_role("log")
    for number in (80, 30, 0):
        log.evaluate("element => element.scrollTop = 0")
        expect(zoe.message(f"entry {number:03}")).to_have_count(1)
    expect(zoe.message("entry 080")).not_to_be_in_viewport()


def test_what_loads_late_takes_nobody_away_from_the_newest(sit: Sit, playground: Running) -> None:
    for number in range(40):
        playground.people.write("UANA", f"line {number}", channel="C0RANDOM")
    zoe = sit("UZOE").open("/archives/C0RANDOM")
    expect(zoe.message("line 39")).to_be_in_viewport()
    grow = """element => {
        element.querySelector(".message:last-child").style.paddingBottom = "500px";
        element.dispatchEvent(new Event("scroll"));  // as browsers do it: before sizes are observed
    }"""
    zoe.page.get_by_role("log").evaluate(grow)
    left = "element => element.scrollHeight - element.scrollTop - element.clientHeight"
    zoe.page.get_by_role("log").evaluate(
        "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
    )
    assert zoe.page.get_by_role("log").evaluate(left) < 2
    zoe.page.get_by_role("log").evaluate("element => element.scrollTop -= 300")
    expect(zoe.page.get_by_role("button", name="To the newest")).to_be_visible()


def test_a_link_in_a_message_stays_in_the_page(sit: Sit, playground: Running) -> None:
    people = playground.people
    ts = people.write("UANA", "the thing that is meant")
    address = f"{playground.base_url}/archives/{EXPERIMENTS}/p{ts.replace('.', '')}"
    web = playground.web_client()
    web.chat_postMessage(channel=EXPERIMENTS, text=f"see <{address}|what Ana said>")
    kai = sit("UKAI")
    kai.message("see what Ana said").get_by_role("link", name="what Ana said").click()
    expect(kai.message("the thing that is meant")).to_be_focused()


def test_messages_are_walked_with_the_keyboard(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.say("the last but one")
    expect(kai.say("the very last")).to_be_visible()
    kai.page.get_by_role("log").focus()
    kai.page.keyboard.press("ArrowUp")
    expect(kai.focused()).to_contain_text("the very last")
    kai.page.keyboard.press("k")
    expect(kai.focused()).to_contain_text("the last but one")
    kai.page.keyboard.press("j")
    kai.page.keyboard.press("r")
    expect(kai.get("thread-input")).to_be_focused()
