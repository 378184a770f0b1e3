"""The newer blocks: plans and task cards, cards, carousels, containers, video, icon and feedback buttons."""

from bot.playground import limits
from bot.playground.checks.elements import BUTTON
from bot.playground.checks.rich_text import RICH_TEXT
from bot.playground.checks.schema import (
    Check,
    Problems,
    anything,
    array,
    boolean,
    by_type,
    enum,
    record,
    string,
)
from bot.playground.checks.texts import (
    ACTION_ID,
    BLOCK_ID,
    CONFIRM,
    IMAGE_ELEMENT,
    any_text,
    plain_text,
)

_BLOCK: dict[str, Check] = {"type": string(), "block_id": BLOCK_ID}
_URL = string(at_most=limits.BUTTON_URL, at_least=1)

ICON_BUTTON = record(
    {
        "type": string(),
        "action_id": ACTION_ID,
        "icon": string(at_least=1),
        "text": plain_text(limits.BUTTON_TEXT),
        "accessibility_label": string(at_most=limits.BUTTON_LABEL),
        "value": string(at_most=limits.BUTTON_VALUE),
        "visible_to_user_ids": array(string()),
        "confirm": CONFIRM,
    },
    required=("icon", "text"),
)
_FEEDBACK = record(
    {
        "text": plain_text(limits.BUTTON_TEXT),
        "value": string(at_most=limits.BUTTON_VALUE),
        "accessibility_label": string(at_most=limits.BUTTON_LABEL),
    },
    required=("text", "value"),
)
FEEDBACK_BUTTONS = record(
    {"type": string(), "action_id": ACTION_ID, "positive_button": _FEEDBACK, "negative_button": _FEEDBACK},
    required=("positive_button", "negative_button"),
)

SOURCES = array(record({"type": string(), "url": _URL, "text": string()}, required=("url", "text")))
_TASK: dict[str, Check] = {
    **_BLOCK,
    "task_id": string(at_least=1),
    "title": string(at_least=1),
    "details": RICH_TEXT,
    "output": RICH_TEXT,
    "sources": SOURCES,
}
TASK_CARD = record(
    {**_TASK, "status": enum("in_progress", "complete", "error")}, required=("task_id", "title")
)
_TASK_IN_PLAN = record(
    {**_TASK, "status": enum("pending", "in_progress", "complete", "error")},
    required=("task_id", "title"),
)


def _distinct_task_ids(value: object, at: str, problems: Problems) -> None:
    assert isinstance(value, dict)
    tasks = value.get("tasks")
    names = (
        [task.get("task_id") for task in tasks if isinstance(task, dict)] if isinstance(tasks, list) else []
    )
    if len(set(map(str, names))) < len(names):
        problems.add(f"{at}/tasks", "Input contains duplicate items")


PLAN = record(
    {
        **_BLOCK,
        "title": string(at_least=1),
        "tasks": array(by_type({"task_card": _TASK_IN_PLAN}), at_most=limits.PLAN_CARDS.number),
    },
    required=("title",),
    also=(_distinct_task_ids,),
)

CARD = record(
    {
        **_BLOCK,
        "hero_image": IMAGE_ELEMENT,
        "icon": IMAGE_ELEMENT,
        "slack_icon": anything,
        "title": any_text(limits.CARD_TITLE),
        "subtitle": any_text(limits.CARD_TITLE),
        "body": any_text(limits.CARD_BODY),
        "actions": array(by_type({"button": BUTTON}), at_most=limits.CARD_ACTIONS.number),
    }
)
CAROUSEL = record(
    {
        **_BLOCK,
        "elements": array(by_type({"card": CARD}), at_least=1, at_most=limits.CAROUSEL_ELEMENTS.number),
    },
    required=("elements",),
)


def container(child: Check) -> Check:
    """A container of blocks; `child` says which blocks it may hold."""
    return record(
        {
            **_BLOCK,
            "title": plain_text(limits.CARD_TITLE),
            "rich_text_title": RICH_TEXT,
            "subtitle": plain_text(limits.CARD_TITLE),
            "child_blocks": array(child, at_least=1, at_most=limits.CONTAINER_CHILDREN.number),
            "width": enum("narrow", "standard", "wide", "full"),
            "icon": IMAGE_ELEMENT,
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
        required=("child_blocks",),
    )


VIDEO = record(
    {
        **_BLOCK,
        "alt_text": string(at_least=1),
        "video_url": string(at_least=1, pattern="^https://"),
        "thumbnail_url": string(at_least=1),
        "title": plain_text(limits.VIDEO_TITLE),
        "title_url": string(pattern="^https://"),
        "description": plain_text(limits.VIDEO_TITLE),
        "provider_icon_url": string(),
        "provider_name": string(),
        "author_name": string(),
    },
    required=("alt_text", "video_url", "thumbnail_url", "title"),
)
