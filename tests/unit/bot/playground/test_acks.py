"""What an app says in its ack: Slack shows it, or the person reads that something went wrong."""

import pytest

from bot.playground.errors import PersonError
from bot.playground.records import Json
from tests.unit.bot.playground.app import People
from tests.unit.bot.playground.builders import EXPERIMENTS, input_block, modal, plain, section, text_input


@pytest.fixture
def people() -> People:
    return People()


@pytest.mark.parametrize(
    "ack",
    [
        {"text": "hi"},
        {"response_type": "in_channel", "text": "hi", "blocks": [section()]},
        {"attachments": [{"color": "#36a64f", "text": "hi", "ts": 1_700_000_000}]},
    ],
)
def test_a_command_may_be_answered(people: People, ack: Json) -> None:
    people.app.acks = [ack]
    people.run(people.acting.command("UKAI", EXPERIMENTS, "/x", ""))
    seen = [*people.workspace.messages.in_channel(EXPERIMENTS), *people.workspace.messages.ephemerals]
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("ack", "said"),
    [
        ({"txt": "hi"}, "unsupported: txt"),
        ({"response_type": "channel", "text": "hi"}, "response_type 'channel'"),
        ({"text": ["hi"]}, "text must be a string"),
        ({"blocks": [section("x" * 3_001)]}, "must be less than 3001 characters"),
        ({"blocks": {"type": "section"}}, "blocks must be an array of objects"),
        ({"attachments": [{"colour": "red"}]}, "invalid additional property: colour"),
        ({"attachments": [{"color": "red"}]}, "/attachments/0/color"),
        ({"attachments": [{"text": "x", "ts": "today"}]}, "/attachments/0/ts"),
    ],
)
def test_an_answer_that_slack_could_not_show(people: People, ack: Json, said: str) -> None:
    people.app.acks = [ack]
    with pytest.raises(PersonError) as caught:
        people.run(people.acting.command("UKAI", EXPERIMENTS, "/x", ""))
    assert (caught.value.code, caught.value.status) == ("invalid_ack", 502)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("ack", "said"),
    [
        ({"text": "saved"}, "unsupported: text"),
        ({"errors": {"b": "no"}}, "errors without response_action"),
        ({"response_action": "errors", "errors": {"other": "no"}}, "must name input blocks"),
        ({"response_action": "errors", "errors": {"b": ""}}, "the error of b must be a text"),
        ({"response_action": "errors", "errors": {"b": ["no"]}}, "the error of b must be a text"),
        ({"response_action": "errors"}, "must name input blocks"),
        ({"response_action": "dance"}, "dance"),
        ({"response_action": "update", "view": modal(title=plain("x" * 25))}, "less than 25"),
    ],
)
def test_a_submission_that_is_acked_wrongly(people: People, ack: Json, said: str) -> None:
    view = people.open(modal(input_block(text_input())), user="UKAI")
    people.app.acks = [ack]
    with pytest.raises(PersonError) as caught:
        people.run(people.forms.submit("UKAI", view["id"], {"b": {"a": {"value": "x"}}}))
    assert caught.value.code == "invalid_ack"
    assert "We had some trouble connecting" in caught.value.message
    assert said in caught.value.message
    assert people.workspace.views.stack("UKAI")
