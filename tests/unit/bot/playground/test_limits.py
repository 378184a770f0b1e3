"""Every limit of the table: n is taken, n + 1 is refused with Slack's code."""

from collections.abc import Callable

import pytest

from bot.playground import limits
from bot.playground.limits import Limit
from bot.playground.records import Message
from tests.unit.bot.playground.attempts import (
    bookmarks,
    calls,
    card,
    cells,
    chart,
    choices,
    confirm,
    cut_text,
    data_table,
    events,
    image,
    long_texts,
    message,
    metadata_of,
    pins,
    plan,
    posts,
    posts_everywhere,
    reactions,
    response_url,
    select,
    stacked,
    streamed,
    streamed_for,
    table,
    trigger_after,
    trigger_used,
    update,
    upload,
    view_of_bytes,
)
from tests.unit.bot.playground.builders import (
    EXPERIMENTS,
    Stage,
    actions,
    button,
    input_block,
    message_code,
    modal,
    mrkdwn,
    option,
    options,
    plain,
    rich_text,
    section,
    sections_with,
    text_input,
    view_code,
)

Attempt = Callable[[int], str | None]


CASES: dict[Limit, Attempt] = {
    limits.TRIGGER_S: trigger_after,
    limits.TRIGGER_USES: trigger_used,
    limits.RESPONSE_URL_USES: lambda n: response_url(uses=n),
    limits.RESPONSE_URL_S: lambda n: response_url(after_s=n),
    limits.MESSAGE_BLOCKS: lambda n: message_code(*[section()] * n),
    limits.MESSAGE_TEXT: cut_text,
    limits.UPDATE_TEXT: lambda n: update(text="x" * n),
    limits.BLOCK_TEXT_SUM: lambda n: message_code(*sections_with(n)),
    limits.MARKDOWN_TEXT: lambda n: message(markdown_text="x" * n, text=None),
    limits.ATTACHMENTS: lambda n: message(attachments=[{"text": "x"}] * n),
    limits.METADATA: lambda n: message(metadata=metadata_of(n)),
    limits.REACTIONS: reactions,
    limits.STREAM_S: streamed_for,
    limits.CHUNK_TEXT: lambda n: streamed(
        {"type": "task_update", "id": "1", "title": "x" * n, "status": "pending"}
    ),
    limits.PINS: pins,
    limits.BOOKMARKS: bookmarks,
    limits.VIEW_BLOCKS: lambda n: view_code(modal(*[section()] * n)),
    limits.VIEW_TITLE: lambda n: view_code(modal(title=plain("x" * n))),
    limits.PRIVATE_METADATA: lambda n: view_code(modal(private_metadata="x" * n)),
    limits.CALLBACK_ID: lambda n: view_code(modal(callback_id="x" * n)),
    limits.EXTERNAL_ID: lambda n: view_code(modal(external_id="x" * n)),
    limits.VIEW_BYTES: view_of_bytes,
    limits.VIEW_STACK: stacked,
    limits.BLOCK_ID: lambda n: message_code(section(block_id="x" * n)),
    limits.ACTION_ID: lambda n: message_code(actions(button("x" * n))),
    limits.SECTION_TEXT: lambda n: message_code(section("x" * n)),
    limits.SECTION_FIELDS: lambda n: message_code({"type": "section", "fields": [plain("x")] * n}),
    limits.SECTION_FIELD: lambda n: message_code({"type": "section", "fields": [plain("x" * n)]}),
    limits.HEADER_TEXT: lambda n: message_code({"type": "header", "text": plain("x" * n)}),
    limits.CONTEXT_ELEMENTS: lambda n: message_code({"type": "context", "elements": [mrkdwn("x")] * n}),
    limits.CONTEXT_TEXT: lambda n: message_code({"type": "context", "elements": [mrkdwn("x" * n)]}),
    limits.CONTEXT_ACTIONS: lambda n: message_code(
        {
            "type": "context_actions",
            "elements": [
                {"type": "icon_button", "action_id": str(i), "icon": "trash", "text": plain("x")}
                for i in range(n)
            ],
        }
    ),
    limits.ACTIONS_ELEMENTS: lambda n: message_code(actions(*(button(str(i)) for i in range(n)))),
    limits.IMAGE_URL: lambda n: message_code(image(image_url="https://x/" + "x" * (n - 10))),
    limits.IMAGE_ALT: lambda n: message_code(image(alt_text="x" * n)),
    limits.IMAGE_TITLE: lambda n: message_code(image(title=plain("x" * n))),
    limits.INPUT_LABEL: lambda n: message_code(input_block(text_input(), hint=plain("x" * n))),
    limits.ALERT_TEXT: lambda n: view_code(modal({"type": "alert", "text": plain("x" * n)})),
    limits.CONFIRM_TITLE: lambda n: message_code(confirm(title=plain("x" * n))),
    limits.CONFIRM_TEXT: lambda n: message_code(confirm(text=mrkdwn("x" * n))),
    limits.CONFIRM_BUTTON: lambda n: message_code(confirm(deny=plain("x" * n))),
    limits.BUTTON_TEXT: lambda n: message_code(actions(button(text=plain("x" * n)))),
    limits.BUTTON_VALUE: lambda n: message_code(actions(button(value="x" * n))),
    limits.BUTTON_URL: lambda n: message_code(actions(button(url="x" * n))),
    limits.BUTTON_LABEL: lambda n: message_code(actions(button(accessibility_label="x" * n))),
    limits.PLACEHOLDER: lambda n: message_code(input_block(text_input(placeholder=plain("x" * n)))),
    limits.OPTION_TEXT: lambda n: message_code(select(options=[option(text=plain("x" * n))])),
    limits.OPTION_VALUE: lambda n: message_code(select(options=[option("x" * n, text=plain("x"))])),
    limits.OPTION_DESCRIPTION: lambda n: message_code(select(options=[option(description=plain("x" * n))])),
    limits.OPTION_GROUP_LABEL: lambda n: message_code(
        select(option_groups=[{"label": plain("x" * n), "options": options(1)}])
    ),
    limits.SELECT_OPTIONS: lambda n: message_code(select(options=options(n))),
    limits.OPTION_GROUPS: lambda n: message_code(
        select(option_groups=[{"label": plain("x"), "options": options(1)}] * n)
    ),
    limits.OVERFLOW_OPTIONS: lambda n: message_code(choices("overflow", n)),
    limits.CHOICES: lambda n: (
        message_code(choices("radio_buttons", n)) or message_code(choices("checkboxes", n))
    ),
    limits.INPUT_LENGTH: lambda n: message_code(input_block(text_input(max_length=n))),
    limits.FILE_INPUT_FILES: lambda n: view_code(
        modal(input_block({"type": "file_input", "action_id": "f", "max_files": n}))
    ),
    limits.TABLES: lambda n: message_code(*[table([cells(1)])] * n),
    limits.TABLE_ROWS: lambda n: message_code(table([cells(1)] * n)),
    limits.TABLE_COLUMNS: lambda n: message_code(table([cells(n)])),
    limits.TABLE_TEXT: lambda n: message_code(table(long_texts(n))),
    limits.DATA_TABLE_ROWS: lambda n: message_code(data_table([cells(1)] * n)),
    limits.DATA_TABLE_COLUMNS: lambda n: message_code(data_table([cells(n)] * 2)),
    limits.DATA_TABLE_TEXT: lambda n: message_code(data_table(long_texts(n))),
    limits.DATA_TABLE_PAGE: lambda n: message_code(data_table([cells(1)] * 2, page_size=n)),
    limits.CHARTS: lambda n: message_code(*[chart()] * n),
    limits.CHART_TITLE: lambda n: message_code(chart(title="x" * n)),
    limits.CHART_SERIES: lambda n: message_code(chart(series=n)),
    limits.CHART_POINTS: lambda n: message_code(chart(points=n)),
    limits.CHART_NAME: lambda n: message_code(chart(name="x" * n)),
    limits.CHART_AXIS: lambda n: message_code(chart(axes={"x_label": "x" * n})),
    limits.PLAN_CARDS: lambda n: message_code(plan(n)),
    limits.CAROUSEL_ELEMENTS: lambda n: message_code({"type": "carousel", "elements": [card()] * n}),
    limits.CONTAINER_CHILDREN: lambda n: message_code({"type": "container", "child_blocks": [section()] * n}),
    limits.CARD_TITLE: lambda n: message_code(card(title=plain("x" * n))),
    limits.CARD_BODY: lambda n: message_code(card(body=mrkdwn("x" * n))),
    limits.CARD_ACTIONS: lambda n: message_code(card(actions=[button(str(i)) for i in range(n)])),
    limits.VIDEO_TITLE: lambda n: message_code(
        {
            "type": "video",
            "alt_text": "v",
            "video_url": "https://x/v",
            "thumbnail_url": "https://x/t",
            "title": plain("x" * n),
        }
    ),
    limits.FILE_ALT: lambda n: upload(alt_txt="x" * n),
    limits.SNIPPET_BYTES: lambda n: upload(length=n, snippet_type="diff"),
    limits.FILE_BYTES: lambda n: upload(length=n),
    limits.TIER_2: lambda n: calls("users.list", n),
    limits.TIER_3: lambda n: calls("chat.update", n, channel=EXPERIMENTS, text="x"),
    limits.TIER_4: lambda n: calls("users.info", n, user="UANA"),
    limits.POST_BURST: posts,
    limits.POSTS_PER_MINUTE: posts_everywhere,
    limits.EVENTS_PER_HOUR: events,
}
HELD_ELSEWHERE = {
    limits.ACK_S: "tests/service: an app that does not ack",
    limits.EVENT_RETRIES: "test_delivery",
    limits.SOCKETS: "tests/service: eleven sockets",
    limits.MIN_QUERY_LENGTH: "test_forms",
    limits.POSTS_PER_S: "test_rates",
}


@pytest.mark.parametrize(("limit", "attempt"), CASES.items(), ids=[limit.name for limit in CASES])
def test_the_limit_itself_is_taken_and_one_more_is_refused(limit: Limit, attempt: Attempt) -> None:
    assert attempt(limit.number) is None
    assert attempt(limit.number + 1) == limit.code


def test_every_limit_of_the_table_is_held_by_a_test() -> None:
    assert set(limits.table()) == set(CASES) | set(HELD_ELSEWHERE)


def test_tables_and_markdown_count_apart_from_other_text() -> None:
    blocks = [*sections_with(limits.BLOCK_TEXT_SUM.number), table(long_texts(limits.TABLE_TEXT.number))]
    assert message_code(*blocks) is None
    assert message_code(*blocks, section("x")) == "msg_blocks_too_long"


def test_rich_text_counts_as_text() -> None:
    at_limit = rich_text({"type": "text", "text": "x" * limits.BLOCK_TEXT_SUM.number})
    assert message_code(at_limit) is None
    assert message_code(at_limit, section("x")) == "msg_blocks_too_long"


def test_a_refused_post_leaves_no_message() -> None:
    stage = Stage()
    stage.code("chat.postMessage", channel=EXPERIMENTS, blocks=[section("x" * 3001)])
    left: list[Message] = list(stage.workspace.messages.in_channel(EXPERIMENTS))
    assert left == []
