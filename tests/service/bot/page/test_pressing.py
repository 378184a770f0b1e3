"""Buttons, menus and confirmation dialogs; tables that turn pages; texts that unfold."""

from playwright.sync_api import Locator, Page, expect

from tests.service.bot.page.reading import logged

APPROVE = {"block_id": "m.actions", "action_id": "approve", "type": "button", "value": '{"e":42}'}

# A button whose action stays under way until `finish` is called.
SLOW = """
() => {
  const { blocks, makeContext } = globalThis.gallery;
  const context = makeContext({ surface: "message", log: () => {} });
  const root = blocks.renderBlocks([{ type: "actions", block_id: "slow", elements: [
    { type: "button", action_id: "slow", text: { type: "plain_text", text: "Slow" } }] }], context);
  root.dataset.presses = 0;
  context.act = () => { root.dataset.presses = Number(root.dataset.presses) + 1;
                        return new Promise(resolve => { globalThis.finish = resolve; }); };
  blocks.updateBlocks(root, [{ type: "actions", block_id: "slow", elements: [
    { type: "button", action_id: "slow", text: { type: "plain_text", text: "Slow" } }] }], context);
  document.querySelector("#samples").prepend(root);
}
"""


def actions(page: Page) -> Locator:
    return page.locator('[data-sample="layout"] [data-block-id="m.actions"]')


def test_a_press_is_an_action(gallery: Page) -> None:
    actions(gallery).get_by_role("button", name="Approve").press("Enter")
    assert logged(gallery, "act") == [APPROVE]


def test_a_button_is_busy_until_the_app_has_answered_and_takes_no_second_press(gallery: Page) -> None:
    gallery.evaluate(SLOW)
    button = gallery.get_by_role("button", name="Slow")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    button.click()
    expect(gallery.locator("[data-presses]")).to_have_attribute("data-presses", "1")
    gallery.evaluate("finish()")
    expect(button).not_to_have_attribute("aria-busy", "true")


def test_a_question_comes_before_a_dangerous_action(gallery: Page) -> None:
    reject = actions(gallery).get_by_role("button", name="Reject")
    reject.click()
    dialog = gallery.get_by_role("dialog")
    expect(dialog).to_contain_text("The verdict will be inconclusive.")
    dialog.get_by_role("button", name="Keep training").click()
    assert logged(gallery, "act") == []
    reject.click()
    dialog.get_by_role("button", name="Stop").click()
    expect(gallery.locator("#log li")).to_have_count(1)
    assert logged(gallery, "act")[0]["action_id"] == "reject"


def test_a_link_button_tells_the_app_and_opens_its_address(gallery: Page) -> None:
    actions(gallery).get_by_role("button", name="Open").click()
    expect(gallery.locator("#log li")).to_have_count(2)
    assert logged(gallery, "openLink") == [{"url": "https://example.com/e/42"}]


def test_a_menu_by_keyboard(gallery: Page) -> None:
    button = actions(gallery).get_by_role("button", name="More actions")
    button.press("Enter")
    menu = gallery.get_by_role("menu")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    menu.press("ArrowDown")
    menu.press("ArrowDown")
    menu.press("ArrowDown")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    menu.press("s")
    expect(menu.get_by_role("menuitem", name="Show the contract")).to_be_focused()
    menu.press("Escape")
    expect(menu).to_have_count(0)
    expect(button).to_be_focused()
    assert logged(gallery, "act") == []
    button.press("ArrowDown")
    gallery.get_by_role("menuitem", name="Show the contract").press("Enter")
    assert [one["value"] for one in logged(gallery, "act")] == ["show"]


def test_feedback_buttons_say_which_was_pressed(gallery: Page) -> None:
    good = gallery.get_by_role("button", name="Good answer")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    assert logged(gallery, "act")[0]["value"] == "good"


def test_a_data_table_turns_pages_sorts_and_acts(gallery: Page) -> None:
    box = gallery.locator('[data-block-id="d.data"]')
    names = box.locator("tbody th")
    assert names.count() == 5
    expect(box.get_by_role("status")).to_have_text("1\N{EN DASH}5 of 7")
    box.get_by_role("button", name="Next page").click()
    assert names.all_text_contents() == ["E-45 · Wide network", "E-46 · No bonus"]
    box.get_by_role("button", name="Reward").click()
    rewards = box.locator("tbody .number")
    assert rewards.all_text_contents() == ["3", "77.5", "250", "498", "512.2"]
    expect(box.locator("thead th").nth(2)).to_have_attribute("aria-sort", "ascending")
    box.get_by_role("button", name="Reward").click()
    assert rewards.all_text_contents()[0] == "1,024"
    box.get_by_role("button", name="Fork").first.click()
    assert logged(gallery, "act") == [
        {"block_id": "d.data", "action_id": "fork", "type": "button", "value": "43"}
    ]


def test_charts_say_what_they_show(gallery: Page) -> None:
    chart = gallery.locator('[data-block-id="d.line"]')
    expect(chart.get_by_role("img")).to_have_accessible_name(
        "Reward over training, line chart. E-42: 12 at 0 to 512 at 100k, lowest 12, highest 512. "
        "E-3: 10 at 0 to 402 at 100k, lowest 10, highest 402."
    )
    chart.get_by_text("Show the numbers").click()
    assert chart.locator("tbody tr").last.locator("th, td").all_text_contents() == ["100k", "512", "402"]
    for block in ("d.line", "d.bar", "d.area", "d.pie"):
        marks = gallery.locator(f'[data-block-id="{block}"] svg :is(.chart-line, .chart-bar, .chart-slice)')
        assert "NaN" not in " ".join(marks.evaluate_all("all => all.map(one => one.outerHTML)"))
        assert marks.count() in (1, 2, 3, 12)


def test_long_texts_unfold(gallery: Page) -> None:
    block = gallery.locator('[data-block-id="words.long"]')
    button = block.get_by_role("button", name="Show more")
    before = (block.bounding_box() or {"height": 0})["height"]
    button.click()
    expect(block.get_by_role("button", name="Show less")).to_have_attribute("aria-expanded", "true")
    assert (block.bounding_box() or {"height": 0})["height"] > before


def test_a_container_folds(gallery: Page) -> None:
    gallery.get_by_role("button", name="Fold Details of the run").click()
    expect(gallery.locator('[data-block-id="p.container"] .container-body').first).to_be_hidden()
    gallery.get_by_role("button", name="Unfold A folded one").click()
    expect(gallery.locator('[data-block-id="p.folded"] .container-body').first).to_be_visible()


def test_pictures_open_large_and_links_go_through_the_page(gallery: Page) -> None:
    gallery.get_by_role("button", name="Open the picture: E-42 reaches 512, E-3 402").click()
    assert logged(gallery, "openImage")[0]["title"] == "Reward of E-42"
    gallery.get_by_role("link", name="Slack's reference").click()
    assert logged(gallery, "openLink") == [{"url": "https://docs.slack.dev"}]


def test_a_snippet_shows_its_first_lines_with_their_signs(gallery: Page) -> None:
    snippet = gallery.locator('[data-file-id="F0DIFF"]')
    expect(snippet.locator("pre")).to_contain_text("- parameter_0: 0.0")
    assert snippet.locator(".diff-removed").count() == snippet.locator(".diff-added").count() == 20
    expect(snippet.get_by_role("button", name="Show more")).to_be_visible()


def test_a_button_for_a_few_people_is_there_for_them_alone(gallery: Page) -> None:
    buttons = gallery.evaluate(
        """() => {
          const button = (name, ids) => ({ type: "button", action_id: name, visible_to_user_ids: ids,
                                           text: { type: "plain_text", text: name } });
          const block = { type: "actions", block_id: "b", elements: [button("mine", ["UKAI"]), button("hers", ["UANA"])] };
          const root = gallery.blocks.renderBlocks([block], gallery.makeContext({ surface: "message" }));
          return [...root.querySelectorAll("button")].map(one => one.textContent);
        }"""  # noqa: E501 - a script reads best unbroken
    )
    assert buttons == ["mine"]
