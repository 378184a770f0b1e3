"""Blocks: their shapes, and which of them a message, a modal or a Home tab may hold."""

from collections import Counter
from collections.abc import Iterator, Sequence

from bot.playground import limits
from bot.playground.checks import cards, tables
from bot.playground.checks.elements import ACTIONS, BUTTON, INPUTS, SECTION_ACCESSORIES, only
from bot.playground.checks.rich_text import RICH_TEXT
from bot.playground.checks.schema import (
    Check,
    Problems,
    array,
    at_least_one_of,
    boolean,
    by_type,
    enum,
    exactly_one_of,
    record,
    string,
)
from bot.playground.checks.texts import BLOCK_ID, IMAGE_ELEMENT, IMAGE_FIELDS, any_text, plain_text
from bot.playground.records import Json

_BLOCK: dict[str, Check] = {"type": string(), "block_id": BLOCK_ID}


def _one_action_id(value: object, at: str, problems: Problems) -> None:
    """An action_id must be unique inside its block."""
    assert isinstance(value, dict)
    elements = value.get("elements")
    names: set[str] = set()
    for index, element in enumerate(elements if isinstance(elements, list) else ()):
        name = element.get("action_id") if isinstance(element, dict) else None
        if isinstance(name, str) and name in names:
            problems.add(
                f"{at}/elements/{index}/action_id", f"`action_id` {name} already exists in this block"
            )
        elif isinstance(name, str):
            names.add(name)


_SECTION = record(
    {
        **_BLOCK,
        "text": any_text(limits.SECTION_TEXT),
        "fields": array(any_text(limits.SECTION_FIELD), at_least=1, at_most=limits.SECTION_FIELDS.number),
        "accessory": by_type(only(SECTION_ACCESSORIES)),
        "expand": boolean,
    },
    also=(at_least_one_of("text", "fields"),),
)
_CONTEXT_TEXT = any_text(limits.CONTEXT_TEXT)
_CONTEXT = record(
    {
        **_BLOCK,
        "elements": array(
            by_type({"image": IMAGE_ELEMENT, "plain_text": _CONTEXT_TEXT, "mrkdwn": _CONTEXT_TEXT}),
            at_least=1,
            at_most=limits.CONTEXT_ELEMENTS.number,
        ),
    },
    required=("elements",),
)
_ACTIONS = record(
    {
        **_BLOCK,
        "elements": array(by_type(only(ACTIONS)), at_least=1, at_most=limits.ACTIONS_ELEMENTS.number),
    },
    required=("elements",),
    also=(_one_action_id,),
)
_IMAGE = record(
    {**_BLOCK, **IMAGE_FIELDS, "title": plain_text(limits.IMAGE_TITLE)},
    required=("alt_text",),
    also=(exactly_one_of("image_url", "slack_file"),),
)
_INPUT = record(
    {
        **_BLOCK,
        "label": plain_text(limits.INPUT_LABEL),
        "element": by_type(only(INPUTS)),
        "hint": plain_text(limits.INPUT_LABEL),
        "optional": boolean,
        "dispatch_action": boolean,
    },
    required=("label", "element"),
)
_CONTEXT_ACTIONS = record(
    {
        **_BLOCK,
        "elements": array(
            by_type({"icon_button": cards.ICON_BUTTON, "feedback_buttons": cards.FEEDBACK_BUTTONS}),
            at_least=1,
            at_most=limits.CONTEXT_ACTIONS.number,
        ),
    },
    required=("elements",),
    also=(_one_action_id,),
)
_ALERT = record(
    {
        **_BLOCK,
        "text": any_text(limits.ALERT_TEXT),
        "level": enum("default", "info", "warning", "error", "success"),
    },
    required=("text",),
)

BLOCKS: dict[str, Check] = {
    "section": _SECTION,
    "header": record({**_BLOCK, "text": plain_text(limits.HEADER_TEXT)}, required=("text",)),
    "divider": record(_BLOCK),
    "context": _CONTEXT,
    "actions": _ACTIONS,
    "image": _IMAGE,
    "input": _INPUT,
    "rich_text": RICH_TEXT,
    "video": cards.VIDEO,
    "markdown": record(
        {**_BLOCK, "text": string(at_most=limits.MARKDOWN_TEXT, at_least=1)}, required=("text",)
    ),
    "context_actions": _CONTEXT_ACTIONS,
    "alert": _ALERT,
    "table": tables.TABLE,
    "data_table": tables.data_table(BUTTON),
    "data_visualization": tables.DATA_VISUALIZATION,
    "plan": cards.PLAN,
    "task_card": cards.TASK_CARD,
    "card": cards.CARD,
    "carousel": cards.CAROUSEL,
}
_EVERYWHERE = frozenset(
    {"section", "header", "divider", "context", "actions", "image", "input", "rich_text", "video"}
)
_IN_MESSAGES = _EVERYWHERE | (frozenset(BLOCKS) - {"alert"})
_IN_CONTAINERS = _IN_MESSAGES - {"input"}
MESSAGE_BLOCK = by_type(
    {
        **{name: BLOCKS[name] for name in sorted(_IN_MESSAGES)},
        "container": cards.container(by_type({name: BLOCKS[name] for name in sorted(_IN_CONTAINERS)})),
    }
)
MODAL_BLOCK = by_type({name: BLOCKS[name] for name in sorted(_EVERYWHERE | {"alert"})})
HOME_BLOCK = by_type({name: BLOCKS[name] for name in sorted(_EVERYWHERE | {"table"})})


def distinct_block_ids(blocks: Sequence[object], at: str, problems: Problems) -> None:
    names = [block.get("block_id") if isinstance(block, dict) else None for block in blocks]
    for name, times in Counter(name for name in names if isinstance(name, str)).items():
        if times > 1:
            index = len(names) - 1 - names[::-1].index(name)
            problems.add(f"{at}/{index}/block_id", f"`block_id` {name} already exists")


def placed_elements(block: Json) -> Iterator[tuple[Json, Json]]:
    """Every element with the block it stands in; a nested block without an id goes by the one around it."""
    children = _children(block)
    for child in children:
        yield from placed_elements({"block_id": block.get("block_id"), **child})
    if not children:
        yield from ((block, element) for element in elements_of(block))


def _children(block: Json) -> list[Json]:
    name = {"container": "child_blocks", "carousel": "elements"}.get(str(block.get("type")))
    return list(block.get(name) or ()) if name else []


def elements_of(block: Json) -> Iterator[Json]:
    """Every element of a block that a person can act on."""
    kind = block.get("type")
    if kind in ("actions", "context_actions"):
        yield from block.get("elements", ())
    elif kind == "section" and block.get("accessory"):
        yield block["accessory"]
    elif kind == "input":
        yield block["element"]
    elif kind == "card":
        yield from block.get("actions", ())
    elif kind == "data_table":
        cells = (cell for row in block.get("rows", ()) for cell in row)
        yield from (cell["element"] for cell in cells if cell.get("type") == "action_cell")
    else:
        for child in _children(block):
            yield from elements_of(child)
