"""Slack gives a block_id and an action_id to what comes without one, and text objects their defaults."""

import copy
import secrets

from bot.playground.checks.blocks import elements_of
from bot.playground.records import Json


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy of the blocks in which every block and every element a person can act on has its id."""
    named = copy.deepcopy(blocks)
    for block in named:
        block.setdefault("block_id", _short_id())
        for element in elements_of(block):
            if element.get("type") != "image":
                element.setdefault("action_id", _short_id())
        _fill_texts(block)
    return named


def _short_id() -> str:
    return secrets.token_urlsafe(4)[:5]


def _fill_texts(value: object) -> None:
    if isinstance(value, list):
        for item in value:
            _fill_texts(item)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str):
            if value.get("type") == "plain_text":
                value.setdefault("emoji", True)
            elif value.get("type") == "mrkdwn":
                value.setdefault("verbatim", False)
        for item in value.values():
            _fill_texts(item)
