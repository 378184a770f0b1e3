"""Reloads, an app that goes, and a playground that goes and comes back."""

import socket
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.service.bot.page.shell.conftest import Sit
from tests.service.bot.page.shell.seat import Seat
from tests.service.bot.page.shell.tally_app import make_app
from tests.service.bot.playground.conftest import Running, connected, running_playground

pytestmark = pytest.mark.service


def test_a_reload_comes_back_to_the_same_place(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.do(kai.say("the place to be"), "Reply in thread")
    kai.get("thread-input").fill("not sent yet")
    kai.page.reload()
    expect(kai.get("thread-panel")).to_contain_text("the place to be")
    expect(kai.get("thread-input")).to_have_value("not sent yet")


def test_an_app_that_is_not_there(context: BrowserContext, manifest: Path) -> None:
    with running_playground("--manifest", str(manifest)) as running:
        kai = Seat(context.new_page(), running.base_url, "UKAI").open()
        expect(kai.get("strip")).to_contain_text("Tally is not connected")
        expect(kai.get("connection")).to_have_text("not connected")
        kai.say("/tell anyone?")
        expect(kai.get("toast")).to_contain_text("dispatch_failed")
        with connected(make_app(running.base_url), running.people):
            expect(kai.get("connection")).to_have_text("connected")
            expect(kai.get("strip")).to_have_count(0)


def test_a_playground_that_is_started_again(context: BrowserContext, manifest: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    options = ("--manifest", str(manifest), "--data", str(tmp_path / "slack"), "--port", port)
    with running_playground(*options) as running:
        kai = Seat(context.new_page(), running.base_url, "UKAI").open()
        expect(kai.say("before the storm")).to_be_visible()
        kai.input.fill("unsaid")
    expect(kai.get("strip")).to_contain_text("The playground does not answer. Trying again…")
    with running_playground(*options) as running:
        expect(kai.get("strip")).not_to_contain_text("does not answer")
        running.people.write("UANA", "after the storm")
        expect(kai.message("after the storm")).to_be_visible()
        expect(kai.message("before the storm")).to_be_visible()
        expect(kai.input).to_have_value("unsaid")


def test_a_lost_stream_is_resumed_without_a_gap(sit: Sit, playground: Running) -> None:
    kai = sit("UKAI")
    first = playground.people.write("UANA", "the first of two")
    expect(kai.message("the first of two")).to_be_visible()
    kai.page.context.set_offline(True)
    playground.people.write("UANA", "the second of two")
    kai.page.context.set_offline(False)
    expect(kai.message("the second of two")).to_be_visible()
    assert first
