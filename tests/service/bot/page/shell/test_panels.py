"""The panels: bad days on demand, and what passes between app and playground."""

import json

import pytest
from playwright.sync_api import expect

from tests.service.bot.page.shell.conftest import Sit
from tests.service.bot.playground.conftest import Running

pytestmark = pytest.mark.service


def test_a_bad_day_is_made_and_passes(sit: Sit) -> None:
    kai = sit("UKAI")
    kai.get("open-faults").click()
    panel = kai.get("faults-panel")
    kai.get("fault-kind").select_option("slow_ack")
    expect(panel).to_contain_text("The app's ack is held back")
    panel.get_by_label("Envelope").fill("slash_commands")
    kai.get("fault-add").click()
    expect(panel.locator(".fault-item")).to_contain_text("slash_commands · once")
    expect(kai.get("open-faults")).to_contain_text("1")
    kai.say("/tell in a while")
    expect(kai.get("toast")).to_contain_text("the app did not respond within 3 s")
    expect(panel).to_contain_text("Nothing. It is a good day.")


def test_a_bad_day_is_taken_back(sit: Sit) -> None:
    kai = sit("UKAI").open("/?panel=faults")
    panel = kai.get("faults-panel")
    kai.get("fault-kind").select_option("ratelimited")
    panel.get_by_label("Method").fill("chat.update")
    panel.get_by_label("Times").fill("3")
    kai.get("fault-add").click()
    expect(panel.locator(".fault-item")).to_contain_text("chat.update · 3 times")
    kai.get("fault-clear").click()
    expect(panel.locator(".fault-item")).to_have_count(0)


def test_a_fault_that_makes_no_sense_is_explained(sit: Sit) -> None:
    kai = sit("UKAI").open("/?panel=faults")
    kai.get("fault-kind").select_option("bot_removed")
    kai.get("faults-panel").get_by_label("Channel").fill("C0NOWHERE")
    kai.get("fault-add").click()
    expect(kai.get("toast")).to_contain_text("there is no channel 'C0NOWHERE'", ignore_case=True)


def test_traffic_as_it_passes(sit: Sit, playground: Running) -> None:
    kai = sit("UKAI")
    kai.get("open-traffic").click()
    panel = kai.get("traffic-panel")
    kai.say("/tell something to see")
    panel.get_by_test_id("traffic-filter").fill("something to see")
    row = panel.get_by_role("row").filter(has_text="chat.postMessage").first
    expect(row).to_contain_text("app →")
    expect(row).to_contain_text("ok")
    row.get_by_role("button", name="chat.postMessage").click()
    expect(panel.locator(".traffic-more")).to_contain_text('"text": "something to see"')
    panel.get_by_test_id("traffic-filter").fill("slash_commands")
    expect(panel.get_by_role("button", name="chat.postMessage")).to_have_count(0)
    expect(panel.get_by_role("row").filter(has_text="slash_commands").first).to_contain_text("→ app")
    kai.page.reload()
    expect(panel).to_be_visible()


def test_refusals_stand_out(sit: Sit, playground: Running) -> None:
    kai = sit("UKAI").open("/?panel=traffic")
    playground.web_client().api_call("api.test")
    playground.people.fault("error", method="auth.test", code="account_inactive")
    with pytest.raises(Exception, match="account_inactive"):
        playground.web_client().auth_test()
    expect(kai.get("traffic-panel").locator("tr.is-bad").first).to_contain_text("account_inactive")


def test_traffic_is_downloaded_as_json_lines(sit: Sit) -> None:
    kai = sit("UKAI").open("/?panel=traffic")
    with kai.page.expect_download() as download:
        kai.get("traffic-panel").get_by_role("link", name="Download as JSON lines").click()
    assert download.value.suggested_filename == "traffic.jsonl"
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert {"kind", "name", "arguments", "answer"} <= set(json.loads(lines[0]))
