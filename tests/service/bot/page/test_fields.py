"""Typing, choosing and correcting in forms, and the state that comes out of it."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

from bot.playground.values import initial_state
from tests.service.bot.page.reading import Json, logged, state, type_at_once
from tests.service.bot.page.test_every_block import samples


def form() -> list[Json]:
    [blocks] = [sample["blocks"] for sample in samples() if sample["name"] == "form"]
    return list(blocks)


def test_an_untouched_form_has_the_state_that_slack_would_give_it(gallery: Page) -> None:
    given = state(gallery, "form")
    expected = initial_state(form(), here=None)
    assert given == expected


def test_every_field_has_its_label_and_hint(gallery: Page) -> None:
    for block in form():
        if block["type"] != "input":
            continue
        control = gallery.locator(f'[data-block-id="{block["block_id"]}"] [data-action-id]')
        expect(control).to_have_accessible_name(
            block["label"]["text"] + (" (optional)" if block.get("optional") else "")
        )
        if "hint" in block:
            described = control.evaluate(
                "one => one.getAttribute('aria-describedby').split(' ')"
                ".map(id => document.getElementById(id).textContent).join(' ')"
            )
            assert block["hint"]["text"] in described


def test_an_error_stands_at_its_field(gallery: Page) -> None:
    control = gallery.get_by_label("Must not get worse")
    expect(control).to_have_attribute("aria-invalid", "true")
    expect(control).to_have_accessible_description(
        "“entropy” is not a metric of this environment. Known are: final_reward, episode_length. "
        "One metric a line"
    )
    expect(gallery.get_by_label("Title")).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(
    ("label", "typed", "path", "value"),
    [
        ("Title", "Smaller net", ("form.title", "title"), {"value": "Smaller net"}),
        ("Seeds", "12", ("form.seeds", "seeds"), {"value": "12"}),
        ("E-mail", "a@b.example", ("form.mail", "mail"), {"value": "a@b.example"}),
        ("Context link", "https://a.example", ("form.link", "link"), {"value": "https://a.example"}),
        ("Not before", "2026-12-01", ("form.date", "date"), {"selected_date": "2026-12-01"}),
        ("At", "07:05", ("form.time", "time"), {"selected_time": "07:05"}),
        ("Title", "", ("form.title", "title"), {"value": None}),
    ],
)
def test_what_is_typed_is_told_and_kept(
    gallery: Page, label: str, typed: str, path: tuple[str, str], value: Json
) -> None:
    block_id, action_id = path
    gallery.get_by_label(label, exact=True).or_(gallery.get_by_label(f"{label} (optional)", exact=True)).fill(
        typed
    )
    given = state(gallery, "form")[block_id][action_id]
    assert {name: item for name, item in given.items() if name != "type"} == value
    told = logged(gallery, "changed")[-1]
    assert told == {"block_id": block_id, "action_id": action_id, "value": next(iter(value.values()))}


def test_choices_by_keyboard(gallery: Page) -> None:
    gallery.get_by_label("Train the comparator alongside").press(" ")
    gallery.get_by_label("Never").press("ArrowDown")
    values = state(gallery, "form")
    assert [one["value"] for one in values["form.alongside"]["alongside"]["selected_options"]] == ["yes"]
    assert values["form.rule"]["rule"]["selected_option"]["value"] == "collapse"
    assert [one["value"] for one in logged(gallery, "changed")] == [["yes"], "collapse"]


def test_a_moment_is_two_pickers_and_one_number(gallery: Page) -> None:
    moment = gallery.get_by_role("group", name="Deadline (optional)")
    moment.get_by_label("Date").fill("2026-12-01")
    moment.get_by_label("Time").fill("10:30")
    assert state(gallery, "form")["form.moment"]["moment"]["selected_date_time"] == 1_796_121_000
    assert logged(gallery, "changed")[-1]["value"] == 1_796_121_000


def test_a_dispatching_field_tells_the_app_after_a_pause_and_once(gallery: Page) -> None:
    field = gallery.get_by_label("Changes")
    type_at_once(field, "lr = 1")
    expect(gallery.locator("#log li", has_text="act")).to_have_count(1)
    [told] = logged(gallery, "act")
    assert told == {
        "block_id": "form.changes",
        "action_id": "changes",
        "type": "plain_text_input",
        "value": "lr = 1",
    }
    field.press_sequentially("e-4")
    field.blur()  # what was typed last is never lost
    assert logged(gallery, "act")[-1]["value"] == "lr = 1e-4"


def test_formatted_text_comes_out_as_rich_text(gallery: Page) -> None:
    field = gallery.get_by_role("textbox", name="Notes")
    field.press("ControlOrMeta+End")
    field.press_sequentially(" plain ")
    gallery.get_by_role("button", name="Bold").click()
    field.press_sequentially("bold")
    gallery.get_by_role("button", name="Bold").click()
    field.press("Enter")
    gallery.get_by_role("button", name="Bulleted list").click()
    field.press_sequentially("<b>one</b>")
    field.press("Enter")
    field.press_sequentially("two")
    value = state(gallery, "form")["form.rich"]["rich"]["rich_text_value"]
    bold = {"bold": True}
    [line, bullets] = value["elements"]
    assert line["elements"] == [
        {"type": "text", "text": "Bold", "style": bold},
        {"type": "text", "text": " and not plain "},
        {"type": "text", "text": "bold", "style": bold},
    ]
    assert [item["elements"][0]["text"] for item in bullets["elements"]] == ["<b>one</b>", "two"]
    assert (bullets["style"], bullets["indent"]) == ("bullet", 0)


def yaml(name: str) -> FilePayload:
    return {"name": name, "mimeType": "text/yaml", "buffer": b"seed: 1"}


def test_files_are_listed_limited_and_taken_out(gallery: Page) -> None:
    field = gallery.get_by_label("Files (optional)")
    files = [yaml(f"{name}.yaml") for name in ("a", "bb", "ccc", "dddd")]
    field.set_input_files(files[:2])
    block = gallery.locator('[data-block-id="form.files"]')
    expect(block.locator("li")).to_have_text(["a.yaml", "bb.yaml"])
    field.set_input_files(files[2:])
    expect(block.get_by_role("status")).to_have_text("No more than 3 files here.")
    block.get_by_role("button", name="Remove bb.yaml").click()
    assert [one["name"] for one in state(gallery, "form")["form.files"]["files"]["files"]] == [
        "a.yaml",
        "ccc.yaml",
    ]
    field.set_input_files([yaml("x.exe")])
    expect(block.get_by_role("status")).to_have_text("x.exe is not one of: yaml, json, png.")


def test_near_its_limit_a_field_counts_what_is_left_and_cuts_nothing(gallery: Page) -> None:
    field = gallery.get_by_label("Changes")
    counter = gallery.locator('[data-block-id="form.changes"]').get_by_role("status")
    field.fill("x" * 2900)
    expect(counter).to_have_text("")
    field.fill("x" * 2990)
    expect(counter).to_have_text("10")
    field.fill("x" * 3002)
    expect(counter).to_have_accessible_name("2 characters too many")
    assert len(state(gallery, "form")["form.changes"]["changes"]["value"]) == 3002
