"""Selects in the hands of people: by keyboard, by mouse, with answers that come late, empty or never."""

from playwright.sync_api import Locator, Page, expect

from tests.service.bot.page.reading import logged, state, type_at_once

# Answers of the app under the test's own control: {typed: {"after": s, "answer": [...]}}.
OWN_SELECT = """
element => {
  const { blocks, makeContext } = globalThis.gallery;
  const context = makeContext({ surface: "modal", log: globalThis.gallery.note });
  const asked = [];
  const option = text => ({ text: { type: "plain_text", text }, value: text });
  globalThis.answers = {};
  context.options = ({ value }) => {
    asked.push(value);
    globalThis.root.dataset.asked = asked.join("|");
    return new Promise((resolve, reject) => {
      globalThis.answers[value] = texts =>
        texts === null
          ? reject(new Error("no answer"))
          : resolve({ options: texts.map(option), option_groups: null });
    });
  };
  const block = { type: "input", block_id: "own", label: { type: "plain_text", text: "Own" }, element };
  globalThis.root = blocks.renderBlocks([block], context);
  document.querySelector("#samples").prepend(globalThis.root);
}
"""


def own_external_select(page: Page, **more: object) -> Locator:
    page.evaluate(OWN_SELECT, {"type": "external_select", "action_id": "own", **more})
    return page.locator('[data-action-id="own"]')


def asked(page: Page, queries: str) -> None:
    """Wait until the app has been asked these and no others; `|` stands between them."""
    expect(page.locator("[data-asked]")).to_have_attribute("data-asked", queries)


def options(page: Page) -> list[str]:
    return page.locator(".listbox:popover-open .option-text").all_text_contents()


def test_a_list_is_filtered_and_chosen_from_by_keyboard_alone(gallery: Page) -> None:
    field = gallery.get_by_role("combobox", name="Device")
    field.focus()
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-expanded", "true")
    assert options(gallery) == ["CPU", "GPU"]
    field.press("ArrowDown")
    active = field.get_attribute("aria-activedescendant")
    assert gallery.locator(f"#{active} .option-text").text_content() == "GPU"
    field.press("Enter")
    expect(field).to_have_value("GPU")
    expect(field).to_have_attribute("aria-expanded", "false")
    assert logged(gallery, "changed") == [{"block_id": "form.device", "action_id": "device", "value": "cuda"}]
    field.press_sequentially("cp")
    assert options(gallery) == ["CPU"]  # what is typed takes the place of what was chosen
    field.press("Escape")
    expect(field).to_have_value("GPU")
    assert state(gallery, "form")["form.device"]["device"]["selected_option"]["value"] == "cuda"


def test_groups_are_named_and_descriptions_are_searched(gallery: Page) -> None:
    field = gallery.locator('[data-action-id="grouped"]').first
    field.click()
    assert gallery.locator('.listbox:popover-open [role="group"]').count() == 2
    expect(gallery.get_by_role("group", name="Off-policy")).to_be_visible()
    field.press_sequentially("entropy")
    assert options(gallery) == ["SAC"]
    field.press_sequentially("xx")
    expect(gallery.locator(".listbox:popover-open")).to_have_text("No results")
    gallery.locator("h1").click()
    expect(field).to_have_value("")


def test_a_choice_in_a_message_is_an_action(gallery: Page) -> None:
    gallery.locator('[data-action-id="static"]').click()
    gallery.get_by_role("option", name="Seed 3").click()
    assert logged(gallery, "act") == [
        {"block_id": "a.static", "action_id": "static", "type": "static_select", "value": "3"}
    ]


def test_several_are_tokens_and_the_app_hears_when_the_list_closes(gallery: Page) -> None:
    field = gallery.locator('[data-action-id="multi"]')
    field.click()
    gallery.get_by_role("option", name="Seed 4").click()
    gallery.get_by_role("option", name="Seed 6").click()
    assert logged(gallery, "act") == []
    field.press("Backspace")
    field.press("Escape")
    assert [one["value"] for one in logged(gallery, "act")] == [["1", "4"]]
    gallery.get_by_role("button", name="Remove Seed 1").first.click()
    assert state(gallery, "accessories")["a.multi"]["multi"]["selected_options"][0]["value"] == "4"


def test_no_more_than_max_selected_items(gallery: Page) -> None:
    field = gallery.locator('[data-action-id="users"]')
    field.click()
    for name in ("Ana Silva", "Kai Berger", "Zoe Martin"):
        gallery.locator(".listbox:popover-open .option", has_text=name).click(force=True)
    assert state(gallery, "elements")["e.selects"]["users"]["selected_users"] == ["UANA", "UKAI"]
    disabled = gallery.locator('.listbox:popover-open .option[aria-disabled="true"] .option-text')
    assert disabled.all_text_contents() == ["Zoe Martin", "Signoff"]


def test_people_and_conversations_are_filtered_as_the_element_says(gallery: Page) -> None:
    gallery.locator('[data-action-id="approver"]').click()
    assert options(gallery) == ["Ana Silva", "Kai Berger", "Zoe Martin", "Signoff"]
    gallery.keyboard.press("Escape")
    gallery.locator('[data-block-id="form.channel"] [role=combobox]').click()
    assert options(gallery) == ["#experiments", "#random", "#review"]
    gallery.keyboard.press("Escape")
    gallery.locator('[data-block-id="form.home"] [role=combobox]').click()
    assert options(gallery) == ["#experiments", "#random"]
    gallery.keyboard.press("Escape")
    gallery.locator('[data-action-id="conversation"]').click()
    assert options(gallery) == ["#experiments", "#random", "#review", "Ana Silva", "Signoff"]


def test_an_external_select_asks_once_a_pause_and_drops_late_answers(gallery: Page) -> None:
    field = own_external_select(gallery, min_query_length=0)
    field.click()
    expect(gallery.locator(".listbox:popover-open")).to_have_text("Loading…")
    expect(gallery.locator(".listbox:popover-open")).to_have_attribute("aria-busy", "true")
    type_at_once(field, "walk")
    asked(gallery, "|walk")
    gallery.evaluate("answers['walk'](['walker'])")
    expect(gallery.locator(".option-text")).to_have_text(["walker"])
    gallery.evaluate("answers['']([`late`])")
    expect(gallery.locator(".option-text")).to_have_text(["walker"])
    field.press("Enter")
    chosen = gallery.evaluate("gallery.blocks.readState(root)")["own"]["own"]["selected_option"]
    assert chosen == {"text": {"type": "plain_text", "text": "walker"}, "value": "walker"}


def test_an_external_select_says_what_it_waits_for(gallery: Page) -> None:
    field = own_external_select(gallery)
    box = gallery.locator(".listbox:popover-open")
    field.click()
    expect(box).to_have_text("Type at least 3 characters to search")
    field.press_sequentially("wa")
    expect(box).to_have_text("Type 1 more character to search")
    assert gallery.evaluate("root.dataset.asked") is None
    field.press("l")
    expect(box).to_have_text("Loading…")
    asked(gallery, "wal")
    gallery.evaluate("answers['wal'](null)")
    expect(box).to_have_text("The options could not be loaded. Type again to retry.")
    field.press("k")
    asked(gallery, "wal|walk")
    gallery.evaluate("answers['walk']([])")
    expect(box).to_have_text("No results")


def test_an_optional_select_can_be_cleared(gallery: Page) -> None:
    block = gallery.locator('[data-block-id="form.approver"]')
    block.get_by_role("button", name="Clear").click()
    assert state(gallery, "form")["form.approver"]["approver"] == {
        "type": "users_select",
        "selected_user": None,
    }
    expect(block.get_by_role("button", name="Clear")).to_be_hidden()


def test_in_a_dialog_the_list_lies_over_it_and_escape_closes_the_list_alone(gallery: Page) -> None:
    own_external_select(gallery, min_query_length=0)
    gallery.evaluate(
        "() => { const dialog = document.createElement('dialog'); document.body.append(dialog);"
        " dialog.append(root); dialog.showModal(); }"
    )
    field = gallery.locator('[data-action-id="own"]')
    field.click()
    asked(gallery, "")
    gallery.evaluate("answers[''](['walker', 'hopper'])")
    gallery.get_by_role("option", name="hopper").hover()
    field.press("Escape")
    expect(gallery.get_by_role("listbox")).to_have_count(0)
    expect(gallery.get_by_role("dialog")).to_be_visible()
    field.press("Escape")
    expect(gallery.get_by_role("dialog")).to_have_count(0)
