"""Whatever an app sends, the checks answer with a refusal, never with an accident."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.playground.errors import SlackError
from bot.playground.records import Json
from tests.unit.bot.playground.builders import (
    EXPERIMENTS,
    Stage,
    actions,
    button,
    input_block,
    message_code,
    modal,
    options,
    rich_text,
    section,
    text_input,
    view_code,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "elements", "id"]), inner, max_size=3)
    ),
    max_leaves=6,
)
CELL = {"type": "raw_text", "text": "x"}
POINT = {"label": "1", "value": 2}
CHART = {
    "type": "line",
    "series": [{"name": "s", "data": [POINT]}],
    "axis_config": {"categories": ["1"], "x_label": "x"},
}
WHOLE: list[Json] = [
    section(
        accessory={
            "type": "static_select",
            "action_id": "s",
            "options": options(2),
            "initial_option": options(1)[0],
        }
    ),
    section(
        accessory={
            "type": "checkboxes",
            "action_id": "c",
            "options": options(2),
            "initial_options": options(1),
        }
    ),
    actions(button("a", value="1"), button("b"), block_id="x"),
    rich_text({"type": "text", "text": "x", "style": {"bold": True}}),
    input_block(text_input(min_length=1, max_length=2, initial_value="x"), "i"),
    {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x"},
    {"type": "table", "rows": [[CELL]], "column_settings": [None]},
    {"type": "data_table", "caption": "c", "rows": [[CELL], [{"type": "action_cell", "element": button()}]]},
    {"type": "data_visualization", "title": "t", "chart": CHART},
    {"type": "plan", "title": "p", "tasks": [{"type": "task_card", "task_id": "1", "title": "t"}]},
    {"type": "container", "child_blocks": [section()]},
    {"type": "carousel", "elements": [{"type": "card", "actions": [button()]}]},
]


def places(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every node below `value`."""
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path for key, item in inner for path in ((*at, key), *places(item, (*at, key)))]


def replaced(block: Json, path: tuple[str | int, ...], new: object) -> Json:
    changed = copy.deepcopy(block)
    node: Any = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = new
    return changed


def test_the_blocks_before_they_are_damaged_are_taken() -> None:
    assert message_code(*WHOLE) is None


@given(st.data())
def test_a_damaged_block_is_taken_or_refused(data: st.DataObject) -> None:
    block = data.draw(st.sampled_from(WHOLE))
    path = data.draw(st.sampled_from(places(block)))
    damaged = replaced(block, path, data.draw(JSON))
    assert message_code(damaged) in (None, "invalid_blocks", "msg_blocks_too_long")
    assert view_code(modal(damaged)) in (None, "invalid_arguments")


@given(JSON)
def test_anything_as_blocks_attachments_view_or_metadata(value: object) -> None:
    stage = Stage()
    for name in ("blocks", "attachments", "metadata"):
        answer = stage.call("chat.postMessage", channel=EXPERIMENTS, text="x", **{name: value})
        assert isinstance(answer.body["ok"], bool)
        stage.clock.now += 1
    assert isinstance(stage.call("views.open", trigger_id=stage.trigger(), view=value).body["ok"], bool)


@given(st.lists(JSON, max_size=3))
def test_anything_as_the_blocks_of_a_view(blocks: list[object]) -> None:
    stage = Stage()
    view = modal() | {"blocks": blocks}
    assert stage.call("views.open", trigger_id=stage.trigger(), view=view).body["ok"] in (False, True)


def test_slack_errors_show_code_and_messages() -> None:
    assert str(SlackError("invalid_blocks", "a", "b")) == "invalid_blocks: a; b"
