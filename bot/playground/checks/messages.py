"""A whole message: its blocks together, attachments, metadata, and the sums of text that Slack counts."""

import json
from collections.abc import Iterator

from bot.playground import limits
from bot.playground.checks.attachments import ATTACHMENT
from bot.playground.checks.blocks import MESSAGE_BLOCK, distinct_block_ids
from bot.playground.checks.schema import Facts, Problems, array
from bot.playground.errors import SlackError
from bot.playground.limits import Limit
from bot.playground.records import Json

_SUMMED_APART = frozenset({"markdown", "table", "data_table", "data_visualization"})
_AT_MOST: tuple[tuple[str, Limit], ...] = (
    ("table", limits.TABLES),
    ("data_table", limits.TABLES),
    ("data_visualization", limits.CHARTS),
)
_TEXT_SUMS: tuple[tuple[str, Limit], ...] = (
    ("markdown", limits.MARKDOWN_TEXT),
    ("table", limits.TABLE_TEXT),
    ("data_table", limits.DATA_TABLE_TEXT),
)


def check_blocks(blocks: list[Json], facts: Facts) -> None:
    """Raises SlackError when Slack would refuse these blocks in a message."""
    problems = Problems(facts)
    _check(blocks, "/blocks", problems)
    _refuse(problems, "invalid_blocks")
    if sum(text_length(block) for block in blocks if block["type"] not in _SUMMED_APART) > (
        limits.BLOCK_TEXT_SUM.number
    ):
        raise SlackError(limits.BLOCK_TEXT_SUM.code)


def check_attachments(attachments: list[Json], facts: Facts) -> None:
    if len(attachments) > limits.ATTACHMENTS.number:
        raise SlackError(limits.ATTACHMENTS.code)
    problems = Problems(facts)
    total = 0
    for index, attachment in enumerate(attachments):
        ATTACHMENT(attachment, f"/attachments/{index}", problems)
        if attachment.get("blocks") is not None:
            _check(attachment["blocks"], f"/attachments/{index}/blocks", problems)
            total += sum(map(text_length, attachment["blocks"]))
    _refuse(problems, "invalid_attachments")
    if total > limits.BLOCK_TEXT_SUM.number:
        raise SlackError(limits.BLOCK_TEXT_SUM.code)


def check_metadata(metadata: Json) -> None:
    """Metadata is `{"event_type", "event_payload"}`, or `{}` to clear it."""
    if not metadata:
        return
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema", "[ERROR] metadata needs event_type and event_payload")
    if set(metadata) - {"event_type", "event_payload"}:
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(metadata).encode()) > limits.METADATA.number:
        raise SlackError(limits.METADATA.code)


def text_length(value: object) -> int:
    """Characters of every `text` string below this value: how people measured what Slack counts."""
    return sum(map(len, _texts(value)))


def has_rich_text(blocks: list[Json]) -> bool:
    return any(block.get("type") == "rich_text" for block in blocks)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "text" and isinstance(item, str):
                yield item
            else:
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _check(blocks: object, at: str, problems: Problems) -> None:
    array(MESSAGE_BLOCK, at_most=limits.MESSAGE_BLOCKS.number)(blocks, at, problems)
    if not isinstance(blocks, list):
        return
    distinct_block_ids(blocks, at, problems)
    if problems.messages:
        return
    for kind, limit in _AT_MOST:
        if sum(block["type"] == kind for block in blocks) > limit.number:
            problems.add(at, f"no more than {limit.number} items allowed: {kind}")
    for kind, limit in _TEXT_SUMS:
        total = sum(text_length(block) for block in blocks if block["type"] == kind)
        if total > limit.number:
            problems.add(at, f"{kind} text must be less than {limit.number + 1} characters")


def _refuse(problems: Problems, code: str) -> None:
    if problems.messages:
        raise SlackError(code, *problems.messages)
