"""Slack's limits, checked twice: by our own numbers, and by the playground's strict checks."""

from collections.abc import Iterator

from bot.messages import budget
from bot.messages.message import Block, Message
from bot.playground.checks.messages import check_blocks
from bot.playground.checks.schema import Facts
from bot.playground.checks.views import check_view

KNOWN = Facts(image_is_ready=lambda _file_id: True)


def assert_sendable(message: Message) -> None:
    """Slack takes the message, both as a new one and as an edit."""
    assert message.text.strip()
    assert len(message.text) <= budget.TEXT_OF_EDIT
    assert len(message.blocks) <= budget.BLOCKS_IN_MESSAGE
    assert sum(map(len, _texts(message.blocks))) <= budget.TEXT_OF_BLOCKS
    check_blocks(message.blocks, KNOWN)
    for text in [message.text, *_mrkdwn(message.blocks)]:
        assert "<!channel>" not in text
        assert "<@" not in text
        assert "\u202e" not in text


def assert_openable(view: Block) -> None:
    """Slack takes the modal or the Home tab."""
    check_view(view, str(view["type"]), KNOWN)


def all_text(message: Message) -> str:
    return "\n".join(_texts(message.blocks))


def action_ids(message: Message) -> list[str]:
    return [str(node["action_id"]) for node in _nodes(message.blocks) if "action_id" in node]


def _texts(value: object) -> Iterator[str]:
    for node in _nodes(value):
        if isinstance(node.get("text"), str):
            yield str(node["text"])


def _mrkdwn(value: object) -> Iterator[str]:
    for node in _nodes(value):
        if node.get("type") == "mrkdwn":
            yield str(node["text"])


def _nodes(value: object) -> Iterator[Block]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _nodes(item)
