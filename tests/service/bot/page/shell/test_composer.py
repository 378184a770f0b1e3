"""Writing: messages, commands, completion, drafts, files, and words for what goes wrong."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.service.bot.page.shell.conftest import Sit
from tests.service.bot.page.shell.seat import EXPERIMENTS
from tests.service.bot.playground.conftest import Running

pytestmark = pytest.mark.service


def test_commands_are_completed_with_their_hints(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.input.press_sequentially("/te")
    option = kai.get("completion").get_by_role("option")
    expect(option).to_have_count(1)
    expect(option).to_contain_text("/tell <words>")
    expect(option).to_contain_text("Say it to the channel")
    kai.input.press("Tab")
    expect(kai.input).to_have_value("/tell ")
    expect(kai.get("composer").locator(".composer-hint")).to_contain_text("/tell <words>")
    kai.input.press_sequentially("hear, hear")
    kai.input.press("Enter")
    expect(kai.message("hear, hear")).to_contain_text("APP")
    kai.input.press("ArrowUp")
    expect(kai.input).to_have_value("/tell hear, hear")


def test_two_lines_and_what_looks_like_markup(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.input.press_sequentially("if a < b & b > c")
    kai.input.press("Shift+Enter")
    kai.input.press_sequentially("then <@UANA> is not called")
    kai.input.press("Enter")
    message = kai.message("if a < b & b > c")
    expect(message).to_contain_text("then <@UANA> is not called")
    expect(message.locator(".mention")).to_have_count(0)


def test_the_last_message_is_edited_with_the_arrow_key(sit: Sit) -> None:
    kai, ana = sit("UKAI"), sit("UANA")
    expect(kai.say("a smal slip")).to_be_visible()
    kai.input.press("ArrowUp")
    field = kai.get("edit-field")
    expect(field).to_have_value("a smal slip")
    field.fill("a small slip")
    field.press("Enter")
    expect(ana.message("a small slip")).to_contain_text("(edited)")
    expect(kai.input).to_be_focused()


def test_a_mention_stays_one_while_it_is_edited(sit: Sit, playground: Running) -> None:
    kai = sit("UKAI")
    kai.input.press_sequentially("ask @zo")
    kai.input.press("Tab")
    kai.input.press_sequentially("and #ran")
    kai.input.press("Tab")
    kai.input.press("Enter")
    expect(kai.message("ask @Zoe and #random").locator(".mention")).to_have_count(2)
    kai.input.press("ArrowUp")
    expect(kai.get("edit-field")).to_have_value("ask @Zoe and #random")
    kai.get("edit-field").fill("do ask @Zoe & #random")
    kai.get("edit-field").press("Enter")
    expect(kai.message("do ask").locator(".mention")).to_have_count(2)
    (stored,) = [message for message in playground.people.messages() if "do ask" in message.text]
    assert stored.text == "do ask <@UZOE> &amp; <#C0RANDOM>"


def test_a_draft_survives_a_reload_and_a_look_elsewhere(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.input.fill("half a thought")
    kai.get("channel-list").get_by_role("button", name="random").click()
    expect(kai.input).to_have_value("")
    kai.page.reload()
    expect(kai.page.get_by_role("heading", name="random", level=1)).to_be_visible()
    kai.get("channel-list").get_by_role("button", name="experiments").click()
    expect(kai.input).to_have_value("half a thought")
    kai.input.fill("")


def test_messages_in_quick_succession_keep_their_order(sit: Sit, playground: Running) -> None:
    kai = sit("UKAI")
    for number in range(8):
        kai.input.fill(f"quick {number}")
        kai.input.press("Enter")
    expect(kai.message("quick 7")).to_be_visible()
    texts = [message.text for message in playground.people.messages() if "quick" in message.text]
    assert texts == [f"quick {number}" for number in range(8)]


def test_a_command_that_nobody_knows(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.say("/nothing at all")
    expect(kai.get("toast")).to_contain_text("/nothing is not a valid command")
    expect(kai.get("toast")).to_have_attribute("role", "alert")
    expect(kai.input).to_have_value("/nothing at all")
    kai.input.fill("")


def test_a_command_that_is_not_answered(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.say("/sleep")
    expect(kai.get("composer")).to_have_attribute("aria-busy", "true")
    expect(kai.get("toast")).to_contain_text("the app did not respond within 3 s")
    kai.input.fill("")


def test_commands_do_not_work_in_threads(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.do(kai.say("the beginning of something"), "Reply in thread")
    kai.get("thread-input").fill("/tell x")
    kai.get("thread-input").press("Enter")
    expect(kai.get("toast")).to_have_text("/tell is not supported in threads. Sorry!")


def test_the_shortcut_menu_runs_a_global_shortcut(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.get("open-shortcuts").press("Enter")
    menu = kai.get("shortcut-menu")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    expect(menu.get_by_test_id("shortcut-start")).to_contain_text("From anywhere")
    kai.page.keyboard.press("Enter")
    expect(kai.modal).to_contain_text("How many")


def test_a_file_is_shared(sit: Sit, tmp_path: Path) -> None:
    kai, ana = sit("UKAI"), sit("UANA")
    path = tmp_path / "notes.txt"
    path.write_text("three lines\nof\nnotes", encoding="utf-8")
    kai.get("file-input").set_input_files(path)
    expect(kai.get("composer")).to_contain_text("notes.txt")
    kai.input.fill("what we said")
    kai.input.press("Enter")
    expect(ana.message("notes.txt")).to_contain_text("what we said")
    expect(ana.message("notes.txt")).to_contain_text("three lines")
    expect(ana.message("notes.txt").get_by_role("link", name="Download notes.txt")).to_be_visible()
    expect(kai.get("composer")).not_to_contain_text("notes.txt")


def test_a_channel_from_outside_is_joined_and_an_archived_one_is_closed(
    sit: Sit, playground: Running
) -> None:
    people = playground.people
    made = {"name": "quiet", "members": ["UANA"]}
    channel = people._post("channels", **made)["channel"]["id"]
    zoe = sit("UZOE")
    zoe.get("channel-list").get_by_role("button", name="quiet").click()
    zoe.page.get_by_role("button", name="Join channel").click()
    expect(zoe.page.get_by_role("button", name="Invite Tally")).to_be_visible()
    expect(zoe.say("in at last")).to_be_visible()
    people._post("channels", id=channel, name="quiet", is_archived=True)
    expect(zoe.get("channel")).to_contain_text("This channel is archived.")


def test_the_app_is_invited_again(sit: Sit, playground: Running) -> None:
    kai = sit("UKAI")
    playground.people.fault("bot_removed", channel=EXPERIMENTS)
    kai.page.get_by_role("button", name="Invite Tally").click()
    expect(kai.page.get_by_role("button", name="Invite Tally")).to_have_count(0)
