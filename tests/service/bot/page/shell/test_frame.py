"""The frame around it all: light and dark, pictures, addresses, regions, a narrow window."""

import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.service.bot.page.shell.conftest import Sit
from tests.service.bot.page.shell.seat import EXPERIMENTS
from tests.service.bot.playground.conftest import Running

pytestmark = pytest.mark.service


def picture(path: Path) -> Path:
    """A PNG of 8 by 8 blue pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    rows = b"".join(b"\0" + bytes([40, 90, 160]) * 8 for _ in range(8))
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    data = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(data))
    return path


def test_dark_stays_dark(sit: Sit) -> None:
    kai = sit("UKAI")
    light = kai.page.evaluate("getComputedStyle(document.body).backgroundColor")
    kai.page.get_by_role("button", name="Switch to dark").click()
    dark = kai.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    kai.page.reload()
    expect(kai.page.get_by_role("button", name="Switch to light")).to_be_visible()
    assert kai.page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_a_picture_is_shown_large(sit: Sit, tmp_path: Path) -> None:
    kai = sit("UKAI")
    kai.get("file-input").set_input_files(picture(tmp_path / "blue.png"))
    kai.get("send").click()
    kai.message("blue.png").get_by_role("img", name="blue.png").click()
    lightbox = kai.get("lightbox")
    expect(lightbox.get_by_role("img")).to_be_visible()
    kai.page.keyboard.press("Escape")
    expect(lightbox).to_have_count(0)


def test_help_names_the_apps_own_command(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.get("help").click()
    expect(kai.get("help-dialog")).to_contain_text("Type /tally below: count something.")
    kai.page.keyboard.press("Escape")
    expect(kai.get("help")).to_be_focused()


def test_what_others_write_is_read_aloud_once(sit: Sit, playground: Running) -> None:
    kai = sit("UKAI")
    playground.people.write("UANA", "before anybody listens")
    expect(kai.message("before anybody listens")).to_be_visible()
    playground.people.write("UANA", "is anybody listening?")
    expect(kai.get("announcer")).to_have_text("Ana: is anybody listening?")
    kai.say("I am")
    expect(kai.message("I am")).to_be_visible()
    expect(kai.get("announcer")).to_have_text("Ana: is anybody listening?")


def test_a_link_behind_a_hash(sit: Sit, playground: Running) -> None:
    ts = playground.people.write("UANA", "found through a hash")
    kai = sit("UKAI")
    kai.page.goto(f"{playground.base_url}/?user=UKAI#/archives/{EXPERIMENTS}/p{ts.replace('.', '')}")
    expect(kai.message("found through a hash")).to_be_focused()


def test_a_link_to_a_reply_opens_its_thread(sit: Sit, playground: Running) -> None:
    people = playground.people
    parent = people.write("UANA", "where it began")
    reply = people.write("UZOE", "where it went", thread_ts=parent)
    link = playground.web_client().chat_getPermalink(channel=EXPERIMENTS, message_ts=reply)["permalink"]
    kai = sit("UKAI")
    kai.page.goto(str(link))
    expect(kai.get("thread-panel").get_by_test_id("message").filter(has_text="where it went")).to_be_focused()


def test_from_part_to_part_with_f6(sit: Sit) -> None:
    kai = sit("UKAI")
    expect(kai.input).to_be_focused()
    kai.page.keyboard.press("F6")
    expect(kai.get("act-as").locator(":focus")).to_contain_text("Kai")
    kai.page.keyboard.press("Shift+F6")
    expect(kai.input).to_be_focused()


def test_a_narrow_window_keeps_the_sidebar_in_a_drawer(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.page.set_viewport_size({"width": 600, "height": 700})
    expect(kai.get("channel-list")).not_to_be_visible()
    kai.page.get_by_role("button", name="Workspace: people and channels").click()
    kai.get("channel-list").get_by_role("button", name="random").click()
    expect(kai.page.get_by_role("heading", name="random", level=1)).to_be_visible()
    expect(kai.get("channel-list")).not_to_be_visible()


def test_an_unknown_person_is_refused_in_words(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.page.goto(f"{kai.base_url}/?user=UNOBODY")
    expect(kai.page.get_by_role("alert")).to_have_text(
        "There is no person 'UNOBODY'; there are UANA, UKAI, UZOE."
    )
    kai.page.get_by_role("link", name="Begin anew").click()
    expect(kai.input).to_be_visible()
