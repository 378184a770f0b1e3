"""Which block may stand where: in a message, in a modal, in a Home tab."""

import pytest

from bot.playground.checks.blocks import BLOCKS
from bot.playground.records import Json
from tests.unit.bot.playground.attempts import card, cells, chart, data_table, image, plan, table
from tests.unit.bot.playground.builders import (
    actions,
    button,
    input_block,
    message_code,
    modal,
    mrkdwn,
    plain,
    rich_text,
    section,
    text_input,
    view_code,
)

ONE_OF_EACH: dict[str, Json] = {
    "section": section(),
    "header": {"type": "header", "text": plain("x")},
    "divider": {"type": "divider"},
    "context": {"type": "context", "elements": [mrkdwn("x")]},
    "actions": actions(button()),
    "image": image(),
    "input": input_block(text_input()),
    "rich_text": rich_text({"type": "text", "text": "x"}),
    "video": {
        "type": "video",
        "alt_text": "v",
        "video_url": "https://x/v",
        "thumbnail_url": "https://x/t",
        "title": plain("x"),
    },
    "markdown": {"type": "markdown", "text": "x"},
    "context_actions": {
        "type": "context_actions",
        "elements": [{"type": "icon_button", "action_id": "i", "icon": "trash", "text": plain("x")}],
    },
    "alert": {"type": "alert", "text": plain("x"), "level": "warning"},
    "table": table([cells(1)]),
    "data_table": data_table([cells(1)] * 2),
    "data_visualization": chart(),
    "plan": plan(1),
    "task_card": {"type": "task_card", "task_id": "1", "title": "t", "status": "complete"},
    "card": card(),
    "carousel": {"type": "carousel", "elements": [card()]},
    "container": {"type": "container", "child_blocks": [section()]},
}
EVERYWHERE = {"section", "header", "divider", "context", "actions", "image", "input", "rich_text", "video"}
IN_MESSAGES = set(ONE_OF_EACH) - {"alert"}
IN_MODALS = EVERYWHERE | {"alert"}
IN_HOMES = EVERYWHERE | {"table"}


def test_every_block_of_the_checks_is_tried() -> None:
    assert set(ONE_OF_EACH) == {*BLOCKS, "container"}


@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_where_a_block_may_stand(kind: str) -> None:
    block = ONE_OF_EACH[kind]
    assert message_code(block) == (None if kind in IN_MESSAGES else "invalid_blocks")
    assert view_code(modal(block)) == (None if kind in IN_MODALS else "invalid_arguments")
    home = {"type": "home", "blocks": [block]}
    assert view_code(home, "home") == (None if kind in IN_HOMES else "invalid_arguments")


@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_a_field_that_slack_does_not_know_is_refused(kind: str) -> None:
    assert message_code({**ONE_OF_EACH[kind], "colour": "red"}) == "invalid_blocks"


@pytest.mark.parametrize("kind", ["", "banner", None, 5])
def test_a_block_that_slack_does_not_know_is_refused(kind: object) -> None:
    assert message_code({"type": kind}) == "invalid_blocks"
    assert view_code(modal({"type": kind})) == "invalid_arguments"


@pytest.mark.parametrize("level", ["default", "info", "warning", "error", "success"])
def test_an_alert_has_one_of_five_levels(level: str) -> None:
    assert view_code(modal({"type": "alert", "text": plain("x"), "level": level})) is None
    assert view_code(modal({"type": "alert", "text": plain("x"), "level": f"{level}!"})) is not None
