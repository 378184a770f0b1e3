"""Blocks that change while somebody works in them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.service.bot.page.reading import Json

# Draws `blocks` and keeps the root and a way to bring it up to date.
START = """
([first, values]) => {
  const { blocks, makeContext } = globalThis.gallery;
  const context = () => ({ ...makeContext({ surface: "modal", log: globalThis.gallery.note }), values: {}, errors: {} });
  globalThis.root = blocks.renderBlocks(first, { ...context(), values });
  globalThis.update = (next, values, errors) => blocks.updateBlocks(globalThis.root, next, { ...context(), values, errors });
  const samples = document.querySelector("#samples");
  samples.replaceChildren(globalThis.root);
}
"""  # noqa: E501 - a script reads best unbroken

Update = Callable[..., None]


def text_input(block_id: str, *, label: str = "Label", **element: object) -> Json:
    return {
        "type": "input",
        "block_id": block_id,
        "label": {"type": "plain_text", "text": label},
        "element": {"type": "plain_text_input", "action_id": "it", **element},
    }


def section(block_id: str, text: str) -> Json:
    return {"type": "section", "block_id": block_id, "text": {"type": "plain_text", "text": text}}


def value(text: str | None) -> Json:
    return {"it": {"type": "plain_text_input", "value": text}}


@pytest.fixture
def start(gallery: Page) -> Callable[..., Update]:
    def begin(blocks: list[Json], values: Json | None = None) -> Update:
        gallery.evaluate(START, [blocks, values or {}])

        def update(then: list[Json], values: Json | None = None, errors: Json | None = None) -> None:
            gallery.evaluate(
                "([next, values, errors]) => update(next, values, errors)", [then, values or {}, errors or {}]
            )

        return update

    return begin


def field_of(page: Page, block_id: str) -> str:
    return f'[data-block-id="{block_id}"] [data-action-id="it"]'


def test_focus_and_caret_survive_while_the_blocks_around_change(
    gallery: Page, start: Callable[..., Update]
) -> None:
    update = start([section("hint", "old"), text_input("a")])
    field = gallery.locator(field_of(gallery, "a"))
    field.press_sequentially("learning")
    field.press("ArrowLeft")
    update([section("hint", "new"), section("more", "x"), text_input("a")])
    expect(field).to_be_focused()
    field.press_sequentially("_")
    expect(field).to_have_value("learnin_g")
    assert gallery.locator("[data-block-id]").evaluate_all("all => all.map(one => one.dataset.blockId)") == [
        "hint",
        "more",
        "a",
    ]


def test_what_was_typed_stays_when_the_block_itself_changes(
    gallery: Page, start: Callable[..., Update]
) -> None:
    update = start([text_input("a")], {"a": value("old")})
    field = gallery.locator(field_of(gallery, "a"))
    field.fill("typed")
    field.press("Home")
    update([text_input("a", label="Another label")], {"a": value("old")})
    expect(field).to_have_value("typed")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_name("Another label")
    assert field.evaluate("one => one.selectionStart") == 0


def test_another_block_id_starts_anew(gallery: Page, start: Callable[..., Update]) -> None:
    update = start([text_input("a.1")])
    gallery.locator(field_of(gallery, "a.1")).fill("typed")
    update([text_input("a.2", initial_value="fresh")])
    expect(gallery.locator(field_of(gallery, "a.2"))).to_have_value("fresh")


def test_a_value_from_elsewhere_shows_unless_somebody_types_here(
    gallery: Page, start: Callable[..., Update]
) -> None:
    blocks = [text_input("a"), text_input("b")]
    update = start(blocks, {"a": value(None), "b": value(None)})
    gallery.locator(field_of(gallery, "b")).fill("mine")
    update(blocks, {"a": value("theirs"), "b": value("theirs")})
    expect(gallery.locator(field_of(gallery, "a"))).to_have_value("theirs")
    expect(gallery.locator(field_of(gallery, "b"))).to_have_value("mine")
    gallery.locator(field_of(gallery, "b")).blur()
    update(blocks, {"a": value("theirs"), "b": value("mine")})  # what was typed here has come round
    update(blocks, {"a": value("theirs"), "b": value("changed later")})
    expect(gallery.locator(field_of(gallery, "b"))).to_have_value("changed later")


def test_errors_come_and_go_without_touching_the_field(gallery: Page, start: Callable[..., Update]) -> None:
    blocks = [text_input("a")]
    update = start(blocks)
    field = gallery.locator(field_of(gallery, "a"))
    field.fill("wrong")
    update(blocks, {}, {"a": "This is wrong."})
    expect(field).to_have_accessible_description("This is wrong.")
    expect(field).to_be_focused()
    update(blocks)
    expect(field).to_have_accessible_description("")
    expect(field).to_have_value("wrong")


def test_an_open_list_stays_open(gallery: Page, start: Callable[..., Update]) -> None:
    option = {"text": {"type": "plain_text", "text": "PPO"}, "value": "ppo"}
    select = {
        **text_input("s"),
        "element": {"type": "static_select", "action_id": "it", "options": [option]},
    }
    update = start([section("hint", "old"), select])
    gallery.locator(field_of(gallery, "s")).click()
    update([section("hint", "new"), select])
    gallery.get_by_role("option", name="PPO").click()
    expect(gallery.locator(field_of(gallery, "s"))).to_have_value("PPO")


def test_a_button_that_is_drawn_anew_keeps_the_focus(gallery: Page, start: Callable[..., Update]) -> None:
    def row(text: str) -> Json:
        button = {"type": "button", "action_id": "it", "text": {"type": "plain_text", "text": text}}
        return {"type": "actions", "block_id": "row", "elements": [button]}

    update = start([row("Stop")])
    gallery.get_by_role("button", name="Stop").focus()
    update([row("Stopping")])
    expect(gallery.get_by_role("button", name="Stopping")).to_be_focused()


def test_what_was_unfolded_stays_so_while_a_plan_moves_on(
    gallery: Page, start: Callable[..., Update]
) -> None:
    def plan(second: str) -> list[Json]:
        line = {"type": "rich_text_section", "elements": [{"type": "text", "text": "in 12 s"}]}
        output = {"type": "rich_text", "elements": [line]}
        return [
            {
                "type": "plan",
                "block_id": "plan",
                "title": "E-42",
                "tasks": [
                    {
                        "type": "task_card",
                        "task_id": "1",
                        "title": "Pull",
                        "status": "complete",
                        "output": output,
                    },
                    {
                        "type": "task_card",
                        "task_id": "2",
                        "title": "Train",
                        "status": second,
                        "output": output,
                    },
                ],
            }
        ]

    update = start(plan("in_progress"))
    pull, train = (gallery.locator(f'[data-task-id="{task}"]') for task in "12")
    expect(train).to_have_attribute("open", "")
    pull.locator("summary").click()
    update(plan("complete"))
    expect(pull).to_have_attribute("open", "")
    expect(train).not_to_have_attribute("open", "")


def test_the_focus_stays_in_its_row_of_a_table(gallery: Page, start: Callable[..., Update]) -> None:
    def table(caption: str) -> list[Json]:
        def row(name: str) -> list[Json]:
            button = {
                "type": "button",
                "action_id": "it",
                "value": name,
                "text": {"type": "plain_text", "text": f"Fork {name}"},
            }
            return [{"type": "raw_text", "text": name}, {"type": "action_cell", "element": button}]

        head = [{"type": "raw_text", "text": "Name"}, {"type": "raw_text", "text": "Fork"}]
        return [
            {
                "type": "data_table",
                "block_id": "t",
                "caption": caption,
                "rows": [head, row("one"), row("two")],
            }
        ]

    update = start(table("before"))
    gallery.get_by_role("button", name="Fork two").focus()
    update(table("after"))
    expect(gallery.get_by_role("button", name="Fork two")).to_be_focused()
