"""Every limit the playground enforces: one table with Slack's number, its error code and where it is written.

Sources: M = Slack's per-method reference, B = its Block Kit reference, SDK = slack_sdk's models,
DATA / PROG = Slack's guidance for data display and progress, U = no public number found; ours is cautious.
Blocks that break a limit give `invalid_blocks` in messages and `invalid_arguments` in views.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """`number` is the largest value that Slack accepts, in characters where the name says no unit."""

    name: str
    number: int
    code: str
    source: str


BLOCKS = "invalid_blocks"
VIEWS = "invalid_arguments"

# Time
ACK_S = Limit("ack of an envelope, seconds", 3, "operation_timeout", "docs.slack.dev, bolt-python#434")
TRIGGER_S = Limit("trigger_id, seconds", 3, "expired_trigger_id", "M views.open")
TRIGGER_USES = Limit("trigger_id, uses", 1, "exchanged_trigger_id", "M views.open")
RESPONSE_URL_USES = Limit("response_url, uses", 5, "used_url", "docs.slack.dev, handling interaction")
RESPONSE_URL_S = Limit("response_url, seconds", 1800, "expired_url", "docs.slack.dev, handling interaction")
EVENT_RETRIES = Limit("event delivery, retries", 3, "timeout", "bolt-python#845")
EVENTS_PER_HOUR = Limit("events an hour", 30_000, "app_rate_limited", "api.slack.com/events/app_rate_limited")
SOCKETS = Limit("sockets per app", 10, "too_many_websockets", "node-slack-sdk#1654")

# Messages
MESSAGE_BLOCKS = Limit("blocks in a message", 50, BLOCKS, "B")
MESSAGE_TEXT = Limit("text of a message (longer is cut)", 40_000, "message_truncated", "M chat.postMessage")
UPDATE_TEXT = Limit("text in chat.update", 4_000, "msg_too_long", "M chat.update")
BLOCK_TEXT_SUM = Limit(
    "text of all blocks of a message", 11_000, "msg_blocks_too_long", "bolt-js#2509, #2867"
)
MARKDOWN_TEXT = Limit(
    "markdown_text; markdown blocks of a message", 12_000, "msg_too_long", "M chat.postMessage"
)
ATTACHMENTS = Limit("attachments", 100, "too_many_attachments", "M chat.postMessage")
METADATA = Limit("metadata, bytes of JSON", 16_000, "metadata_too_large", "U")
STREAM_S = Limit(
    "a streamed message, seconds", 300, "message_not_in_streaming_state", "U; seen to end after 306 s"
)
CHUNK_TEXT = Limit("title, details, output of a streamed chunk", 256, "invalid_chunks", "M chat.startStream")
PINS = Limit("pins of a channel", 100, "too_many_pins", "U")
BOOKMARKS = Limit("bookmarks of a channel", 100, "too_many_bookmarks", "M bookmarks.add")
REACTIONS = Limit("reactions of a message", 50, "too_many_emoji", "M reactions.add")

# Views
VIEW_BLOCKS = Limit("blocks in a view", 100, VIEWS, "M views.open")
VIEW_TITLE = Limit("view title, submit, close", 24, VIEWS, "docs.slack.dev modal views")
PRIVATE_METADATA = Limit("private_metadata", 3_000, VIEWS, "docs.slack.dev modal views")
CALLBACK_ID = Limit("callback_id", 255, VIEWS, "docs.slack.dev modal views")
EXTERNAL_ID = Limit("external_id", 255, VIEWS, "docs.slack.dev modal views")
VIEW_BYTES = Limit("view, bytes of JSON", 250_000, "view_too_large", "M views.open")
VIEW_STACK = Limit("views in a stack", 3, "push_limit_reached", "M views.push")

# Blocks and composition objects
BLOCK_ID = Limit("block_id", 255, BLOCKS, "B")
ACTION_ID = Limit("action_id", 255, BLOCKS, "B")
SECTION_TEXT = Limit("section.text", 3_000, BLOCKS, "B")
SECTION_FIELDS = Limit("section.fields, items", 10, BLOCKS, "B")
SECTION_FIELD = Limit("section.fields, each", 2_000, BLOCKS, "B")
HEADER_TEXT = Limit("header.text", 150, BLOCKS, "B")
CONTEXT_ELEMENTS = Limit("context.elements, items", 10, BLOCKS, "B")
CONTEXT_TEXT = Limit("context text, each", 3_000, BLOCKS, "B")
CONTEXT_ACTIONS = Limit("context_actions.elements, items", 5, BLOCKS, "B")
ACTIONS_ELEMENTS = Limit("actions.elements, items", 25, BLOCKS, "B")
IMAGE_URL = Limit("image_url", 3_000, BLOCKS, "B")
IMAGE_ALT = Limit("alt_text", 2_000, BLOCKS, "B")
IMAGE_TITLE = Limit("image title", 2_000, BLOCKS, "B")
INPUT_LABEL = Limit("input.label, input.hint", 2_000, BLOCKS, "B")
ALERT_TEXT = Limit("alert.text", 200, VIEWS, "B")
CONFIRM_TITLE = Limit("confirm.title", 100, BLOCKS, "B")
CONFIRM_TEXT = Limit("confirm.text", 300, BLOCKS, "B")
CONFIRM_BUTTON = Limit("confirm.confirm, confirm.deny", 30, BLOCKS, "B")

# Elements
BUTTON_TEXT = Limit("button.text", 75, BLOCKS, "B")
BUTTON_VALUE = Limit("button.value", 2_000, BLOCKS, "B")
BUTTON_URL = Limit("button.url", 3_000, BLOCKS, "B")
BUTTON_LABEL = Limit("button.accessibility_label", 75, BLOCKS, "B")
PLACEHOLDER = Limit("placeholder", 150, BLOCKS, "B")
OPTION_TEXT = Limit("option.text", 75, BLOCKS, "B")
OPTION_VALUE = Limit("option.value", 150, BLOCKS, "B")
OPTION_DESCRIPTION = Limit("option.description", 75, BLOCKS, "B")
OPTION_GROUP_LABEL = Limit("option group label", 75, BLOCKS, "B")
SELECT_OPTIONS = Limit("select.options, items", 100, BLOCKS, "B")
OPTION_GROUPS = Limit("select.option_groups, items", 100, BLOCKS, "B")
OVERFLOW_OPTIONS = Limit("overflow.options, items", 5, BLOCKS, "B")
CHOICES = Limit("radio and checkbox options, items", 10, BLOCKS, "B")
INPUT_LENGTH = Limit("plain_text_input.max_length", 3_000, BLOCKS, "B")
FILE_INPUT_FILES = Limit("file_input.max_files", 10, VIEWS, "B")
MIN_QUERY_LENGTH = Limit("external_select.min_query_length, default", 3, BLOCKS, "B")

# Tables and charts
TABLES = Limit("tables in a message", 1, BLOCKS, "DATA")
TABLE_ROWS = Limit("table.rows", 100, BLOCKS, "B")
TABLE_COLUMNS = Limit("table columns", 20, BLOCKS, "B")
TABLE_TEXT = Limit("text of all tables of a message", 10_000, BLOCKS, "B")
DATA_TABLE_ROWS = Limit("data_table.rows with the header", 201, BLOCKS, "B")
DATA_TABLE_COLUMNS = Limit("data_table columns", 20, BLOCKS, "B")
DATA_TABLE_TEXT = Limit("text of all data tables of a message", 20_000, BLOCKS, "B")
DATA_TABLE_PAGE = Limit("data_table.page_size", 100, BLOCKS, "B")
CHARTS = Limit("data_visualization blocks in a message", 2, BLOCKS, "B")
CHART_TITLE = Limit("data_visualization.title", 50, BLOCKS, "B")
CHART_SERIES = Limit("chart series", 12, BLOCKS, "B")
CHART_POINTS = Limit("chart points per series", 20, BLOCKS, "B")
CHART_NAME = Limit("chart names and labels", 20, BLOCKS, "B")
CHART_AXIS = Limit("chart axis labels", 50, BLOCKS, "B")
PLAN_CARDS = Limit("plan.tasks, items", 50, BLOCKS, "PROG")
CAROUSEL_ELEMENTS = Limit("carousel.elements, items", 10, BLOCKS, "B")
CONTAINER_CHILDREN = Limit("container children, items", 10, BLOCKS, "B")
CARD_TITLE = Limit("card.title, card.subtitle", 150, BLOCKS, "B")
CARD_BODY = Limit("card.body", 200, BLOCKS, "B")
VIDEO_TITLE = Limit("video.title, video.description", 200, BLOCKS, "SDK")
CARD_ACTIONS = Limit("card.actions, items", 3, BLOCKS, "B")

# Files
FILE_ALT = Limit("alt_txt of a file", 1_000, "invalid_arguments", "M files.getUploadURLExternal")
SNIPPET_BYTES = Limit("snippet, bytes", 1_048_576, "snippet_too_large", "M files.getUploadURLExternal")
FILE_BYTES = Limit("file, bytes", 1_073_741_824, "file_too_large", "M files.getUploadURLExternal")

# Rates: calls of each method per app and workspace; more give HTTP 429 with Retry-After.
TIER_2 = Limit("tier 2, calls a minute", 20, "ratelimited", "docs.slack.dev rate limits")
TIER_3 = Limit("tier 3, calls a minute", 50, "ratelimited", "docs.slack.dev rate limits")
TIER_4 = Limit("tier 4, calls a minute", 100, "ratelimited", "docs.slack.dev rate limits")
POSTS_PER_S = Limit("chat.postMessage, a second and channel", 1, "ratelimited", "docs.slack.dev rate limits")
POST_BURST = Limit(
    "chat.postMessage, burst per channel", 3, "ratelimited", "U; Slack says only “short bursts”"
)
POSTS_PER_MINUTE = Limit(
    "chat.postMessage, a minute and workspace", 300, "ratelimited", "U; Slack says “several hundred”"
)


def table() -> tuple[Limit, ...]:
    """All limits in the order above, for the documentation and the tests."""
    return tuple(value for value in globals().values() if isinstance(value, Limit))
