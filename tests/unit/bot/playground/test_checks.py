"""What Slack refuses besides sizes: unknown fields, missing fields, wrong places, duplicates."""

from typing import Any

import pytest

from bot.playground.records import Json
from tests.unit.bot.playground.builders import (
    actions,
    button,
    input_block,
    message_code,
    message_problems,
    modal,
    mrkdwn,
    option,
    options,
    plain,
    rich_text,
    section,
    text_input,
    view_code,
)

PREFORMATTED = {
    "type": "rich_text_preformatted",
    "language": "diff",
    "border": 0,
    "elements": [{"type": "text", "text": "+ a"}],
}
EVERY_INLINE: list[Json] = [
    {"type": "text", "text": "x", "style": {"bold": True, "code": True}},
    {"type": "link", "url": "https://x.invalid", "text": "x"},
    {"type": "user", "user_id": "U1"},
    {"type": "usergroup", "usergroup_id": "S1"},
    {"type": "channel", "channel_id": "C1"},
    {"type": "emoji", "name": "tada"},
    {"type": "broadcast", "range": "here"},
    {"type": "date", "timestamp": 1, "format": "{date}"},
    {"type": "color", "value": "#fff"},
]


def element(kind: str, **rest: Any) -> Json:
    return {"type": kind, "action_id": "e", **rest}


TAKEN: dict[str, list[Json]] = {
    "plain section": [{"type": "section", "text": plain("x")}],
    "fields without text": [{"type": "section", "fields": [mrkdwn("x")]}],
    "divider": [{"type": "divider"}],
    "rich_text with language": [{"type": "rich_text", "elements": [PREFORMATTED]}],
    "rich_text with every inline": [rich_text(*EVERY_INLINE)],
    "rich_text list": [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "indent": 1,
                    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
                },
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": "x"}]},
            ],
        }
    ],
    "image by file": [{"type": "image", "slack_file": {"id": "F1"}, "alt_text": "plot"}],
    "the same action_id in two blocks": [actions(button(), block_id="a"), actions(button(), block_id="b")],
    "table with settings": [
        {
            "type": "table",
            "rows": [[{"type": "raw_text", "text": "x"}, {"type": "raw_number", "value": 1.5}]],
            "column_settings": [None, {"align": "right", "is_wrapped": True}],
        }
    ],
    "data table with a button": [
        {
            "type": "data_table",
            "caption": "c",
            "rows": [
                [{"type": "raw_text", "text": "x"}],
                [{"type": "action_cell", "element": button()}],
            ],
        }
    ],
    "every select": [
        section(accessory=element(kind))
        for kind in (
            "users_select",
            "conversations_select",
            "channels_select",
            "external_select",
            "datepicker",
        )
    ],
}
REFUSED: dict[str, tuple[Json, str]] = {
    "null": (section(accessory=None), "must provide an object [json-pointer:/blocks/0/accessory]"),
    "an unknown block": ({"type": "sektion"}, "unsupported type: sektion [json-pointer:/blocks/0/type]"),
    "no type": ({"text": plain("x")}, "missing required field: type [json-pointer:/blocks/0]"),
    "an unknown field": (
        section(colour="red"),
        "invalid additional property: colour [json-pointer:/blocks/0]",
    ),
    "an empty text": (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    "neither text nor fields": ({"type": "section"}, "missing required field: text [json-pointer:/blocks/0]"),
    "mrkdwn in a header": (
        {"type": "header", "text": mrkdwn("x")},
        "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
    ),
    "a text that is a string": (
        {"type": "section", "text": "x"},
        "must provide an object [json-pointer:/blocks/0/text]",
    ),
    "two equal action_ids in a block": (
        actions(button("go"), button("go")),
        "`action_id` go already exists in this block [json-pointer:/blocks/0/elements/1/action_id]",
    ),
    "an unknown style": (
        actions(button(style="green")),
        "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]",
    ),
    "an input in a section": (
        section(accessory=text_input()),
        "unsupported type: plain_text_input [json-pointer:/blocks/0/accessory/type]",
    ),
    "an alert in a message": (
        {"type": "alert", "text": plain("x")},
        "unsupported type: alert [json-pointer:/blocks/0/type]",
    ),
    "an image without alt text": (
        {"type": "image", "image_url": "https://x.invalid"},
        "missing required field: alt_text [json-pointer:/blocks/0]",
    ),
    "an image that is not there": (
        {"type": "image", "slack_file": {"id": "F9"}, "alt_text": "x"},
        "invalid slack file [json-pointer:/blocks/0/slack_file]",
    ),
    "an initial option that is none": (
        section(accessory=element("static_select", options=options(2), initial_option=option("7"))),
        "must match an option in options or option_groups [json-pointer:/blocks/0/accessory/initial_option]",
    ),
    "an empty rich text": (
        rich_text({"type": "text", "text": ""}),
        "must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]",
    ),
    "a ragged data table": (
        {
            "type": "data_table",
            "caption": "c",
            "rows": [[{"type": "raw_text", "text": "x"}], [{"type": "raw_text", "text": "x"}] * 2],
        },
        "all rows must have the same number of cells [json-pointer:/blocks/0/rows/1]",
    ),
    "a pending task outside a plan": (
        {"type": "task_card", "task_id": "1", "title": "t", "status": "pending"},
        "must be a valid enum value [json-pointer:/blocks/0/status]",
    ),
}


@pytest.mark.parametrize("blocks", TAKEN.values(), ids=TAKEN)
def test_taken(blocks: list[Json]) -> None:
    assert message_code(*blocks) is None, message_problems(*blocks)


@pytest.mark.parametrize(("block", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_with_the_place(block: Json, message: str) -> None:
    assert message_code(block) == "invalid_blocks"
    assert f"[ERROR] {message}" in message_problems(block)


def test_two_blocks_with_one_block_id_are_refused() -> None:
    assert message_problems(section(block_id="a"), section(block_id="a")) == [
        "[ERROR] `block_id` a already exists [json-pointer:/blocks/1/block_id]"
    ]


def test_a_chart_needs_a_point_for_every_category() -> None:
    points = [{"label": "1", "value": 2}]
    chart = {
        "type": "line",
        "series": [{"name": "s", "data": points}],
        "axis_config": {"categories": ["1", "2"]},
    }
    assert message_code({"type": "data_visualization", "title": "t", "chart": chart}) == "invalid_blocks"


VIEWS: dict[str, tuple[Json, str | None]] = {
    "a modal": (modal(input_block(text_input())), None),
    "an alert": (modal({"type": "alert", "text": plain("x"), "level": "warning"}), None),
    "an input without submit": (modal(input_block(text_input()), submit=None), "invalid_arguments"),
    "no title": (modal(title=None), "invalid_arguments"),
    "no blocks": ({"type": "modal", "title": plain("x"), "blocks": []}, "invalid_arguments"),
    "a table": (modal({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}), "invalid_arguments"),
    "a markdown block": (modal({"type": "markdown", "text": "x"}), "invalid_arguments"),
    "a home as a modal": ({"type": "home", "blocks": [section()]}, "invalid_arguments"),
    "an unknown field": (modal(width="wide"), "invalid_arguments"),
    "two inputs with one block_id": (
        modal(input_block(text_input(), "a"), input_block(text_input(), "a")),
        "invalid_arguments",
    ),
    "a text longer than it may be": (
        modal(input_block(text_input(max_length=2, initial_value="abc"))),
        "invalid_arguments",
    ),
}


@pytest.mark.parametrize(("view", "code"), VIEWS.values(), ids=VIEWS)
def test_modals(view: Json, code: str | None) -> None:
    assert view_code(view) == code


def test_a_home_has_no_submit_button() -> None:
    assert view_code({"type": "home", "blocks": [section()]}, "home") is None
    assert (
        view_code({"type": "home", "blocks": [section()], "submit": plain("x")}, "home")
        == "invalid_arguments"
    )


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ({"type": "datepicker", "initial_date": "2024-02-29"}, None),
        ({"type": "datepicker", "initial_date": "2026-02-29"}, "invalid_blocks"),
        ({"type": "datepicker", "initial_date": "29.2.2024"}, "invalid_blocks"),
        ({"type": "timepicker", "initial_time": "23:59"}, None),
        ({"type": "timepicker", "initial_time": "24:01"}, "invalid_blocks"),
        ({"type": "number_input", "is_decimal_allowed": True, "min_value": "-1.5", "max_value": "3"}, None),
        ({"type": "number_input", "is_decimal_allowed": False, "min_value": "1.5"}, "invalid_blocks"),
        ({"type": "number_input", "is_decimal_allowed": False, "min_value": "few"}, "invalid_blocks"),
        (
            {"type": "number_input", "is_decimal_allowed": False, "min_value": "5", "max_value": "3"},
            "invalid_blocks",
        ),
        (
            {"type": "number_input", "is_decimal_allowed": False, "min_value": "5", "initial_value": "3"},
            "invalid_blocks",
        ),
    ],
)
def test_dates_times_and_numbers_are_read(element: Json, code: str | None) -> None:
    assert message_code(input_block({"action_id": "a", **element})) == code


def test_one_element_of_a_view_has_the_focus() -> None:
    first = input_block(text_input(focus_on_load=True), "a")
    second = input_block(text_input(focus_on_load=True), "b")
    assert view_code(modal(first)) is None
    assert view_code(modal(first, second)) == "invalid_arguments"
