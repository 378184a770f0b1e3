"""Builders of the input blocks and elements of our modals. Pure."""

from collections.abc import Sequence

from pydantic import JsonValue

from bot.messages import budget
from bot.messages.escape import one_line, typed
from bot.messages.message import Block

OPTION_DESCRIPTION = 75


def plain_text(text: str, limit: int) -> Block:
    """Words as they are: `:tada:` stays letters."""
    return {"type": "plain_text", "text": budget.head(text, limit), "emoji": False}


def option(text: str, value: str, description: str = "") -> Block:
    """An option of a select; `text` and `description` are shown as they are, `value` comes back."""
    made: Block = {
        "text": plain_text(one_line(text) or "-", budget.OPTION_TEXT),
        "value": value[: budget.OPTION_VALUE],
    }
    if description:
        made["description"] = plain_text(one_line(description), OPTION_DESCRIPTION)
    return made


def block(
    block_id: str,
    label: str,
    element: Block,
    *,
    hint: str = "",
    optional: bool = False,
    dispatch: bool = False,
) -> Block:
    """An input block. `dispatch`: its changes are sent while the person types."""
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, budget.LABEL),
        "element": element,
        "optional": optional,
    }
    if hint:
        made["hint"] = plain_text(hint, budget.LABEL)
    if dispatch:
        made["dispatch_action"] = True
    return made


def text(
    action_id: str,
    *,
    initial: str = "",
    placeholder: str = "",
    multiline: bool = False,
    limit: int = budget.INPUT,
    dispatch: bool = False,
) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": action_id, "max_length": limit}
    if multiline:
        element["multiline"] = True
    if initial:
        element["initial_value"] = typed(initial)[:limit]
    return _typed(element, placeholder, dispatch=dispatch)


def number(action_id: str, *, initial: str, least: int, most: int, dispatch: bool = False) -> Block:
    """A whole number, as the text of its digits."""
    element: Block = {
        "type": "number_input",
        "action_id": action_id,
        "is_decimal_allowed": False,
        "min_value": str(least),
        "max_value": str(most),
    }
    if initial.isascii() and initial.isdigit():
        element["initial_value"] = initial
    return _typed(element, "", dispatch=dispatch)


def url(action_id: str, *, initial: str, placeholder: str) -> Block:
    element: Block = {"type": "url_text_input", "action_id": action_id}
    if initial:
        element["initial_value"] = typed(initial)
    return _typed(element, placeholder, dispatch=False)


def external(action_id: str, placeholder: str, initial: Block | None = None) -> Block:
    """A typeahead that asks us for options, from the first click on."""
    element: Block = {
        "type": "external_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, budget.PLACEHOLDER),
        "min_query_length": 0,
    }
    if initial is not None:
        element["initial_option"] = initial
    return element


def select(action_id: str, options: Sequence[Block], chosen: str) -> Block:
    """A short list; `chosen` is the value that is selected at first."""
    initial = next(made for made in options if made["value"] == chosen)
    return {
        "type": "static_select",
        "action_id": action_id,
        "options": list(options),
        "initial_option": initial,
    }


def checkbox(action_id: str, label: str, value: str, *, checked: bool, description: str = "") -> Block:
    made = option(label, value, description)
    element: Block = {"type": "checkboxes", "action_id": action_id, "options": [made]}
    if checked:
        element["initial_options"] = [made]
    return element


def person(action_id: str, placeholder: str, chosen: str | None) -> Block:
    element: Block = {
        "type": "users_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, budget.PLACEHOLDER),
    }
    if chosen:
        element["initial_user"] = chosen
    return element


def channel(action_id: str, placeholder: str, chosen: str | None) -> Block:
    """A public or private channel; never a direct message."""
    element: Block = {
        "type": "conversations_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, budget.PLACEHOLDER),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if chosen:
        element["initial_conversation"] = chosen
    return element


def modal(
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str | None,
    close: str = "Cancel",
    metadata: str = "",
) -> Block:
    view: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain_text(title, budget.VIEW_TITLE),
        "close": plain_text(close, budget.VIEW_BUTTON),
        "blocks": list(blocks),
        "private_metadata": metadata,
    }
    if submit is not None:
        view["submit"] = plain_text(submit, budget.VIEW_BUTTON)
    return view


def _typed(element: Block, placeholder: str, *, dispatch: bool) -> Block:
    if placeholder:
        element["placeholder"] = plain_text(placeholder, budget.PLACEHOLDER)
    if dispatch:
        triggers: list[JsonValue] = ["on_character_entered"]
        element["dispatch_action_config"] = {"trigger_actions_on": triggers}
    return element
