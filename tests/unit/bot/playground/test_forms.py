"""Modals in people's hands: typing, options, submitting, closing, and what the app's ack does."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.playground.errors import PersonError
from bot.playground.records import Json
from tests.unit.bot.playground.app import People
from tests.unit.bot.playground.builders import (
    EXPERIMENTS,
    actions,
    button,
    input_block,
    modal,
    option,
    options,
    plain,
    section,
    text_input,
)

WHOLE = {"type": "number_input", "action_id": "a", "is_decimal_allowed": False}
PARENT = {"type": "external_select", "action_id": "parent", "min_query_length": 0}


@pytest.fixture
def people() -> People:
    return People()


def refused(doing: Callable[[], object], code: str) -> PersonError:
    with pytest.raises(PersonError) as caught:
        doing()
    assert caught.value.code == code, caught.value
    return caught.value


def submit(people: People, view: Json, **values: Any) -> Json:
    """Fill in the element `a` of each named block and submit."""
    state = {block_id: {"a": {"value": value}} for block_id, value in values.items()}
    return people.run(people.forms.submit("UANA", view["id"], state))


def stack(people: People) -> list[str]:
    return [view.id for view in people.workspace.views.stack("UANA")]


def test_a_submission_carries_what_was_typed_and_closes(people: People) -> None:
    view = people.open(modal(input_block(text_input()), private_metadata="m", callback_id="form"))
    assert submit(people, view, b="hello") == {"response_action": None, "closed": [view["id"]]}
    payload = people.app.last
    assert (people.app.received[0][0], payload["type"]) == ("interactive", "view_submission")
    assert payload["view"]["state"]["values"] == {"b": {"a": {"type": "plain_text_input", "value": "hello"}}}
    assert (payload["view"]["callback_id"], payload["view"]["private_metadata"]) == ("form", "m")
    assert payload["response_urls"] == []
    assert stack(people) == []


def test_a_required_field_is_asked_for_before_anything_is_sent(people: People) -> None:
    view = people.open(modal(input_block(text_input()), input_block(text_input(), "free", optional=True)))
    error = refused(lambda: submit(people, view), "invalid_input")
    assert error.errors == {"b": "Please complete this required field."}
    assert people.app.received == []


@pytest.mark.parametrize(
    ("element", "value", "taken"),
    [
        (text_input(max_length=3), "abcd", False),
        (text_input(min_length=3), "ab", False),
        (text_input(min_length=3), "abc", True),
        (text_input(), "x" * 3001, False),
        (WHOLE, "1.5", False),
        (WHOLE | {"is_decimal_allowed": True}, "1.5", True),
        (
            {"type": "number_input", "action_id": "a", "is_decimal_allowed": False, "max_value": "5"},
            "6",
            False,
        ),
        (WHOLE | {"min_value": "5"}, 5, True),
        ({"type": "email_text_input", "action_id": "a"}, "ana", False),
        ({"type": "url_text_input", "action_id": "a"}, "https://x.invalid", True),
    ],
)
def test_what_slacks_client_checks_itself(people: People, element: Json, value: object, taken: bool) -> None:
    view = people.open(modal(input_block(element)))
    if taken:
        assert submit(people, view, b=value)["response_action"] is None
    else:
        assert "b" in refused(lambda: submit(people, view, b=value), "invalid_input").errors


@pytest.mark.parametrize(
    ("element", "value", "kept"),
    [
        ({"type": "static_select", "options": options(2)}, "1", {"selected_option": option("1")}),
        ({"type": "radio_buttons", "options": options(2)}, "0", {"selected_option": option("0")}),
        ({"type": "checkboxes", "options": options(2)}, ["0", "1"], {"selected_options": options(2)}),
        ({"type": "users_select"}, "UKAI", {"selected_user": "UKAI"}),
        ({"type": "multi_users_select"}, ["UKAI", "UZOE"], {"selected_users": ["UKAI", "UZOE"]}),
        ({"type": "conversations_select"}, EXPERIMENTS, {"selected_conversation": EXPERIMENTS}),
        ({"type": "datepicker"}, "2026-11-20", {"selected_date": "2026-11-20"}),
        ({"type": "timepicker"}, "09:30", {"selected_time": "09:30"}),
    ],
)
def test_each_kind_of_value(people: People, element: Json, value: object, kept: Json) -> None:
    view = people.open(modal(input_block({**element, "action_id": "a"})))
    submit(people, view, b=value)
    seen = people.app.last["view"]["state"]["values"]["b"]["a"]
    assert seen.pop("type") == element["type"]
    assert without_emoji(seen) == kept


def without_emoji(value: object) -> object:
    if isinstance(value, dict):
        return {name: without_emoji(item) for name, item in value.items() if name != "emoji"}
    return [without_emoji(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("element", "value", "code"),
    [
        ({"type": "static_select", "options": options(2)}, "7", "no_such_option"),
        ({"type": "users_select"}, "UNOBODY", "no_such_choice"),
        ({"type": "conversations_select"}, "C0NONE", "no_such_choice"),
        ({"type": "datepicker"}, "tomorrow", "invalid_value"),
        (PARENT, "1", "no_such_option"),
    ],
)
def test_what_cannot_be_chosen(people: People, element: Json, value: object, code: str) -> None:
    view = people.open(modal(input_block({**element, "action_id": "a"})))
    refused(lambda: submit(people, view, b=value), code)


def ask(people: People, view: Json, typed: str = "") -> Json:
    wanted = {"view_id": view["id"], "block_id": "p", "action_id": "parent", "value": typed}
    return people.run(people.forms.options("UANA", wanted))


def test_options_come_from_the_app_and_can_then_be_chosen(people: People) -> None:
    view = people.open(modal(input_block(PARENT, "p")))
    people.app.acks = [{"options": [option("E-3")]}]
    assert ask(people, view, "cart")["options"] == [option("E-3")]
    payload = people.app.last
    assert (payload["type"], payload["value"]) == ("block_suggestion", "cart")
    assert (payload["action_id"], payload["block_id"]) == ("parent", "p")
    people.run(people.forms.submit("UANA", view["id"], {"p": {"parent": {"value": "E-3"}}}))
    chosen = people.app.last["view"]["state"]["values"]["p"]["parent"]
    assert chosen == {"type": "external_select", "selected_option": option("E-3")}


def test_too_short_a_query_asks_nothing(people: People) -> None:
    without = {name: value for name, value in PARENT.items() if name != "min_query_length"}
    view = people.open(modal(input_block(without, "p")))
    refused(lambda: ask(people, view, "ab"), "query_too_short")
    people.app.acks = [{"options": []}]
    assert ask(people, view, "abc")["options"] == []
    assert len(people.app.received) == 1


def test_more_than_100_options_are_an_error(people: People) -> None:
    view = people.open(modal(input_block(PARENT, "p")))
    people.app.acks = [{"options": options(100)}, {"options": options(101)}, {"nothing": 1}, None]
    assert len(ask(people, view)["options"]) == 100
    refused(lambda: ask(people, view), "invalid_ack")
    refused(lambda: ask(people, view), "invalid_ack")
    refused(lambda: ask(people, view), "operation_timeout")


def test_errors_stay_in_the_form(people: People) -> None:
    view = people.open(modal(input_block(text_input())))
    people.app.acks = [{"response_action": "errors", "errors": {"b": "did you mean learning_rate?"}}]
    answer = submit(people, view, b="learnin_rate")
    assert answer["errors"] == {"b": "did you mean learning_rate?"}
    assert stack(people) == [view["id"]]


def test_an_update_replaces_the_form_and_a_push_covers_it(people: People) -> None:
    view = people.open(modal(input_block(text_input())))
    people.app.acks = [
        {"response_action": "update", "view": modal(section(), title=plain("Two"))},
        {"response_action": "push", "view": modal(title=plain("Three"))},
        {"response_action": "clear"},
    ]
    assert submit(people, view, b="x")["view"]["title"]["text"] == "Two"
    assert submit(people, view)["view"]["title"]["text"] == "Three"
    assert len(stack(people)) == 2
    top = people.workspace.views.stack("UANA")[-1]
    refused(lambda: submit(people, view), "not_on_top")
    people.run(people.forms.submit("UANA", top.id, {}))
    assert stack(people) == []


@pytest.mark.parametrize(
    "ack",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "dance"},
        {"response_action": "dance", "view": modal()},
    ],
)
def test_an_answer_slack_cannot_read_is_trouble(people: People, ack: Json) -> None:
    view = people.open(modal(input_block(text_input())))
    people.app.acks = [ack]
    assert "trouble connecting" in refused(lambda: submit(people, view, b="x"), "invalid_ack").message
    assert stack(people) == [view["id"]]


def test_a_late_ack_keeps_the_form_and_what_was_typed(people: People) -> None:
    view = people.open(modal(input_block(text_input())))
    people.app.acks = [None]
    assert "trouble connecting" in refused(lambda: submit(people, view, b="x"), "operation_timeout").message
    assert submit(people, view)["response_action"] is None
    assert people.app.last["view"]["state"]["values"]["b"]["a"]["value"] == "x"


def act(people: People, view: Json, **wanted: object) -> Json:
    return people.run(people.forms.act("UANA", view["id"], wanted))


def test_typing_tells_the_app_only_with_dispatch_action(people: People) -> None:
    view = people.open(
        modal(input_block(text_input(), "quiet"), input_block(text_input(), "loud", dispatch_action=True))
    )
    assert act(people, view, block_id="quiet", action_id="a", value="1") == {"dispatched": False}
    assert people.app.received == []
    assert act(people, view, block_id="loud", action_id="a", value="2")["dispatched"] is True
    payload = people.app.last
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    assert payload["actions"][0]["value"] == "2"
    values = payload["view"]["state"]["values"]
    assert (values["quiet"]["a"]["value"], values["loud"]["a"]["value"]) == ("1", "2")


def test_the_trigger_of_a_button_in_a_modal_can_push(people: People) -> None:
    view = people.open(modal(actions(button("more"))))
    act(people, view, action_id="more")
    assert people.code("views.push", trigger_id=people.app.last["trigger_id"], view=modal()) is None
    assert len(stack(people)) == 2


def test_closing_tells_the_app_when_it_asked_for_it(people: People) -> None:
    quiet = people.open()
    people.run(close(people))
    told = people.open(modal(notify_on_close=True))
    people.run(close(people))
    (received,) = people.app.received
    assert received[1]["type"] == "view_closed"
    assert (received[1]["view"]["id"], received[1]["is_cleared"]) == (told["id"], False)
    assert quiet["id"] != told["id"]
    refused(lambda: people.run(close(people)), "no_such_view")


async def close(people: People) -> Json:
    return people.forms.close("UANA", None)


def test_other_peoples_forms_cannot_be_touched(people: People) -> None:
    view = people.open()
    refused(lambda: people.run(people.forms.submit("UKAI", view["id"], {})), "no_such_view")


def test_a_channel_select_can_start_where_the_command_came_from(people: People) -> None:
    select = {"type": "conversations_select", "action_id": "a", "default_to_current_conversation": True}
    people.run(people.acting.command("UANA", EXPERIMENTS, "/experiment", ""))
    view = people.ok(
        "views.open",
        trigger_id=people.app.last["trigger_id"],
        view=modal(input_block(select | {"response_url_enabled": True})),
    )["view"]
    assert view["state"]["values"]["b"]["a"]["selected_conversation"] == EXPERIMENTS
    submit(people, view)
    (url,) = people.app.last["response_urls"]
    assert (url["channel_id"], url["block_id"], url["action_id"]) == (EXPERIMENTS, "b", "a")


def test_what_the_app_hears_at_once_is_news_to_the_persons_other_tabs(people: People) -> None:
    field = input_block(text_input()) | {"dispatch_action": True}
    view = people.open(modal(field, actions(button("press"))))
    before = people.workspace.feed.last
    typing = {"block_id": "b", "action_id": "a", "value": "12", "tab": "one"}
    people.run(people.forms.act("UANA", view["id"], typing))
    people.run(people.forms.act("UANA", view["id"], {"action_id": "press"}))
    told = [(entry["kind"], entry.get("tab")) for entry in people.workspace.feed.after(before)]
    assert told == [("view_typed", "one")], "a button fills nothing in"
