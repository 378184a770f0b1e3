"""Modals and Home tabs."""

import json
from collections.abc import Iterator

from bot.playground import limits
from bot.playground.checks.blocks import HOME_BLOCK, MODAL_BLOCK, distinct_block_ids
from bot.playground.checks.schema import Check, Facts, Problems, array, boolean, enum, record, string
from bot.playground.checks.texts import plain_text
from bot.playground.errors import SlackError
from bot.playground.records import Json

_TITLE = plain_text(limits.VIEW_TITLE)
_COMMON: dict[str, Check] = {
    "type": string(),
    "private_metadata": string(at_most=limits.PRIVATE_METADATA),
    "callback_id": string(at_most=limits.CALLBACK_ID),
    "external_id": string(at_most=limits.EXTERNAL_ID),
}


def _submit_where_needed(value: object, at: str, problems: Problems) -> None:
    assert isinstance(value, dict)
    blocks = value.get("blocks")
    kinds = (
        [block.get("type") for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    )
    if "input" in kinds and value.get("submit") is None:
        problems.add(at, "missing required field: submit")


_MODAL = record(
    {
        **_COMMON,
        "type": enum("modal"),
        "title": _TITLE,
        "submit": _TITLE,
        "close": _TITLE,
        "blocks": array(MODAL_BLOCK, at_most=limits.VIEW_BLOCKS.number, at_least=1),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
    required=("title", "blocks"),
    also=(_submit_where_needed,),
)
_HOME = record(
    {
        **_COMMON,
        "type": enum("home"),
        "blocks": array(HOME_BLOCK, at_most=limits.VIEW_BLOCKS.number),
    },
    required=("blocks",),
)


def _focus_once(value: object, problems: Problems) -> None:
    """Only one element of a view may have the focus when it opens."""
    focused = sum(element.get("focus_on_load") is True for element in _elements(value))
    if focused > 1:
        problems.add("/view/blocks", "only one element can have focus_on_load set to true")


def _elements(value: object) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _elements(item)
    elif isinstance(value, list):
        for item in value:
            yield from _elements(item)


def check_view(view: object, kind: str, facts: Facts) -> Json:
    """The view, when Slack would take it as a `modal` or a `home`; SlackError otherwise."""
    problems = Problems(facts)
    (_MODAL if kind == "modal" else _HOME)(view, "/view", problems)
    if isinstance(view, dict) and isinstance(view.get("blocks"), list):
        distinct_block_ids(view["blocks"], "/view/blocks", problems)
        _focus_once(view["blocks"], problems)
    if isinstance(view, dict) and "type" not in view:
        problems.add("/view", "missing required field: type")
    if problems.messages:
        raise SlackError("invalid_arguments", *problems.messages)
    assert isinstance(view, dict)
    if len(json.dumps(view, ensure_ascii=False).encode(errors="surrogatepass")) > limits.VIEW_BYTES.number:
        raise SlackError(limits.VIEW_BYTES.code)
    return view
