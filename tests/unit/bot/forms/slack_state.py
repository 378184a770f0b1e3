"""Acts as Slack would: what a person types into a view becomes the state that Slack sends back."""

from bot.messages.message import Block


def element(view: Block, name: str) -> Block:
    """The input element of a field. Raises KeyError where the view does not show it."""
    return _blocks(view)[name]["element"]  # type: ignore[return-value]  # an input block's


def shows(view: Block, name: str) -> bool:
    return name in _blocks(view)


def filled_in(view: Block, **typed: str | bool | None) -> Block:
    """The view with its state: initial values, and over them what was typed."""
    values: Block = {}
    for name, block in _blocks(view).items():
        made = block["element"]
        assert isinstance(made, dict)
        entry = _initial(made)
        if name in typed:
            entry = _typed(made, typed[name])
        values[str(block["block_id"])] = {name: entry}
    missing = set(typed) - set(_blocks(view))
    assert not missing, f"the form does not show {missing}"
    return {**view, "state": {"values": values}}


def _blocks(view: Block) -> dict[str, Block]:
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    inputs = [block for block in blocks if isinstance(block, dict) and block["type"] == "input"]
    return {str(block["element"]["action_id"]): block for block in inputs}  # type: ignore[index,call-overload]  # raw JSON


def _initial(made: Block) -> Block:
    kind = made["type"]
    if kind in {"external_select", "static_select"}:
        return {"type": kind, "selected_option": made.get("initial_option")}
    if kind == "checkboxes":
        return {"type": kind, "selected_options": made.get("initial_options", [])}
    if kind == "users_select":
        return {"type": kind, "selected_user": made.get("initial_user")}
    if kind == "conversations_select":
        return {"type": kind, "selected_conversation": made.get("initial_conversation")}
    return {"type": kind, "value": made.get("initial_value")}


def _typed(made: Block, value: str | bool | None) -> Block:
    kind = made["type"]
    if kind in {"external_select", "static_select"}:
        return {"type": kind, "selected_option": None if value is None else {"value": value}}
    if kind == "checkboxes":
        return {"type": kind, "selected_options": [{"value": "yes"}] if value else []}
    if kind == "users_select":
        return {"type": kind, "selected_user": value}
    if kind == "conversations_select":
        return {"type": kind, "selected_conversation": value}
    return {"type": kind, "value": value}
