"""What the playground's client makes of messages and views."""

from typing import Any

import pytest

from bot.cli.playground_seen import Button, SeenMessage, SeenView


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


BUTTONS = {
    "type": "actions",
    "block_id": "decision",
    "elements": [
        {"type": "button", "action_id": "approve", "text": plain("Approve"), "value": "42"},
        {"type": "static_select", "action_id": "pick", "options": []},
    ],
}
MESSAGE: dict[str, Any] = {
    "ts": "1.2",
    "channel": "C1",
    "user": "U1",
    "text": "E-42",
    "blocks": [
        {"type": "section", "block_id": "s", "text": plain("Hypothesis")},
        {"type": "image", "block_id": "i", "alt_text": "a plot", "slack_file": {"id": "F2"}},
        BUTTONS,
    ],
    "attachments": [{"color": "#0f0", "blocks": [{"type": "section", "text": plain("more")}]}],
    "files": [{"id": "F1"}],
}


def test_a_message_can_be_read() -> None:
    message = SeenMessage(MESSAGE)
    assert message.words.splitlines() == ["E-42", "Hypothesis", "a plot", "Approve", "more"]
    assert message.file_ids == ("F1", "F2")
    assert (message.edits, message.metadata) == (0, {})


def test_a_button_is_found_by_its_action_id() -> None:
    message = SeenMessage(MESSAGE)
    assert message.button("approve") == Button("approve", "decision", "Approve", "42")
    assert message.has_button("approve")
    assert not message.has_button("reject")
    with pytest.raises(LookupError, match="no button 'reject'; there are \\['approve'\\]"):
        message.button("reject")


def test_a_field_of_a_form_is_found_by_its_action_id() -> None:
    element = {"type": "plain_text_input", "action_id": "objective"}
    accessory = {"type": "button", "action_id": "more", "text": plain("More")}
    blocks = [
        {"type": "input", "block_id": "b1", "element": element},
        {"type": "section", "block_id": "b2", "accessory": accessory},
    ]
    view = SeenView({"id": "V1", "blocks": blocks, "title": plain("Contract"), "state": {"values": {}}})
    assert (view.title, view.state) == ("Contract", {})
    assert (view.input_block("objective"), view.input_block("more")) == ("b1", "b2")
    with pytest.raises(LookupError, match="no element 'seeds'"):
        view.input_block("seeds")
